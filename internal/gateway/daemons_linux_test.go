package gateway

import (
	"bytes"
	"fmt"
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

// These tests give every rendered file to the program that it is for.

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

// loadScript starts charon in namespaces of its own, with the system's plugins and the rendered files, and loads everything.
const loadScript = `set -eu
ip link set lo up
mount -t tmpfs none /run
cat >/run/strongswan.conf <<C
charon {
  load_modular = yes
  plugins {
    include /etc/strongswan.d/charon/*.conf
    vici { socket = unix:///run/vici }
  }
}
include $ROOT/etc/strongswan.d/*.conf
C
echo "include $ROOT/etc/swanctl/conf.d/*.conf" >/run/swanctl.conf
export STRONGSWAN_CONF=/run/strongswan.conf
charon-systemd >/run/charon.log 2>&1 &
for i in $(seq 200); do [ -S /run/vici ] && break; sleep 0.05; done
status=0
swanctl --load-all --file /run/swanctl.conf --uri unix:///run/vici || status=$?
swanctl --list-conns --uri unix:///run/vici
swanctl --list-pols --trap --uri unix:///run/vici
echo acquire $(cat /proc/sys/net/core/xfrm_acq_expires)
ip xfrm policy
kill $!
wait || true
cat /run/charon.log
exit $status`

func TestDaemons_CharonLoads(t *testing.T) {
	needs(t, true, "charon-systemd", "swanctl", "unshare", "ip")
	for name, g := range variants() {
		t.Run(name, func(t *testing.T) {
			root := write(t, g, StrongSwanBIRD)
			out, err := run(t, []string{"ROOT=" + root}, "unshare", "-n", "-m", "sh", "-c", loadScript)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			want := []string{fmt.Sprintf("successfully loaded %d connections, 0 unloaded", len(g.Tunnels))}
			if g.Timers.Hold == 30*time.Second {
				want = append(want, "acquire 21\n")
			}
			for _, x := range g.Tunnels {
				want = append(want, "loaded connection '"+x.Name()+"'", "loaded ike secret 'ike-"+x.Name()+"'")
				if !x.Outside.IsValid() {
					continue // no trap towards a name that does not resolve
				}
				want = append(want, x.Name()+"/"+x.Name()+", TUNNEL")
				if g.Interfaces == VTI {
					want = append(want, fmt.Sprintf("mark 0x%x/0xffffffff", x.ID()))
				} else {
					want = append(want, fmt.Sprintf("if_id 0x%x", x.ID()))
				}
			}
			for _, w := range want {
				if !strings.Contains(out, w) {
					t.Errorf("charon did not say %q", w)
				}
			}
			if strings.Contains(out, plantedKey) {
				t.Error("charon shows a key")
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

func TestDaemons_FRRAccepts(t *testing.T) {
	needs(t, false, "vtysh")
	for name, g := range variants() {
		root := write(t, g, StrongSwanFRR)
		if out, err := run(t, nil, "vtysh", "-C", "-f", filepath.Join(root, FileFRR)); err != nil || out != "" {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if out, err := run(t, nil, "sh", "-n", filepath.Join(root, FileFRRDaemons)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	bad := filepath.Join(t.TempDir(), "frr.conf")
	if err := os.WriteFile(bad, []byte("router bgp 65010\n no such command\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, nil, "vtysh", "-C", "-f", bad); err == nil {
		t.Errorf("vtysh accepts anything: %s", out)
	}
}

func TestDaemons_BIRDAccepts(t *testing.T) {
	needs(t, false, "bird")
	for name, g := range variants() {
		root := write(t, g, StrongSwanBIRD)
		if out, err := run(t, nil, "bird", "-p", "-c", filepath.Join(root, FileBIRD)); err != nil || out != "" {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestDaemons_NftAccepts(t *testing.T) {
	needs(t, true, "nft", "unshare")
	root := write(t, sample(), StrongSwanBIRD)
	// Twice: it replaces what it made before.
	out, err := run(t, []string{"F=" + filepath.Join(root, FileFirewall)}, "unshare", "-n", "sh", "-ec", `nft -c -f "$F"; nft -f "$F"; nft -f "$F"; nft list table inet pathproof`)
	if err != nil || strings.Count(out, "maxseg size set 1382") != 2 || !strings.Contains(out, `"aws110-0"`) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDaemons_SystemdAccepts(t *testing.T) {
	needs(t, true, "systemd-analyze", "unshare")
	for _, d := range []Device{StrongSwanBIRD, StrongSwanFRR} {
		root := write(t, sample(), d)
		out, err := run(t, []string{"ROOT=" + root}, "unshare", "-m", "sh", "-ec",
			`mount -t tmpfs none /usr/local/sbin; cp -p "$ROOT/usr/local/sbin/pathproof-tunnels" /usr/local/sbin/; systemd-analyze verify "$ROOT/etc/systemd/system/pathproof-tunnels.service"`)
		if err != nil || out != "" {
			t.Errorf("%s: %v\n%s", d, err, out)
		}
	}
}

func TestDaemons_ShellAccepts(t *testing.T) {
	needs(t, false, "sh")
	for name, g := range variants() {
		script := filepath.Join(write(t, g, StrongSwanBIRD), FileScript)
		if out, err := run(t, nil, "sh", "-n", script); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if _, err := exec.LookPath("shellcheck"); err != nil {
			continue // a bonus
		}
		if out, err := run(t, nil, "shellcheck", script); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// Every kernel setting that is rendered is one that the kernel has.
func TestDaemons_KernelHasTheSettings(t *testing.T) {
	files, err := Render(sample(), StrongSwanBIRD)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(find(t, files, FileSysctl).Content())) {
		key, _, ok := strings.Cut(line, " = ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		if _, err := os.Stat("/proc/sys/" + strings.ReplaceAll(key, ".", "/")); err != nil {
			t.Error(err)
		}
	}
	if n < 4 {
		t.Errorf("%d settings found", n)
	}
}
