package bgpstate

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pathproof/pathproof/internal/probe/lab"
	"github.com/pathproof/pathproof/internal/probe/lab/labtest"
)

// host is a namespace with daemons.
type host struct {
	*lab.Namespace
	dir string
}

func newHost(t *testing.T) host {
	t.Helper()
	n, err := lab.NewNamespace()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "bgp") // short: the names of sockets are bounded
	if err == nil {
		err = os.Chmod(dir, 0o777) // FRR's daemons are not root
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = n.Close()
		_ = os.RemoveAll(dir)
	})
	return host{n, dir}
}

// start runs a daemon until the test ends. {} in arguments stands for the host's folder.
func (h host) start(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	log, err := os.Create(filepath.Join(h.dir, filepath.Base(name)+".log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := h.Do(cmd.Start); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed
		_ = log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s: %s", name, text)
		}
	})
}

func (h host) write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(h.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// until asks a daemon until both sessions that it should have are up.
func until(t *testing.T, software string, want []Neighbor, name string, args ...string) {
	t.Helper()
	var out []byte
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		out, _ = exec.Command(name, args...).Output() // it has only just started
		got, neighbors, err := Parse(out)
		if err == nil && got == software && cmp.Equal(want, neighbors, cmpopts.EquateComparable(netip.Addr{})) {
			return
		}
	}
	software, got, err := Parse(out)
	t.Errorf("%s says %+v, %v; want %+v\n%s", software, got, err, want, out)
}

// TestParse_RealDaemons has FRR and BIRD, as installed here, negotiate with another BIRD, and reads what they say: each proposes
// other timers, so that what is negotiated differs from what either is configured for.
func TestParse_RealDaemons(t *testing.T) {
	labtest.Need(t, "/usr/lib/frr/zebra", "/usr/lib/frr/bgpd", "vtysh", "bird", "birdc")
	aws, frr, bird := newHost(t), newHost(t), newHost(t)
	for i, customer := range []host{frr, bird} {
		device := fmt.Sprintf("t%d", i)
		relay, err := lab.Cable{A: aws.Namespace, B: customer.Namespace, Device: device}.Connect()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = relay.Close() })
		if err := aws.IP(fmt.Sprintf("address add 169.254.11%d.1/30 dev %s", 2*i, device)); err != nil {
			t.Fatal(err)
		}
		if err := customer.IP(fmt.Sprintf("address add 169.254.11%d.2/30 dev %s", 2*i, device)); err != nil {
			t.Fatal(err)
		}
	}
	startAWS(t, aws)
	startFRR(t, frr)
	conf := bird.write(t, "bird.conf", `router id 10.20.0.2;
protocol device {}
protocol bgp aws { local as 65010; neighbor 169.254.112.1 as 64512; direct; hold time 240; ipv4 { import all; export none; }; }
`)
	bird.start(t, "bird", "-f", "-c", conf, "-s", bird.dir+"/ctl", "-P", bird.dir+"/pid")
	until(t, FRR, []Neighbor{{Address: netip.MustParseAddr("169.254.110.1"), RemoteAS: 64512, State: "Established", Hold: 12 * time.Second, Keepalive: 4 * time.Second, Accepted: 1}},
		"vtysh", "--vty_socket", frr.dir, "-c", "show bgp neighbors json")
	until(t, BIRD, []Neighbor{{Address: netip.MustParseAddr("169.254.112.1"), RemoteAS: 64512, State: "Established", Hold: 30 * time.Second, Keepalive: 10 * time.Second, Accepted: 1, GracefulRestart: true}},
		"birdc", "-s", bird.dir+"/ctl", "show", "protocols", "all")
}

func startAWS(t *testing.T, h host) {
	t.Helper()
	conf := h.write(t, "bird.conf", `router id 169.254.110.1;
protocol device {}
protocol static { ipv4; route 172.16.0.0/16 blackhole; }
template bgp idc { local as 64512; direct; hold time 30; ipv4 { import all; export all; next hop self; }; }
protocol bgp t1 from idc { neighbor 169.254.110.2 as 65010; }
protocol bgp t2 from idc { neighbor 169.254.112.2 as 65010; }
`)
	h.start(t, "bird", "-f", "-c", conf, "-s", h.dir+"/ctl", "-P", h.dir+"/pid")
}

func startFRR(t *testing.T, h host) {
	t.Helper()
	conf := h.write(t, "frr.conf", `router bgp 65010
 bgp router-id 10.20.0.1
 no bgp ebgp-requires-policy
 bgp graceful-restart-disable
 neighbor 169.254.110.1 remote-as 64512
 neighbor 169.254.110.1 timers 4 12
`)
	for _, daemon := range []string{"zebra", "bgpd"} {
		h.start(t, "/usr/lib/frr/"+daemon, "-f", conf, "-u", "frr", "-g", "frr", "-i", filepath.Join(h.dir, daemon+".pid"),
			"-z", h.dir+"/zserv.api", "--vty_socket", h.dir, "-A", "127.0.0.1")
	}
}
