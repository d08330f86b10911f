//go:build linux

package openvpnlab

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/clientprofile"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
	"github.com/pathproof/pathproof/internal/pki/servercert"
	"github.com/pathproof/pathproof/internal/probe/lab"
)

// office is the PKI of the lab's network, and the folder in which the servers' stand-in for AWS finds it.
type office struct {
	*clientprofile.Users
	t       *testing.T
	objects *pkitest.Objects
	secrets *pkitest.Secrets
	folder  string
}

const network = "lab"

func newOffice(t *testing.T) *office {
	t.Helper()
	p, objects, secrets := pkitest.New(t)
	start := time.Now() // of the authority and the first certificates: so long ago that a server's is near its end
	p.Now = func() time.Time { return start.Add(pki.ServerRenew - pki.ServerLife) }
	o := &office{&clientprofile.Users{PKI: p, Network: network, Name: "main"}, t, objects, secrets, t.TempDir()}
	check(t, os.Chmod(o.folder, 0o755))
	_, err := p.Authority(t.Context())
	check(t, err)
	return o
}

// certify makes a server's certificate as the resources Lambda does, and hands everything out. The first one is near its end.
func (o *office) certify(server string) servercert.Facts {
	o.t.Helper()
	facts, err := servercert.Server{PKI: o.PKI, Name: naming.OpenVPNCertificate(network, server), Secrets: o.secrets, Secret: server}.Ensure(o.t.Context(), nil)
	check(o.t, err)
	o.PKI.Now = time.Now
	a, err := o.PKI.Authority(o.t.Context())
	check(o.t, err, o.PKI.Publish(o.t.Context(), a))
	o.handOut()
	return facts
}

// handOut writes what servers can read.
func (o *office) handOut() {
	o.t.Helper()
	write := func(name, text string) {
		file := filepath.Join(o.folder, name)
		check(o.t, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600))
	}
	for name, value := range o.secrets.All() {
		write("secrets/"+filepath.Base(name), value)
	}
	write("objects/pki/main/"+registry.ListKey, o.objects.Text(registry.ListKey))
}

// profile adds a user and returns the file of their profile; without a server it takes any of the network.
func (o *office) profile(user, server string, remotes ...pki.Remote) string {
	o.t.Helper()
	_, err := o.Add(o.t.Context(), user, pki.ClientLife)
	check(o.t, err)
	text, _, err := o.Get(o.t.Context(), user, pki.Profile{Comment: user, Remotes: remotes, ServerName: naming.OpenVPNCertificate(network, server), ServerPrefix: server == ""})
	check(o.t, err)
	file := filepath.Join(o.t.TempDir(), user+".ovpn")
	check(o.t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// client is a running OpenVPN client.
type client struct {
	t   *testing.T
	ns  *lab.Namespace
	log string
	cmd *exec.Cmd
}

// dial starts OpenVPN with a profile, as people do.
func dial(t *testing.T, n *lab.Namespace, profile string, more ...string) *client {
	t.Helper()
	c := &client{t: t, ns: n, log: filepath.Join(t.TempDir(), "client.log")}
	command, args := prompt("openvpn", append([]string{"--config", profile}, more...)...)
	c.cmd = start(t, n, c.log, command, args...)
	return c
}

// said counts a text in the log.
func (c *client) said(text string) int {
	b, _ := os.ReadFile(c.log)
	return strings.Count(string(b), text)
}

// patience is for a machine that is busy with other tests: nothing takes so long by itself.
const patience = 30 * time.Second

const connected = "Initialization Sequence Completed"

// up waits until the client has connected for the nth time.
func (c *client) up(nth int, limit time.Duration) time.Duration {
	c.t.Helper()
	return eventually(c.t, "client connected", limit, func() bool { return c.said(connected) >= nth })
}

func (c *client) stop() {
	c.t.Helper()
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	eventually(c.t, "client ended", 10*time.Second, func() bool { return c.cmd.Process.Signal(syscall.Signal(0)) != nil })
}

// answered measures a target from a namespace with the command line, and returns how many probes of n were answered.
func answered(t *testing.T, n *lab.Namespace, target string, count int) int {
	t.Helper()
	out, err := run(n, program(t), "probe", "run", target, "-n", strconv.Itoa(count), "--interval", "20ms", "--timeout", "1s", "-o", "json")
	var result struct{ Paths []struct{ OK int } }
	if json.Unmarshal([]byte(out), &result) != nil || len(result.Paths) != 1 {
		t.Fatalf("probe run %s: %v: %s", target, err, out)
	}
	return result.Paths[0].OK
}

// reach reports an error unless the target answers through a tunnel.
func reach(t *testing.T, n *lab.Namespace) error {
	t.Helper()
	if got := answered(t, n, "echo://"+target+":7007", 3); got != 3 {
		return fmt.Errorf("the target answered %d of 3 probes", got)
	}
	return nil
}
