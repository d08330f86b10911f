package affinitylab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The service as its callers know it.
const (
	serviceName = "foo.internal"
	servicePort = 8080
	perZone     = 2 // servers of a zone; more than seven addresses in all would not fit one answer of Route 53
	dnsAddr     = "127.0.0.53:53"
)

// usual are the medians of an answer's time. The way to another zone and back takes about 1.2 ms.
var usual = []time.Duration{2 * time.Millisecond, 3200 * time.Microsecond, 3400 * time.Microsecond}

// world is a cell's own network, servers and names.
type world struct {
	self  []string // the command of a zone's process; a job follows
	zones [][]*process
	names *names
	size  int    // servers of a zone
	dir   string // of the servers' logs

	registry *registry // nil: no Cloud Map
}

// process is one server of a zone.
type process struct {
	job    zoneJob
	cmd    *exec.Cmd
	orders io.WriteCloser
}

// addrOf is the address of a server.
func addrOf(zone, server int) netip.Addr {
	return netip.AddrFrom4([4]byte{127, 0, byte(zone + 1), byte(server + 1)})
}

// newWorld sets everything up in the namespace that this process is in.
func newWorld(ctx context.Context, self []string, size int) (*world, error) {
	dir, err := os.MkdirTemp("", "pathproof-affinity-")
	if err != nil {
		return nil, err
	}
	w := &world{self: self, dir: dir, size: size}
	if err := command(ctx, "ip", "link", "set", "lo", "up"); err != nil {
		return nil, err
	}
	if w.names, err = serveNames(dnsAddr); err != nil {
		return nil, err
	}
	w.regional(0, 1, 2)
	for z, id := range zoneIDs {
		w.names.set(id+"."+serviceName, w.addrsOf(z))
		w.zones = append(w.zones, nil)
		for s := range size {
			if err := w.add(z, s); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

// add starts one more server of a zone.
func (w *world) add(zone, server int) error {
	p := &process{job: zoneJob{
		Zone: zoneIDs[zone], P50: usual[zone], Addrs: []string{netip.AddrPortFrom(addrOf(zone, server), servicePort).String()},
		Log: filepath.Join(w.dir, fmt.Sprintf("%s-%d", zoneIDs[zone], server)),
	}}
	w.zones[zone] = append(w.zones[zone], p)
	return w.start(p)
}

func (w *world) addrsOf(zone int) []netip.Addr {
	var out []netip.Addr
	for s := range w.size {
		out = append(out, addrOf(zone, s))
	}
	return out
}

// regional makes the Regional name have the addresses of these zones.
func (w *world) regional(zones ...int) {
	var all []netip.Addr
	for _, z := range zones {
		all = append(all, w.addrsOf(z)...)
	}
	w.names.set(serviceName, all)
}

// start starts a server and waits until it listens.
func (w *world) start(p *process) error {
	job, err := json.Marshal(p.job)
	if err != nil {
		return err
	}
	p.cmd = exec.Command(w.self[0], append(w.self[1:], string(job))...)
	p.cmd.Stderr = os.Stderr
	// It ends with the cell, which is the first process of its PID namespace.
	if p.orders, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if strings.TrimSpace(line) != "ready" {
		return fmt.Errorf("a server of %s did not start, got %q: %w", p.job.Zone, line, err)
	}
	return nil
}

// kill kills a server.
func (p *process) kill() error {
	err := p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it was killed: that is its status
	return err
}

func (p *process) signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

func (p *process) order(o order) error { return json.NewEncoder(p.orders).Encode(o) }

// each does the same to all servers of zones.
func (w *world) each(f func(*process) error, zones ...int) error {
	var errs []error
	for _, z := range zones {
		for _, p := range w.zones[z] {
			errs = append(errs, f(p))
		}
	}
	return errors.Join(errs...)
}

// arrived counts how often each call reached a server, by id.
func (w *world) arrived() (map[string]int, error) {
	files, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for id := range strings.FieldsSeq(string(data)) {
			out[id]++
		}
	}
	return out, nil
}

// close takes the logs away.
func (w *world) close() { _ = os.RemoveAll(w.dir) }

// The own zone's networks: all of it, and its second server.
const (
	wholeZone    = "127.0.1.0/24"
	secondServer = "127.0.1.2"
)

// firewall replaces the rules about a network. verdict is what becomes of packets to it: "drop", "reject with tcp reset", or nothing. What it
// sends is dropped in both cases.
func firewall(ctx context.Context, network, verdict string) error {
	rules := "table inet lab\ndelete table inet lab\n"
	if verdict != "" {
		rules += fmt.Sprintf("table inet lab {\n chain in {\n  type filter hook input priority 0\n"+
			"  ip daddr %s meta l4proto tcp %s\n  ip saddr %s drop\n }\n}\n", network, verdict, network)
	}
	cmd := exec.CommandContext(ctx, "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	return nil
}

func command(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
