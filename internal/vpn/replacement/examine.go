package replacement

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
)

// AWS is as much of *vpn.Client as this package needs.
type AWS interface {
	Site(ctx context.Context, plan *topology.Plan, site *topology.Site) ([]*vpn.Connection, error)
	Maintenance(ctx context.Context, of *vpn.Connection, t *vpn.Tunnel) (vpn.Maintenance, error)
	Replace(ctx context.Context, of *vpn.Connection, t *vpn.Tunnel, apply, dryRun bool) error
}

// Options configures a replacement.
type Options struct {
	// ApplyMaintenance does maintenance that is pending for the tunnel on the way.
	ApplyMaintenance bool
	// Before is how long is measured before anything is replaced (10s): all has to be well then.
	Before time.Duration
	// After is how long it goes on after the tunnel is up again (30s).
	After time.Duration
	// Limit is how long the tunnel may take to come back (30m).
	Limit time.Duration
	// Poll is the time between two looks at the tunnel (10s).
	Poll time.Duration
	// Progress gets a line for each thing that happens (nothing).
	Progress func(line string)
}

func (o Options) withDefaults() Options {
	setDefault(&o.Before, 10*time.Second)
	setDefault(&o.After, 30*time.Second)
	setDefault(&o.Limit, 30*time.Minute)
	setDefault(&o.Poll, 10*time.Second)
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return o
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// longest is how long a measurement may take in all.
func (o Options) longest() time.Duration {
	o = o.withDefaults()
	return o.Before + o.Limit + o.After
}

// Subject is the tunnel to replace, and what its safety depends on.
type Subject struct {
	Plan          *topology.Plan
	Site          *topology.Site
	Connection    *vpn.Connection
	Tunnel, Other *vpn.Tunnel
	// Maintenance is that of Tunnel.
	Maintenance vpn.Maintenance
	// Notes are what to know before agreeing.
	Notes []string
}

// Label names the tunnel: CONNECTION/NUMBER.
func (s *Subject) Label() string { return s.Connection.TunnelLabel(s.Tunnel) }

// settled is how long the other tunnel must have been as it is: BGP and the routes on both sides follow a change by some
// minutes at most.
const settled = 5 * time.Minute

// Examine reads the tunnel and the other one of its connection. The error names everything that makes a replacement unsafe,
// not allowed or useless at the moment. Nothing is changed.
func Examine(ctx context.Context, aws AWS, now time.Time, plan *topology.Plan, site *topology.Site, connection string, number int, o Options) (*Subject, error) {
	own := *site
	own.Connections = nil
	for _, c := range site.Connections {
		if c.Name == connection {
			own.Connections = append(own.Connections, c)
		}
	}
	found, err := aws.Site(ctx, plan, &own)
	if err != nil {
		return nil, err
	}
	c := found[0]
	if err := c.Complete(); err != nil {
		return nil, err
	}
	s := &Subject{Plan: plan, Site: site, Connection: c, Tunnel: &c.Tunnels[number-1], Other: &c.Tunnels[2-number]}
	problems := []error{s.tunnel(), s.other(now), s.maintenance(ctx, aws, now, o.withDefaults())}
	problems = append(problems, aws.Replace(ctx, c, s.Tunnel, o.ApplyMaintenance, true))
	if !s.Tunnel.LifecycleControl {
		s.Notes = append(s.Notes, "lifecycle control is off for this tunnel: AWS does not document whether it replaces it on request then; its answer will tell")
	}
	return s, errors.Join(problems...)
}

func (s *Subject) refusef(format string, args ...any) error {
	return fmt.Errorf("%s: %s", s.Connection.Label(), fmt.Sprintf(format, args...))
}

// tunnel refuses what would show nothing.
func (s *Subject) tunnel() error {
	if !s.Tunnel.Up() {
		return s.refusef("tunnel %d is not UP, got %s%s; repair it first: its replacement would be felt by nobody", s.Tunnel.Number, said(s.Tunnel), message(s.Tunnel))
	}
	return nil
}

// other refuses when the other tunnel could not carry everything.
func (s *Subject) other(now time.Time) error {
	o := s.Other
	var errs []error
	if !o.Up() {
		errs = append(errs, s.refusef("the other tunnel, %d, is not UP, got %s%s; the site would be cut off, so repair it first", o.Number, said(o), message(o)))
	}
	if want := len(s.Site.Prefixes); o.Up() && !s.Site.Static && o.AcceptedRoutes < want {
		errs = append(errs, s.refusef("AWS accepts %d of the site's %d routes by the other tunnel, %d; traffic would not move to it, so correct what the gateway announces there", o.AcceptedRoutes, want, o.Number))
	}
	if age := max(0, now.Sub(o.LastChange)); o.Up() && !o.LastChange.IsZero() && age < settled {
		errs = append(errs, s.refusef("the other tunnel, %d, changed %s ago; wait until it has been up for %s", o.Number, age.Round(time.Second), settled))
	}
	return errors.Join(errs...)
}

func said(t *vpn.Tunnel) string {
	if t.Status == "" {
		return "nothing"
	}
	return t.Status
}

func message(t *vpn.Tunnel) string {
	if t.Message == "" {
		return ""
	}
	return " (" + t.Message + ")"
}

// maintenance refuses while AWS itself may take the other tunnel down, or when nobody can tell.
func (s *Subject) maintenance(ctx context.Context, aws AWS, now time.Time, o Options) error {
	own, err := aws.Maintenance(ctx, s.Connection, s.Tunnel)
	if err != nil {
		return s.refusef("whether maintenance is pending is unknown: %v", err)
	}
	s.Maintenance = own
	if own.Pending {
		s.Notes = append(s.Notes, pendingNote(own, o.ApplyMaintenance))
	}
	other, err := aws.Maintenance(ctx, s.Connection, s.Other)
	switch {
	case err != nil:
		return s.refusef("whether maintenance is pending for the other tunnel is unknown: %v", err)
	case other.Pending && other.AutoAppliedAfter.IsZero():
		return s.refusef("maintenance is pending for the other tunnel, %d, at a time that EC2 does not tell; drill that one first, with --apply-maintenance", s.Other.Number)
	case other.Pending && other.AutoAppliedAfter.Before(now.Add(o.longest())):
		return s.refusef("AWS may replace the other tunnel, %d, meanwhile: its maintenance is applied by itself after %s; drill that one first, with --apply-maintenance, or wait until it is done",
			s.Other.Number, other.AutoAppliedAfter.Format("2006-01-02 15:04 UTC"))
	}
	return nil
}

func pendingNote(m vpn.Maintenance, apply bool) string {
	var b strings.Builder
	b.WriteString("maintenance is pending for this tunnel")
	if !m.AutoAppliedAfter.IsZero() {
		b.WriteString(", applied by itself after " + m.AutoAppliedAfter.Format("2006-01-02 15:04 UTC"))
	}
	if apply {
		return b.String() + "; it is applied now"
	}
	return b.String() + "; it is left pending (--apply-maintenance applies it)"
}
