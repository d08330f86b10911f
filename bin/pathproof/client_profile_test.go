package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/clientprofile"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/topology"
)

// desk runs client-profile on the reference network, with a PKI in memory.
type desk struct {
	t       *testing.T
	secrets *pkitest.Secrets
	objects *pkitest.Objects
	open    openPKI
	config  string
	vpn     *fakeVPN
	said    strings.Builder
}

func newDesk(t *testing.T) *desk {
	p, objects, secrets := pkitest.New(t)
	pkitest.WithClientVPN(t, p)
	d := &desk{t: t, secrets: secrets, objects: objects, config: "../../pathproof.yaml", vpn: &fakeVPN{}}
	d.open = func(_ context.Context, _ string, plan *topology.Plan, chosen *topology.PKI) (*pkiAccess, error) {
		hosts := map[string]string{naming.OpenVPNParameter(plan.Name, "seoul"): "192.0.2.10", naming.AcceleratorParameter(plan.Name, "edge"): "a1.awsglobalaccelerator.com",
			naming.ClientVPNParameter(plan.Name, "home"): "cvpn-endpoint-1", naming.ClientVPNParameter(plan.Name, "partners"): "cvpn-endpoint-2"}
		if chosen.ClientVPNKeyAlias == "" {
			p.ConnectClientVPN = nil
		}
		return &pkiAccess{&clientprofile.Users{PKI: p, Network: plan.Name, Name: chosen.Name}, func(_ context.Context, region, parameter string) (string, error) {
			if hosts[parameter] == "" {
				return "", &notDeployed{parameter, region}
			}
			return hosts[parameter], nil
		}, func(region string) clientVPNs { return d.vpn.in(region) }}, nil
	}
	t.Cleanup(func() {
		for _, value := range secrets.All() {
			if _, key, ok := strings.Cut(value, `BEGIN PRIVATE KEY-----\n`); ok && strings.Contains(d.said.String(), key[:40]) {
				t.Error("a key was printed")
			}
		}
	})
	return d
}

// run runs the command and returns its exit status and what it wrote. It is for what prints no key.
func (d *desk) run(args ...string) (int, string) {
	d.t.Helper()
	code, stdout, stderr := d.raw(args...)
	d.said.WriteString(stdout + stderr)
	return code, stdout + stderr
}

func (d *desk) raw(args ...string) (int, string, string) {
	var stdout, stderr bytes.Buffer
	root := newRoot(&stdout, &stderr)
	for _, c := range root.Commands() {
		if c.Name() == "client-profile" {
			root.RemoveCommand(c)
		}
	}
	root.AddCommand(newClientProfile(d.open))
	root.SetArgs(append([]string{"client-profile"}, append(args, "--config", d.config)...))
	code := finish(d.t.Context(), root, &stderr)
	return code, stdout.String(), stderr.String()
}

func (d *desk) want(code int, text string, args ...string) {
	d.t.Helper()
	if got, out := d.run(args...); got != code || !strings.Contains(out, text) {
		d.t.Errorf("client-profile %s: status %d: %s\nwant %d and %q", strings.Join(args, " "), got, out, code, text)
	}
}

func TestClientProfile_AddGetRevoke(t *testing.T) {
	d := newDesk(t)
	file := filepath.Join(t.TempDir(), "alice.ovpn")
	d.want(exitOK, "alice  added until ", "add", "alice")
	d.want(exitOK, "alice  in already until ", "add", "alice")
	d.want(exitOK, file, "get", "alice", "--server", "openvpn/seoul", "--out", file)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v; want a file that nobody else can read", info, err)
	}
	text, err := os.ReadFile(file)
	remotes := "remote 192.0.2.10 1194 tcp4-client\nremote a1.awsglobalaccelerator.com 1194 tcp4-client\n"
	if err != nil || !strings.Contains(string(text), remotes) || !strings.Contains(string(text), "verify-x509-name reference-openvpn-seoul name\n") {
		t.Errorf("got %v and ways:\n%s", err, strings.Split(string(text), "<ca>")[0])
	}
	if code, stdout, stderr := d.raw("get", "alice", "--server", "openvpn/seoul", "--out", "-", "--through", "accelerator/edge/seoul"); code != exitOK || stderr != "" ||
		strings.Contains(stdout, "192.0.2.10") || !strings.Contains(stdout, "remote a1.awsglobalaccelerator.com 1194") {
		t.Errorf("status %d, stderr %s", code, stderr)
	}
	d.want(exitOK, "alice  in until ", "list")
	d.want(exitOK, "alice  revoked\n", "revoke", "alice")
	d.want(exitOK, "alice  revoked already\n", "revoke", "alice")
	d.want(exitOK, "alice  revoked on ", "list")
	d.want(exitInput, "user alice: revoked on ", "get", "alice", "--server", "openvpn/seoul")
}

func TestClientProfile_WrongInput(t *testing.T) {
	d := newDesk(t)
	d.want(exitOK, "added", "add", "alice")
	d.want(exitInput, "one user is expected, got 0", "add")
	d.want(exitInput, `user: not a name, got "Alice"`, "add", "Alice")
	d.want(exitInput, "--days: out of range, got 0", "add", "alice", "--days", "0")
	d.want(exitInput, `--pki: unknown, got "x"; name one of main`, "list", "--pki", "x")
	d.want(exitInput, "--server: missing, and there are several; name one of ", "get", "alice")
	d.want(exitInput, `--server: unknown, got "x"`, "get", "alice", "--server", "x")
	d.want(exitInput, `no way is left by --through "x"`, "get", "alice", "--server", "openvpn/seoul", "--through", "x")
	d.want(exitInput, "user bob: nobody of that name was ever added", "revoke", "bob")
	d.want(exitInput, "no argument is expected", "list", "alice")
	d.want(exitOther, "not there", "get", "alice", "--server", "openvpn/tokyo")
}

func TestClientProfile_MissingPermission(t *testing.T) {
	d := newDesk(t)
	d.secrets.Before = func(call, name string) error {
		if call == "Put" {
			return &awsstore.Denied{Action: "secretsmanager:CreateSecret", On: name, Err: errors.New("AccessDeniedException")}
		}
		return nil
	}
	d.want(exitOther, "client-profiles/main/alice: not allowed; allow secretsmanager:CreateSecret on it, or use other credentials", "add", "alice")
	d.secrets.Before = nil
	d.want(exitOther, "being added by somebody else", "add", "alice")
}

// A listener with several servers has a profile of its own, which takes any server of the network; a server's own profile takes
// that server alone, and no way to others.
func TestClientProfile_InterchangeableServers(t *testing.T) {
	d := newDesk(t)
	network, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	const own = "      seoul: {tcp: 1194, echo: 7107, endpoints: [openvpn/seoul]}\n"
	const anyOf = "      any: {tcp: [1193, 1194], interchangeable: true, endpoints: [openvpn/oregon, openvpn/tokyo]}\n"
	text := strings.NewReplacer(own, anyOf, "  d: {", "  # ", "[a, b, c, d]", "[a, b, c]", "openvpn/*, tcp: [1194,", "openvpn/*, tcp: [1193, 1194,",
		"{tcp: [1194, 1195]}", "{tcp: [1193, 1194, 1195]}", "{tcp: [1194, 1196]}", "{tcp: [1193, 1194, 1196]}").Replace(string(network))
	d.config = filepath.Join(t.TempDir(), "network.yaml")
	if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil || !strings.Contains(text, anyOf) {
		t.Fatalf("the reference network is another one, %v", err)
	}
	d.want(exitOK, "added", "add", "alice")
	code, profile, said := d.raw("get", "alice", "--server", "accelerator/edge/any", "--out", "-")
	if code != exitOK || !strings.Contains(profile, "remote a1.awsglobalaccelerator.com 1193 tcp4-client\nresolv-retry") ||
		!strings.Contains(profile, "verify-x509-name reference-openvpn- name-prefix\n") {
		t.Errorf("status %d: %s\n%s", code, said, strings.Split(profile, "<ca>")[0])
	}
	t.Chdir(t.TempDir())
	d.want(exitOK, "alice-edge-any.ovpn\n", "get", "alice", "--server", "accelerator/edge/any")
	d.want(exitInput, "name one of openvpn/oregon, openvpn/seoul, openvpn/tokyo, accelerator/edge/any", "get", "alice")
	d.want(exitInput, "its ways are direct, accelerator/edge/tokyo\n", "get", "alice", "--server", "openvpn/tokyo", "--through", "accelerator/edge/any")
}
