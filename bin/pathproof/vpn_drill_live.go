package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn/replacement"
)

const liveHelp = "drill has AWS replace one tunnel that FILE (default pathproof.yaml) deployed, as its maintenance does, and measures with UDP flows what traffic\n" +
	"feels: the longest silence of each flow and the probes lost, against the site's failover. It refuses unless the other tunnel can carry\n" +
	"everything, asks before it begins, and follows the tunnel until it is up again. Run it where traffic crosses the tunnels from, and pathproof\n" +
	"probe serve --udp where it goes to. docs/VPN.md has the permissions that it needs."

// liveFlags are those of vpn drill against AWS.
type liveFlags struct {
	profile, site, tunnel, source string
	targets                       []string
	flows                         int
	interval                      time.Duration
	yes, dryRun                   bool
	o                             replacement.Options
}

func (f *liveFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.site, "site", "", "`SITE` of the tunnel (default: the only one)")
	c.Flags().StringVar(&f.tunnel, "tunnel", "", "`CONNECTION/NUMBER` of the tunnel to replace, such as fw1/1")
	c.Flags().StringArrayVar(&f.targets, "target", nil, "where flows go to: `HOST:PORT` or host/NAME of the file; a UDP echo server listens there; repeatable")
	c.Flags().IntVar(&f.flows, "flows", 16, "UDP flows to each target")
	c.Flags().DurationVar(&f.interval, "interval", 100*time.Millisecond, "time between two probes of a flow")
	c.Flags().StringVar(&f.source, "source", "", "`ADDRESS` that flows come from (default: the kernel's choice)")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "look whether it could be done, and replace nothing")
	c.Flags().BoolVar(&f.o.ApplyMaintenance, "apply-maintenance", false, "do pending maintenance of the tunnel on the way")
	c.Flags().DurationVar(&f.o.Before, "before", 10*time.Second, "measure for this long before anything is replaced")
	c.Flags().DurationVar(&f.o.After, "after", 30*time.Second, "measure for this long after the tunnel is up again")
	c.Flags().DurationVar(&f.o.Limit, "limit", 30*time.Minute, "wait for the tunnel at most this long")
	c.Flags().DurationVar(&f.o.Poll, "poll", 10*time.Second, "time between two looks at the tunnel")
	c.Flags().StringVar(&f.profile, "profile", "", "`PROFILE` of the AWS configuration")
}

// liveDrill is a drill with everything that the command line says.
type liveDrill struct {
	plan       *topology.Plan
	site       *topology.Site
	connection string
	number     int
	targets    []replacement.Target
	aws        replacement.AWS
}

func (f *liveFlags) run(c *cobra.Command, file, output string) error {
	write, err := writerOf(output, drill.WriteText, drill.WriteJSON)
	if err != nil {
		return err
	}
	d, err := f.drill(c, file)
	if err != nil {
		return err
	}
	f.o.Progress = func(line string) { fmt.Fprintf(c.ErrOrStderr(), "%s %s\n", time.Now().Format(time.TimeOnly), line) }
	clients := &vpnClients{profile: f.profile}
	if d.aws, err = clients.open(c.Context(), d.site.Place); err != nil {
		return err
	}
	subject, err := f.examine(c, d)
	if err != nil {
		return err
	}
	f.show(c.ErrOrStderr(), d, subject)
	if f.dryRun {
		fmt.Fprintln(c.ErrOrStderr(), "nothing speaks against it; nothing was replaced (--dry-run)")
		return nil
	}
	if !f.yes {
		if err := confirm(c, subject.Connection.ID); err != nil {
			return err
		}
		if subject, err = f.examine(c, d); err != nil { // some time has passed
			return err
		}
	}
	r, err := replacement.Run(c.Context(), d.aws, subject, d.targets, failoverOf(d.site), f.o)
	if err != nil {
		return err
	}
	if err := write(c.OutOrStdout(), r); err != nil {
		return err
	}
	if !r.OK() {
		return exitStatus(exitOther)
	}
	return nil
}

// failoverOf is the declared target of a site, 0 for none.
func failoverOf(s *topology.Site) time.Duration {
	if s.Failover == nil {
		return 0
	}
	return time.Duration(s.Failover.Target)
}

// examine refuses what is not safe, with every reason.
func (f *liveFlags) examine(c *cobra.Command, d *liveDrill) (*replacement.Subject, error) {
	s, err := replacement.Examine(c.Context(), d.aws, time.Now(), d.plan, d.site, d.connection, d.number, f.o)
	if err == nil || c.Context().Err() != nil {
		return s, err
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(c.ErrOrStderr(), "refused: %s\n", strings.TrimSuffix(line, "\n"))
	}
	return nil, exitStatus(exitOther)
}

// drill reads the file and the command line; its errors are of both.
func (f *liveFlags) drill(c *cobra.Command, file string) (*liveDrill, error) {
	var names []string
	if f.site != "" {
		names = []string{f.site}
	}
	plan, sites, err := vpnPlan(c, file, names)
	if err != nil {
		return nil, err
	}
	if len(sites) > 1 {
		var declared []string
		for _, s := range sites {
			declared = append(declared, s.Name)
		}
		return nil, &usageError{fmt.Errorf("--site: which one is not said; %s", problem.OneOf("", declared))}
	}
	d := &liveDrill{plan: plan, site: sites[0]}
	errs := []error{f.parseTunnel(d), f.parseTargets(c.Context(), d), f.check()}
	if err := errors.Join(errs...); err != nil {
		return nil, &usageError{err}
	}
	if err := replacement.Check(d.targets, f.o); err != nil {
		return nil, &usageError{err}
	}
	return d, nil
}

func (f *liveFlags) check() error {
	var errs []error
	for _, x := range []struct {
		flag string
		got  time.Duration
	}{{"before", f.o.Before}, {"after", f.o.After}, {"limit", f.o.Limit}, {"poll", f.o.Poll}} {
		if x.got <= 0 {
			errs = append(errs, fmt.Errorf("--%s: out of range, got %s; use a time above 0", x.flag, x.got))
		}
	}
	return errors.Join(errs...)
}

// parseTunnel finds the tunnel among the site's.
func (f *liveFlags) parseTunnel(d *liveDrill) error {
	var all []string
	for _, x := range d.site.Connections {
		for n := 1; n <= 2; n++ {
			label := fmt.Sprintf("%s/%d", x.Name, n)
			if label == f.tunnel {
				d.connection, d.number = x.Name, n
				return nil
			}
			all = append(all, label)
		}
	}
	if f.tunnel == "" {
		return fmt.Errorf("--tunnel: missing; %s", problem.OneOf("", all))
	}
	return fmt.Errorf("--tunnel: site %s has no such tunnel, got %q; %s", d.site.Name, f.tunnel, problem.OneOf(f.tunnel, all))
}

// parseTargets finds the addresses of targets.
func (f *liveFlags) parseTargets(ctx context.Context, d *liveDrill) error {
	source, err := f.sourceAddress()
	errs := []error{err}
	if len(f.targets) == 0 {
		errs = append(errs, errors.New("--target: missing; give HOST:PORT or host/NAME, where pathproof probe serve --udp listens"))
	}
	for _, name := range f.targets {
		at, err := targetAddress(ctx, d.plan, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("--target %s: %w", name, err))
			continue
		}
		d.targets = append(d.targets, replacement.Target{Name: name, Stream: drill.StreamConfig{Target: at, Source: source, Flows: f.flows, Interval: f.interval}})
	}
	return errors.Join(errs...)
}

func (f *liveFlags) sourceAddress() (netip.Addr, error) {
	if f.source == "" {
		return netip.Addr{}, nil
	}
	source, err := netip.ParseAddr(f.source)
	if err != nil {
		return source, fmt.Errorf("--source: not an address, got %q", f.source)
	}
	return source, nil
}
