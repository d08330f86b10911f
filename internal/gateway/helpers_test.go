package gateway

import (
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/secret"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// needs skips the test where programs or rights are missing. In CI that is a failure: nobody would notice.
func needs(t *testing.T, root bool, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts programs")
	}
	var missing []string
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			missing = append(missing, p)
		}
	}
	if root && os.Geteuid() != 0 {
		missing = append(missing, "root")
	}
	switch {
	case len(missing) == 0:
	case os.Getenv("CI") == "true":
		t.Fatalf("CI must have %s", strings.Join(missing, ", "))
	default:
		t.Skipf("NOT TESTED, this machine lacks %s", strings.Join(missing, ", "))
	}
}

// variants are the gateways whose files differ in form.
func variants() map[string]*Gateway {
	out := map[string]*Gateway{}
	add := func(name string, edit func(*Gateway)) {
		g := sample()
		edit(g)
		out[name] = g
	}
	add("xfrm", func(*Gateway) {})
	add("xfrm on one device", func(g *Gateway) { g.WAN = "eth0" })
	add("vti", func(g *Gateway) { g.Interfaces = VTI })
	add("behind NAT", func(g *Gateway) { g.Local = netip.MustParseAddr("192.168.1.2") })
	add("accelerated", func(g *Gateway) { g.Accelerated = true })
	add("failover 10s", func(g *Gateway) { g.Timers = tunnel.For(tunnel.HoldFor(10 * time.Second)) })
	add("IKEv1 only", func(g *Gateway) { g.Algorithms.OnlyIKEv1 = true })
	add("nothing from AWS", func(g *Gateway) { g.Accept = nil })
	add("AES128 and every group", func(g *Gateway) {
		a := &g.Algorithms
		a.Phase1Encryption, a.Phase2Encryption = []string{"AES128", "AES128-GCM-16"}, []string{"AES128", "AES128-GCM-16"}
		a.Phase1Integrity, a.Phase2Integrity = []string{"SHA1", "SHA2-256"}, []string{"SHA1", "SHA2-256"}
		a.Phase1DHGroups, a.Phase2DHGroups = []int{2, 14, 15, 16, 17, 18, 22, 23, 24}, []int{2, 5, 14, 15, 16, 17, 18, 22, 23, 24}
	})
	add("before deployment", func(g *Gateway) {
		for i := range g.Tunnels {
			t := &g.Tunnels[i]
			t.ConnectionID, t.Outside, t.Key = "", netip.Addr{}, secret.Text{}
		}
	})
	return out
}

// write renders a gateway into a folder, as a root folder.
func write(t *testing.T, g *Gateway, d Device) string {
	t.Helper()
	files, err := Render(g, d)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, f := range files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Content(), f.Mode); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// run starts a program and returns what it wrote, and its error.
func run(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}
