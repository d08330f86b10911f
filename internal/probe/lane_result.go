package probe

import (
	"slices"

	"github.com/pathproof/pathproof/internal/stats"
)

// counts are what a path's probes came to, kept as they come: a long run has no samples to count afterwards.
type counts struct {
	seen, sent, ok, invalid, limited, synRetrans, warmup int
	errors                                               map[Class]int
	userspace, kernel                                    bool
	tried                                                tried
}

func (c *counts) add(s *Sample) {
	c.seen++
	c.tried.add(&s.Outcome)
	switch {
	case s.Warmup: // its timing does not count, either: the kernel begins to stamp packets a moment after it is asked
		c.warmup++
		return
	case s.Failure != nil && s.Failure.Class == Limited:
		c.limited++
		return
	case !s.Counts():
		c.invalid++
		return
	}
	switch s.Timing {
	case TimingUserspace:
		c.userspace = true
	case TimingKernel:
		c.kernel = true
	}
	c.sent++
	if s.SYNRetransmits > 0 {
		c.synRetrans++
	}
	if s.OK() {
		c.ok++
		return
	}
	if c.errors == nil {
		c.errors = map[Class]int{}
	}
	c.errors[s.Failure.Class]++
}

// result returns what the lane has so far. Its samples are copies: workers may go on.
func (l *lane) result(r *run) PathResult {
	p := PathResult{
		Name: l.path.Name, Kind: l.path.Prober.Kind(), Target: l.path.Prober.Target(), Expect: l.path.Expect,
		Failure: l.failure, Ready: l.ready,
	}
	c := l.counts
	p.Sent, p.OK, p.Errors, p.Invalid, p.Limited = c.sent, c.ok, cloneCounts(c.errors), c.invalid, c.limited
	p.SYNRetrans, p.Warmup, p.Unsent = c.synRetrans, c.warmup, len(l.slots)-c.seen
	if p.Sent > 0 {
		p.FailPct = 100 * float64(p.Sent-p.OK) / float64(p.Sent)
	}
	switch {
	case c.userspace:
		p.Timing = TimingUserspace
	case c.kernel:
		p.Timing = TimingKernel
	}
	for i := range l.samples {
		if l.done[i] {
			p.Samples = append(p.Samples, l.samples[i])
		}
	}
	p.Samples = append(p.Samples, l.reprobes...)
	if len(l.flows) > 0 {
		p.Flows = tabulate(l.flowPorts(), p.Samples, l.path.Tunnels)
	}
	if l.path.Expect != ExpectAnswer && l.failure == nil {
		p.Denial = deny(l.path.Expect, c.tried)
	}
	return p
}

func (l *lane) flowPorts() []uint16 {
	ports := make([]uint16, len(l.flows))
	for i, f := range l.flows {
		ports[i] = f.port
	}
	return ports
}

func cloneCounts(m map[Class]int) map[Class]int {
	var c map[Class]int
	for _, class := range Classes() {
		if n := m[class]; n > 0 {
			if c == nil {
				c = map[Class]int{}
			}
			c[class] = n
		}
	}
	return c
}

// overheads returns what the program's clock added to the kernel's, for each probe that shows it.
func (l *lane) overheads() []Micros {
	var all []Micros
	if l.path.Prober.Kind() != KindTCP { // of the others, elapsed covers more than the phase that the kernel timed
		return nil
	}
	for i := range l.samples {
		if s := &l.samples[i]; l.done[i] && s.Timing == TimingKernel && s.Phases.Connect > 0 {
			all = append(all, max(0, s.Elapsed-s.Phases.Connect))
		}
	}
	return all
}

// percentilesOf ranks values; it changes their order.
func percentilesOf(values []Micros) Percentiles {
	if len(values) == 0 {
		return Percentiles{}
	}
	slices.Sort(values)
	at := func(q stats.Quantile) Micros { return values[q.Rank(len(values))-1] }
	return Percentiles{P50: at(stats.P50), P90: at(stats.P90), P99: at(stats.P99)}
}
