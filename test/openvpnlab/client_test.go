//go:build linux

package openvpnlab

import (
	"os"
	"os/exec"
	"path/filepath"
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
	o := &office{&clientprofile.Users{PKI: p, Network: network, Name: "main"}, t, objects, secrets, t.TempDir()}
	check(t, os.Chmod(o.folder, 0o755))
	a, err := p.Authority(t.Context())
	check(t, err, p.Publish(t.Context(), a))
	return o
}

// certify makes a server's certificate as the resources Lambda does, and hands everything out.
func (o *office) certify(server string) servercert.Facts {
	o.t.Helper()
	facts, err := servercert.Server{PKI: o.PKI, Name: naming.OpenVPNCertificate(network, server), Secrets: o.secrets, Secret: server}.Ensure(o.t.Context(), nil)
	check(o.t, err)
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

// profile adds a user and returns the file of their profile.
func (o *office) profile(user, server string, remotes ...pki.Remote) string {
	o.t.Helper()
	_, err := o.Add(o.t.Context(), user, pki.ClientLife)
	check(o.t, err)
	text, _, err := o.Get(o.t.Context(), user, pki.Profile{Comment: user, Remotes: remotes, ServerName: naming.OpenVPNCertificate(network, server)})
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
	c.cmd = start(t, n, c.log, "openvpn", append([]string{"--config", profile}, more...)...)
	return c
}

// said counts a text in the log.
func (c *client) said(text string) int {
	b, _ := os.ReadFile(c.log)
	return strings.Count(string(b), text)
}

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

// probeFrom measures targets from a namespace with the command line.
func probeFrom(t *testing.T, n *lab.Namespace, args ...string) (string, error) {
	t.Helper()
	return run(n, program(t), append([]string{"probe", "run"}, args...)...)
}
