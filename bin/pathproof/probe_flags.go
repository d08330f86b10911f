package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probeplan"
)

// runFlags are those of probe run that change what is measured and how it is judged. A flag that is given wins over the
// document.
type runFlags struct {
	count, warmup, inFlight, flows, tunnels, looks int
	duration, interval, timeout, wait              time.Duration
	source, margin, latency, shares                string
	v4, v6, strict                                 bool
	confidence                                     float64
	slo, compare                                   []string
}

func (f *runFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.IntVarP(&f.count, "count", "n", 100, "probes of each path that count")
	flags.DurationVar(&f.duration, "duration", 0, "end after this time in place of a count")
	flags.DurationVar(&f.interval, "interval", 50*time.Millisecond, "mean time between probes of one path")
	flags.DurationVar(&f.timeout, "timeout", 3*time.Second, "how long one probe may take")
	flags.IntVar(&f.warmup, "warmup", 3, "probes of each path that come first and do not count")
	flags.IntVar(&f.inFlight, "in-flight", 4, "probes of one path that may be under way at once")
	flags.IntVar(&f.flows, "flows", 0, "source ports to take in turn, to tell parallel ways apart (0: a new one each time)")
	flags.IntVar(&f.tunnels, "tunnels", 0, "parallel ways there are, with --flows (0: unknown)")
	flags.StringVar(&f.source, "source", "", "local `ADDRESS` to send from")
	flags.BoolVarP(&f.v4, "ipv4", "4", false, "use IPv4 addresses of names only")
	flags.BoolVarP(&f.v6, "ipv6", "6", false, "use IPv6 addresses of names only")
	flags.DurationVar(&f.wait, "wait", 0, "wait at most this long until paths work before measuring them")
	flags.StringArrayVar(&f.slo, "slo", nil, "`OBJECTIVE` for each path, like 'p90(connect) < 75ms and fail < 5%'; repeatable")
	flags.StringArrayVar(&f.compare, "compare", nil, "compare paths: `A,B` or A,B,PHASE, or all; repeatable")
	flags.StringVar(&f.margin, "margin", "", "difference of compared paths that does not matter, like 0.25ms,2% (the default)")
	flags.StringVar(&f.latency, "latency", "", "what decides an objective on a time: strict, lenient (default) or point")
	flags.StringVar(&f.shares, "shares", "", "what decides fail and synloss: strict, lenient or point (default)")
	flags.IntVar(&f.looks, "looks", 1, "measure on while something is inconclusive, doubling the sample, up to so many looks")
	flags.Float64Var(&f.confidence, "confidence", 0.95, "confidence of objectives and comparisons")
	flags.BoolVar(&f.strict, "strict", false, "exit with status 2 if the verdict is inconclusive")
	c.MarkFlagsMutuallyExclusive("ipv4", "ipv6")
	c.MarkFlagsMutuallyExclusive("count", "duration")
}

// apply changes a document by the flags that were given.
func (f *runFlags) apply(c *cobra.Command, file *config.ProbeFile, order []string) error {
	given := func(name string) bool { return c.Flags().Changed(name) }
	set(given("count"), &file.Defaults.Count, f.count)
	if given("count") {
		file.Defaults.Duration = 0
	}
	set(given("duration"), &file.Defaults.Duration, config.Duration(f.duration))
	set(given("interval"), &file.Defaults.Interval, config.Duration(f.interval))
	set(given("timeout"), &file.Defaults.Timeout, config.Duration(f.timeout))
	set(given("warmup"), &file.Defaults.Warmup, f.warmup)
	set(given("in-flight"), &file.Defaults.InFlight, f.inFlight)
	set(given("confidence"), &file.Defaults.Confidence, f.confidence)
	set(given("looks"), &file.Policy.Looks, f.looks)
	set(f.strict, &file.Policy.OnInconclusive, "fail")
	for _, mode := range []struct {
		name, got string
		to        *config.JudgeMode
	}{{"latency", f.latency, &file.Policy.Latency}, {"shares", f.shares, &file.Policy.Shares}} {
		if given(mode.name) {
			if err := oneOf("--"+mode.name, mode.got, mode.to.Values()); err != nil {
				return err
			}
			*mode.to = config.JudgeMode(mode.got)
		}
	}
	if given("margin") {
		if err := file.Policy.Margin.UnmarshalText([]byte(f.margin)); err != nil {
			return fmt.Errorf("--margin: %w", err)
		}
	}
	if err := f.paths(c, file); err != nil {
		return err
	}
	for _, text := range f.slo {
		probeplan.ForAll(file, order, text)
	}
	return f.pairs(file, order)
}

func set[T any](given bool, to *T, value T) {
	if given {
		*to = value
	}
}

func oneOf(flag, got string, allowed []string) error {
	for _, a := range allowed {
		if got == a {
			return nil
		}
	}
	return fmt.Errorf("%s: unknown value, got %q; use %s", flag, got, strings.Join(allowed, ", "))
}

// paths changes every path.
func (f *runFlags) paths(c *cobra.Command, file *config.ProbeFile) error {
	var source netip.Addr
	if f.source != "" {
		var a config.IPAddr
		if err := a.UnmarshalText([]byte(f.source)); err != nil {
			return fmt.Errorf("--source: %w", err)
		}
		source = a.Addr
	}
	for name, p := range file.Paths {
		set(c.Flags().Changed("flows"), &p.SourcePorts, f.flows)
		set(c.Flags().Changed("tunnels"), &p.Tunnels, f.tunnels)
		set(source.IsValid(), &p.Source, config.IPAddr{Addr: source})
		set(f.v4, &p.Family, "v4")
		set(f.v6, &p.Family, "v6")
		if f.wait > 0 && p.Expect.Connect == "" {
			p.WaitFor = &config.ProbeWait{Within: config.Duration(f.wait), Consecutive: 3, Every: config.Duration(min(5*time.Second, f.wait/4))}
		}
		file.Paths[name] = p
	}
	return nil
}

// pairs adds the comparisons.
func (f *runFlags) pairs(file *config.ProbeFile, order []string) error {
	for _, text := range f.compare {
		parts := strings.Split(text, ",")
		switch {
		case text == "all":
			for i, a := range order {
				for _, b := range order[i+1:] {
					if file.Paths[config.Name(a)].Expect.Connect == "" && file.Paths[config.Name(b)].Expect.Connect == "" {
						file.Compare = append(file.Compare, config.ProbePair{Path: config.Name(a), With: config.Name(b)})
					}
				}
			}
		case len(parts) == 2 || len(parts) == 3:
			pair := config.ProbePair{Path: config.Name(parts[0]), With: config.Name(parts[1])}
			if len(parts) == 3 {
				pair.Phase = config.ProbePhase(parts[2])
			}
			file.Compare = append(file.Compare, pair)
		default:
			return fmt.Errorf("--compare: not a pair, got %q; write A,B or A,B,PHASE, or all", text)
		}
	}
	return nil
}
