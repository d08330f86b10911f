//go:build linux

package openvpnlab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

// world is an internet and a VPC: a router in the middle, a cable to each end.
type world struct {
	router *lab.Namespace
	cables int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{router: namespace(t)}
	check(t, w.router.Set("ipv4.ip_forward=1", "ipv4.conf.all.rp_filter=0", "ipv4.conf.default.rp_filter=0"))
	return w
}

func namespace(t *testing.T) *lab.Namespace {
	t.Helper()
	n, err := lab.NewNamespace()
	check(t, err)
	t.Cleanup(func() { check(t, n.Close()) })
	// Some kernels' default is BBR, which paces: a tunnel's lonely packets would wait for milliseconds that no cable has.
	check(t, n.Set("ipv4.tcp_congestion_control=reno"))
	return n
}

// connect joins an end to the router. The end has one address, and routes to what it is told of.
func (w *world) connect(t *testing.T, n *lab.Namespace, address string, oneWay time.Duration, routes ...string) (device string) {
	t.Helper()
	w.cables++
	device = fmt.Sprintf("c%d", w.cables)
	r, err := lab.Cable{A: n, B: w.router, Device: device, Delay: oneWay}.Connect()
	check(t, err)
	t.Cleanup(func() { check(t, r.Close()) })
	check(t, n.IP("address add "+address+"/32 dev "+device), w.router.IP("route add "+address+"/32 dev "+device))
	for _, to := range routes {
		check(t, n.IP("route add "+to+" dev "+device+" src "+address))
	}
	return device
}

// associate gives an elastic address to a machine, as AWS does: both ways, and without a memory of connections. Without a machine it is
// nobody's.
func (w *world) associate(elastic string, m *machine) error {
	rules := "table ip elastic\ndelete table ip elastic\n"
	if m != nil {
		rules += fmt.Sprintf(`table ip elastic {
	chain in { type filter hook prerouting priority -300; ip daddr %[1]s notrack ip daddr set %[2]s; }
	chain out { type filter hook postrouting priority 300; iifname %[3]q ip saddr %[2]s ip daddr != 172.16.0.0/12 ip saddr set %[1]s; }
}
`, elastic, m.address, m.device)
	}
	file, err := os.CreateTemp("", "pathproof-lab-nat-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(rules); err != nil {
		return err
	}
	if out, err := run(w.router, "nft", "-f", file.Name()); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// respond has the probe's responder answer at an end.
func respond(t *testing.T, n *lab.Namespace, port int) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "responder.log")
	start(t, n, log, program(t), "probe", "serve", "--tcp", fmt.Sprintf(":%d", port))
	eventually(t, "responder", patience, func() bool { return strings.Contains(string(readFile(t, log)), "listening") })
}
