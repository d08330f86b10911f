package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pathproof/pathproof/internal/gateway"
)

// world is a cell's network and its daemons.
type world struct {
	cell Cell
	dir  string // where logs go
	gw   *gateway.Gateway

	lan, idc, tgw, vpc *host
	tunnels            carrier
	routing            []*process // the customer's routing daemons
	bird               *process   // AWS's
}

// A carrier builds what is outside the tunnels, and the IKE daemons at both ends. Tunnels are numbered from 0.
type carrier interface {
	// build makes the hosts and links outside the tunnels.
	build() error

	// startAWS starts AWS's endpoint of a tunnel, with its interface in the transit gateway.
	startAWS(ctx context.Context, tunnel int) error

	// startCustomer starts what the customer's IKE needs; after killCustomer, as a supervisor would.
	startCustomer(ctx context.Context) error

	// killAWS and killCustomer end IKE daemons without a word to the other end. Where a daemon of the customer's has one
	// tunnel only, it is that of tunnel 0.
	killAWS(ctx context.Context, tunnel int) error
	killCustomer()

	// path is the host that routes between the outside addresses of a tunnel.
	path(tunnel int) *host

	// listSAs tells what IKE has at the customer's side, for people who look for a reason.
	listSAs(ctx context.Context) string
}

// vpn is the name of the tunnel's interface in the transit gateway.
func vpn(tunnel int) string { return fmt.Sprintf("vpn%d", tunnel+1) }

// log is the file that something prints into.
func (w *world) log(name string) string { return filepath.Join(w.dir, name+".log") }

// newWorld builds everything and starts it; it does not wait for anything to come up.
func newWorld(ctx context.Context, c Cell, dir string) (*world, error) {
	w := &world{cell: c, dir: dir, gw: theGateway(c)}
	for _, h := range []struct {
		name string
		to   **host
	}{{"lan", &w.lan}, {"idc", &w.idc}, {"tgw", &w.tgw}, {"vpc", &w.vpc}} {
		var err error
		if *h.to, err = newHost(h.name); err != nil {
			return nil, err
		}
	}
	w.tunnels = &userspace{world: w}
	if c.Tier == UML {
		w.tunnels = &kernelESP{world: w}
	}
	if err := w.build(); err != nil {
		return nil, err
	}
	if err := w.install(); err != nil {
		return nil, err
	}
	for i := range inside {
		if err := w.tunnels.startAWS(ctx, i); err != nil {
			return nil, err
		}
	}
	if err := w.startAWSRouting(ctx); err != nil {
		return nil, err
	}
	if err := w.prepareCustomer(ctx); err != nil {
		return nil, err
	}
	return w, w.startRouting(ctx)
}

// build makes the hosts at both ends, and what is between the gateways.
func (w *world) build() error {
	if err := connect(w.lan, "u0", w.idc, "l0"); err != nil {
		return err
	}
	if err := connect(w.vpc, "u0", w.tgw, "v0"); err != nil {
		return err
	}
	err := firstError(
		w.lan.IP("address add 192.168.50.10/24 dev u0\nroute add default via 192.168.50.1"),
		w.idc.IP("address add 192.168.50.1/24 dev l0"),
		w.vpc.IP("address add 10.20.0.10/16 dev u0\nroute add default via 10.20.0.1"),
		w.tgw.IP("address add 10.20.0.1/16 dev v0"),
		// Linux hashes both directions of a flow alike, which would hide what asymmetric ways break. AWS's hash is its own,
		// so its stand-in hashes other fields (destination and ports; Linux 5.13). The customer's is as rendered.
		w.tgw.Set("ipv4.fib_multipath_hash_policy=3", "ipv4.fib_multipath_hash_fields=50"),
	)
	if err != nil {
		return err
	}
	return w.tunnels.build()
}

// install writes the gateway's files to the places where they belong.
func (w *world) install() error {
	files, err := gateway.Render(w.gw, w.cell.Device)
	if err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join("/", filepath.FromSlash(f.Name))
		if err := writeFile(name, string(f.Content()), f.Mode); err != nil {
			return err
		}
		if err := os.Chmod(name, f.Mode); err != nil { // whatever the umask is
			return err
		}
	}
	return nil
}

// connect joins two hosts by a link that is up.
func connect(a *host, aName string, b *host, bName string) error {
	return firstError(
		a.IP(fmt.Sprintf("link add %s type veth peer name %s netns %s", aName, bName, b.Path())),
		a.IP("link set "+aName+" up"), b.IP("link set "+bName+" up"))
}

// firstError is for things that do no harm when one before them has failed; inOrder for others.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// poll is how often routes are looked at. System calls are dear in user-mode Linux.
func (c Cell) poll() time.Duration {
	if c.Tier == UML {
		return 100 * time.Millisecond
	}
	return 20 * time.Millisecond
}
