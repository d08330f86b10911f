package probe

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// lane is one path during a run. Its workers take the slots in turn, wait until one is due, and probe.
type lane struct {
	index   int // of the path in the plan
	path    *Path
	ready   *Readiness
	failure *Failure // nothing could be measured
	flows   []flow

	slots []time.Duration // since the run started; as long as samples
	next  atomic.Int64    // the first slot that nobody has taken

	// samples has a place for each slot, filled by the worker that took it. Of a run with more than MaxSamples slots it
	// is empty.
	samples  []Sample
	done     []bool // the sample is there; as long as samples
	reprobes []Sample

	mu     sync.Mutex // guards what follows
	counts counts
	wakes  []Micros // how late timers were
}

// flow is a source port. Its seat is for one probe at a time: two connections cannot have both ends in common.
type flow struct {
	port uint16
	seat chan struct{}
}

// extend adds slots, with room for their samples beforehand: nothing should grow while it measures.
func (l *lane) extend(base time.Duration, instants []time.Duration) {
	for _, at := range instants {
		l.slots = append(l.slots, base+at)
	}
	if len(l.slots) > MaxSamples {
		return
	}
	samples, done := make([]Sample, len(l.slots)), make([]bool, len(l.slots))
	copy(samples, l.samples)
	copy(done, l.done)
	l.samples, l.done = samples, done
	wakes := make([]Micros, len(l.wakes), len(l.slots))
	copy(wakes, l.wakes)
	l.wakes = wakes
}

// work takes slots until there are no more, time is up or ctx is done.
func (l *lane) work(ctx context.Context, r *run) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		i := int(l.next.Add(1)) - 1
		if i >= len(l.slots) {
			l.next.Add(-1)
			return
		}
		due := r.started.Add(l.slots[i])
		if wait := time.Until(due); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
				l.woke(MicrosOf(time.Since(due)))
			case <-ctx.Done():
				return
			}
		}
		if r.plan.Duration > 0 && time.Since(r.sampling) > r.plan.Duration {
			return
		}
		l.shoot(ctx, r, i)
	}
}

func (l *lane) woke(late Micros) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.wakes) < MaxSamples {
		l.wakes = append(l.wakes, late)
	}
}

// shoot does the probe of slot i.
func (l *lane) shoot(ctx context.Context, r *run, i int) {
	kept := i < len(l.samples)
	s := &Sample{}
	if kept {
		s = &l.samples[i]
	}
	*s = Sample{Index: i, Scheduled: signed(l.slots[i]), Warmup: i < r.plan.Warmup}
	if len(l.flows) > 0 {
		s.Flow = i%len(l.flows) + 1
	}
	if !l.probe(ctx, r, s) {
		return
	}
	if kept {
		l.done[i] = true
	}
	l.mu.Lock()
	l.counts.add(s)
	l.mu.Unlock()
	if r.plan.OnSample != nil {
		r.plan.OnSample(l.index, s)
	}
}

// probe fills in a sample. It reports false if ctx ended before there was an outcome.
func (l *lane) probe(ctx context.Context, r *run, s *Sample) bool {
	var shot Shot
	if s.Flow > 0 {
		f := &l.flows[s.Flow-1]
		select {
		case f.seat <- struct{}{}:
			defer func() { <-f.seat }()
		case <-ctx.Done():
			return false
		}
		shot.SourcePort = f.port
	}
	s.Lag = signed(time.Since(r.started)) - s.Scheduled
	began := time.Now()
	probeCtx, cancel := context.WithTimeout(ctx, r.plan.Timeout)
	s.Outcome = l.path.Prober.Probe(probeCtx, shot)
	cancel()
	if late := time.Since(began) - r.plan.Timeout; late > poorLag && !s.OK() && s.Failure.Class == Timeout {
		// The answer may have lain in the kernel: after a stall the runtime looks at timers before it looks at sockets.
		s.Failure = failed(Local, s.Failure.Op, fmt.Sprintf("the timeout came %s late: this machine was too busy to see an answer", late.Round(time.Millisecond)))
	}
	return s.OK() || s.Failure.Class != Canceled
}

// sourceIP is this machine's address as the first successful probe used it.
func (l *lane) sourceIP() netip.Addr {
	for i := range l.samples {
		if l.done[i] && l.samples[i].OK() && l.samples[i].Local.IsValid() {
			return l.samples[i].Local.Addr()
		}
	}
	return netip.Addr{}
}
