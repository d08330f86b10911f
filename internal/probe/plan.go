package probe

import (
	"errors"
	"fmt"
	"time"
)

// MaxSamples is how many samples of a path a result holds. A longer run needs Plan.OnSample, which sees all of them.
const MaxSamples = 100_000

// maxProbes bounds one run over all paths: its schedule is made beforehand, 8 bytes a probe.
const maxProbes = 10_000_000

// Plan is what one run measures. Zero values are the defaults given here.
type Plan struct {
	// Paths are measured interleaved: in each round one probe of each, in random order.
	Paths []Path

	// Count is how many probes of each path count (100).
	Count int

	// Duration, if set, ends the run instead of Count: no probe begins later than this after the first.
	Duration time.Duration

	// Interval is the mean time between probes of one path (50ms). Probes begin by this schedule, whether earlier ones
	// have come back or not, as far as InFlight allows; none is left out, and how late it was is recorded.
	Interval time.Duration

	// Timeout is how long one probe may take (3s).
	Timeout time.Duration

	// Warmup is how many probes of each path come before those that count, and are kept (3). Negative: none.
	Warmup int

	// InFlight is how many probes of one path may be under way at once (4). The limit is for each path, so that one
	// that is dead does not hold up the others.
	InFlight int

	// Seed makes the schedule, the order of paths and the source ports. The result records it.
	Seed uint64

	// More, if set, is asked after all probes have been done whether the result is inconclusive. If it says so, as many
	// again follow, up to MaxLooks looks in all (3). Each look costs certainty: whoever judges must divide by MaxLooks.
	More     func(look int, so *Result) bool
	MaxLooks int

	// OnSample, if set, gets each sample as soon as it is there, from many goroutines at once. It must be quick: what it
	// takes, the next probe of the path waits. Neither keep nor change the sample. path counts Paths from 0.
	OnSample func(path int, s *Sample)

	// RunID, Tool and Vantage are copied into the result.
	RunID   string
	Tool    Tool
	Vantage Vantage
}

// Path is one thing to measure.
type Path struct {
	Name   string
	Prober Prober

	// Flows is how many source ports the probes take in turn, so that each of several parallel ways is measured, and
	// told from the others. 0: the kernel picks a new port for each probe.
	Flows int

	// Tunnels is how many parallel ways there are, if that is known: 2 for a VPN connection. 0: unknown.
	Tunnels int

	// Expect is what is expected of the path (an answer).
	Expect Expect

	// Ready, if set, waits until the path works before anything is measured.
	Ready *Ready
}

// Expect is what is expected of a path.
type Expect string

// The expectations.
const (
	// ExpectAnswer is the default: probes succeed.
	ExpectAnswer Expect = ""

	// ExpectNever: no probe may get a connection or an answer. A refusal fulfills it, although packets pass.
	ExpectNever Expect = "never"

	// ExpectUnreachable: no packet may come back at all. A refusal breaks it: something at the other end sent it.
	ExpectUnreachable Expect = "unreachable"
)

// Ready says when a path counts as working. Zero values are the defaults given here.
type Ready struct {
	Within      time.Duration // how long to wait at most (10m)
	Consecutive int           // successes in a row that are needed (3)
	Poll        time.Duration // time between tries (5s)
}

func (p Plan) withDefaults() Plan {
	setDefault(&p.Count, 100)
	setDefault(&p.Interval, 50*time.Millisecond)
	setDefault(&p.Timeout, 3*time.Second)
	setDefault(&p.Warmup, 3)
	p.Warmup = max(p.Warmup, 0)
	setDefault(&p.InFlight, 4)
	setDefault(&p.MaxLooks, 3)
	if p.Duration > 0 {
		p.Count = int((p.Duration + p.Interval - 1) / p.Interval)
		p.More = nil
	}
	return p
}

// check returns everything that is wrong with a plan with its defaults.
func (p Plan) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("probe plan: "+format, args...)) }
	if len(p.Paths) == 0 {
		bad("nothing to measure; give at least one path")
	}
	names := map[string]bool{}
	for i, path := range p.Paths {
		if path.Prober == nil {
			bad("path %q at %d has no prober", path.Name, i)
		}
		if path.Name == "" || names[path.Name] {
			bad("paths need different names, got %q at %d", path.Name, i)
		}
		names[path.Name] = true
		if path.Flows < 0 || path.Flows > MaxFlows {
			bad("path %s: flows must be 0 to %d, got %d", path.Name, MaxFlows, path.Flows)
		}
		if path.Tunnels < 0 {
			bad("path %s: tunnels must not be negative, got %d", path.Name, path.Tunnels)
		}
		if path.Expect != ExpectAnswer && path.Ready != nil {
			bad("path %s: readiness waits for an answer, which expect: %s rules out; drop one of them", path.Name, path.Expect)
		}
	}
	for _, v := range []struct {
		name string
		got  time.Duration
		min  time.Duration
	}{{"interval", p.Interval, 10 * time.Microsecond}, {"timeout", p.Timeout, time.Millisecond}} {
		if v.got < v.min {
			bad("%s must be at least %s, got %s", v.name, v.min, v.got)
		}
	}
	if p.Count < 1 || p.InFlight < 1 || p.Duration < 0 {
		bad("count, in flight and duration must be positive, got %d, %d and %s", p.Count, p.InFlight, p.Duration)
	}
	if all := p.perPath() * len(p.Paths); all > maxProbes {
		bad("at most %d probes in one run, got %d; measure for a shorter time or less often", maxProbes, all)
	}
	if p.perPath() > MaxSamples && p.OnSample == nil {
		bad("a result holds at most %d samples of a path, got %d; fold the samples of a longer run as they come", MaxSamples, p.perPath())
	}
	return errors.Join(errs...)
}

// perPath is how many probes of a path the first look has.
func (p Plan) perPath() int { return p.Count + p.Warmup }
