package gateway

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// These tests give every rendered file to the program that it is for.

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

// routesScript is a gateway whose LAN and Internet are routes of somebody else, of a metric as DHCP clients use.
const routesScript = `set -eu
ip link set lo up
ip link add lan type veth peer name far
ip link set lan up
ip link set far up
ip addr add 192.0.2.1/24 dev lan
ip route add 10.20.0.0/16 via 192.0.2.2 metric 100
ip route add default via 192.0.2.2 metric 100
sed -n 's/^ *\(ip route replace .*\)/\1/p' "$ROOT/usr/local/sbin/pathproof-tunnels" | sh -e
bird -f -c "$ROOT/etc/bird/bird.conf" -s "$ROOT/ctl" 2>"$ROOT/log" &
for i in $(seq 100); do ! birdc -s "$ROOT/ctl" show protocols 2>/dev/null | grep -q '^site .* up ' || break; sleep 0.05; done
sleep 0.3
birdc -s "$ROOT/ctl" show route
echo lan: $(ip route get 10.20.5.5)
echo internet: $(ip route get 198.51.100.11)
echo aws: $(ip route get 172.16.0.10 2>&1 || true)
ip route del 10.20.0.0/16 via 192.0.2.2 metric 100
echo lan gone: $(ip route get 10.20.5.5 2>&1 || true)
kill $!
wait || true`

// BIRD announces the site's prefixes, and takes neither the site's own routes nor the Internet away from the gateway.
func TestDaemons_BIRDLeavesTheRoutesOfOthers(t *testing.T) {
	needs(t, true, "bird", "unshare", "ip")
	g := sample()
	g.Announce = append(g.Announce, netip.MustParsePrefix("0.0.0.0/0"))
	out, err := run(t, []string{"ROOT=" + write(t, g, StrongSwanBIRD)}, "unshare", "-n", "sh", "-c", routesScript)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"lan: 10.20.5.5 via 192.0.2.2", "internet: 198.51.100.11 via 192.0.2.2", "aws: RTNETLINK answers: Invalid argument",
		"lan gone: RTNETLINK answers: Invalid argument", "10.20.0.0/16", "0.0.0.0/0"} {
		if !strings.Contains(out, want) {
			t.Errorf("not %q", want)
		}
	}
	if t.Failed() {
		t.Log(out)
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
			`mount -t tmpfs none /usr/local/sbin; cp -p "$ROOT/usr/local/sbin/pathproof-tunnels" /usr/local/sbin/; systemd-analyze verify "$ROOT"/etc/systemd/system/pathproof-*.service`)
		if err != nil || out != "" {
			t.Errorf("%s: %v\n%s", d, err, out)
		}
	}
}

// nftables.service flushes all rules; systemd starts and reloads the unit of these after it, and only once it has.
func TestDaemons_SegmentSizesComeBackAfterTheFirewall(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(write(t, sample(), StrongSwanBIRD), FileRules))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"After=nftables.service", "PartOf=nftables.service", "ReloadPropagatedFrom=nftables.service", "ExecStart=/usr/sbin/nft -f /" + FileFirewall,
		"ExecReload=/usr/sbin/nft -f /" + FileFirewall, "WantedBy=multi-user.target nftables.service"} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	needs(t, true, "nft", "unshare")
	root := write(t, sample(), StrongSwanBIRD)
	out, err := run(t, []string{"F=" + filepath.Join(root, FileFirewall)}, "unshare", "-n", "sh", "-ec", `nft -f "$F"; nft flush ruleset; nft -f "$F"; nft list ruleset`)
	if err != nil || strings.Count(out, "maxseg size set 1382") != 2 {
		t.Errorf("%v\n%s", err, out)
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
