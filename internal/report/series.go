package report

import (
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/stats"
)

// maxIndex bounds what a document can make us allocate: samples and re-probes of a path.
const maxIndex = 2 * probe.MaxSamples

// slots is the part of a run's schedule that counts: from the first slot after the warm-up to before the end. It is the
// same for all paths, so that slot i of each was probed in the same round.
type slots struct{ first, end int }

func slotsOf(r *probe.Result) (slots, error) {
	var s slots
	for i := range r.Paths {
		for j := range r.Paths[i].Samples {
			sample := &r.Paths[i].Samples[j]
			switch {
			case sample.Index < 0 || sample.Index >= maxIndex:
				return s, fmt.Errorf("path %s: sample number out of range, got %d; use 0 to %d", r.Paths[i].Name, sample.Index, maxIndex-1)
			case sample.Reprobe:
			case sample.Warmup:
				s.first = max(s.first, sample.Index+1)
			default:
				s.end = max(s.end, sample.Index+1)
			}
		}
	}
	s.end = max(s.end, s.first)
	return s, nil
}

// series returns a phase of a path with one element for each slot. A probe that failed is lost in every phase. What was
// not sent, or says nothing about the phase, is absent.
func (s slots) series(p *probe.PathResult, phase probe.Phase) []stats.Latency {
	out := make([]stats.Latency, s.end-s.first)
	for i := range out {
		out[i] = stats.Absent
	}
	for i := range p.Samples {
		if sample := &p.Samples[i]; sample.Counts() && sample.Index >= s.first && sample.Index < s.end {
			out[sample.Index-s.first] = latency(&sample.Outcome, phase)
		}
	}
	return out
}

func latency(o *probe.Outcome, phase probe.Phase) stats.Latency {
	if !o.OK() {
		return stats.Lost
	}
	t, ok := o.Phases.Get(phase)
	if !ok {
		return stats.Absent
	}
	return stats.Latency(t.Duration())
}

// micros converts a time; nil for one that is none or infinite.
func micros(l stats.Latency) *probe.Micros {
	d, ok := l.Duration()
	if !ok {
		return nil
	}
	m := probe.Micros(d.Round(time.Microsecond) / time.Microsecond)
	return &m
}

// number is micros for times that are there.
func number(l stats.Latency) probe.Micros {
	if m := micros(l); m != nil {
		return *m
	}
	return 0
}

// end is an end of an interval in microseconds; nil if it is unknown or infinite.
func end(b stats.Bound) *float64 {
	if !b.Known {
		return nil
	}
	return inMicros(micros(b.Value))
}

func inMicros(m *probe.Micros) *float64 {
	if m == nil {
		return nil
	}
	f := float64(*m)
	return &f
}

// interval is nil if neither end is known.
func interval(low, high *float64) *probe.Interval {
	if low == nil && high == nil {
		return nil
	}
	return &probe.Interval{Low: low, High: high}
}

// differenceInterval is that of a difference of times, in microseconds.
func differenceInterval(d stats.Difference) *probe.Interval {
	if !d.Bounded {
		return nil
	}
	return interval(inMicros(micros(stats.Latency(d.Lo))), inMicros(micros(stats.Latency(d.Hi))))
}

func difference(d stats.Difference) *probe.Micros {
	if !d.Known {
		return nil
	}
	return micros(stats.Latency(d.Value))
}
