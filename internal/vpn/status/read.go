package status

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
)

// Reader reads the connections of a place. A *vpn.Client is one.
type Reader interface {
	Site(ctx context.Context, plan *topology.Plan, site *topology.Site) ([]*vpn.Connection, error)
	Maintenance(ctx context.Context, of *vpn.Connection, t *vpn.Tunnel) (vpn.Maintenance, error)
	Negotiated(ctx context.Context, of *vpn.Connection, t *vpn.Tunnel) (vpn.Negotiated, error)
}

// Read reads and judges sites of a plan. open gives the reader of a place. Nothing that cannot be read is an error: it is one of
// the report's problems, and what depends on it is unknown. at is the time that the report bears.
func Read(ctx context.Context, at time.Time, plan *topology.Plan, sites []*topology.Site, open func(context.Context, topology.Place) (Reader, error)) *Report {
	r := &Report{Network: plan.Name, At: at}
	b := &reading{report: r, missing: map[string][]string{}}
	for _, s := range sites {
		r.Sites = append(r.Sites, b.site(ctx, plan, s, open))
	}
	b.unread()
	r.judge()
	return r
}

// reading collects what could not be read, each once with everything that it concerns.
type reading struct {
	report  *Report
	mu      sync.Mutex
	missing map[string][]string // what and why -> tunnels
}

// failed notes that something about a tunnel could not be read.
func (b *reading) failed(what, tunnel string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := what + " is unknown: " + err.Error()
	b.missing[key] = append(b.missing[key], tunnel)
}

func (b *reading) unread() {
	for _, key := range slices.Sorted(maps.Keys(b.missing)) {
		b.report.Problems = append(b.report.Problems, strings.Join(b.missing[key], ", ")+": "+key)
	}
}

func (b *reading) site(ctx context.Context, plan *topology.Plan, s *topology.Site, open func(context.Context, topology.Place) (Reader, error)) Site {
	out := Site{Name: s.Name, Place: s.Place.String(), Static: s.Static, Contract: s.Prefixes}
	if f := s.Failover; f != nil {
		out.Failover, out.Worst, out.Arithmetic, out.Directions = time.Duration(f.Target).Seconds(), time.Duration(f.Worst).Seconds(), f.Arithmetic, f.Directions
	}
	reader, err := open(ctx, s.Place)
	var found []*vpn.Connection
	if err == nil {
		found, err = reader.Site(ctx, plan, s)
	}
	for _, line := range lines(err) {
		if !slices.Contains(b.report.Problems, line) { // missing credentials are the same for all sites
			b.report.Problems = append(b.report.Problems, line)
		}
	}
	for _, planned := range s.Connections {
		c := Connection{Name: planned.Name}
		for _, have := range found {
			if have.Name == planned.Name {
				c = b.connection(ctx, reader, s, have)
			}
		}
		out.Connections = append(out.Connections, c)
	}
	return out
}

// lines are the single errors of a joined one.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

func (b *reading) connection(ctx context.Context, reader Reader, s *topology.Site, v *vpn.Connection) Connection {
	c := Connection{Name: v.Name, ID: v.ID, State: v.State, CustomerGateway: v.CustomerGatewayID, TransitGateway: v.TransitGatewayID}
	c.Reasons = lines(v.Complete())
	for i := range v.Tunnels {
		t := b.tunnel(ctx, reader, v, &v.Tunnels[i])
		t.judge(s, &v.Tunnels[i])
		c.Tunnels = append(c.Tunnels, t)
	}
	return c
}

func (b *reading) tunnel(ctx context.Context, reader Reader, v *vpn.Connection, t *vpn.Tunnel) Tunnel {
	out := Tunnel{Name: v.TunnelLabel(t), Inside: t.Inside.String(), Status: t.Status, LastChange: moment(t.LastChange), Message: t.Message,
		AcceptedRoutes: t.AcceptedRoutes, LifecycleControl: t.LifecycleControl}
	if !t.Outside.IsValid() {
		return out // no call could name it
	}
	out.Outside = t.Outside.String()
	var asking sync.WaitGroup
	asking.Go(func() {
		m, err := reader.Maintenance(ctx, v, t)
		if err != nil {
			b.failed("pending maintenance", out.Name, err)
			return
		}
		out.Maintenance = &Maintenance{m.Pending, m.Said, moment(m.AutoAppliedAfter), moment(m.LastApplied)}
	})
	if t.Up() { // otherwise nothing is negotiated
		n, err := reader.Negotiated(ctx, v, t)
		if err != nil {
			b.failed("what IKE negotiated", out.Name, err)
		} else {
			out.Negotiated = &Negotiated{n.IKEVersion, n.Phase1Encryption, n.Phase1Integrity, n.Phase1DHGroup, n.Phase2Encryption, n.Phase2Integrity, n.Phase2DHGroup, n.ProvisioningStatus}
		}
	}
	asking.Wait()
	return out
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
