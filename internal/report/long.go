package report

import (
	"sync"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/stats"
)

// Long folds the samples of a run that is too long to keep them, in fixed memory. Its percentiles are off by at most
// 0.4 %; there is no jitter, no standard deviation, no comparison and no objective on times.
type Long struct {
	mu    sync.Mutex
	names []string
	paths []map[probe.Phase]*stats.Histogram
}

// NewLong makes room for the paths of a plan.
func NewLong(paths []probe.Path) *Long {
	l := &Long{}
	for _, p := range paths {
		phases := map[probe.Phase]*stats.Histogram{}
		for _, phase := range Phases(p.Prober.Kind()) {
			phases[phase] = &stats.Histogram{}
		}
		l.names, l.paths = append(l.names, p.Name), append(l.paths, phases)
	}
	return l
}

// Add folds a sample; it is fit to be Plan.OnSample.
func (l *Long) Add(path int, s *probe.Sample) {
	if !s.Counts() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for phase, h := range l.paths[path] {
		h.Add(latency(&s.Outcome, phase))
	}
}

// has reports whether a path's samples are here and not in the result.
func (l *Long) has(p *probe.PathResult) bool {
	return l != nil && len(p.Samples) == 0 && l.of(p) != nil
}

func (l *Long) of(p *probe.PathResult) map[probe.Phase]*stats.Histogram {
	for i, name := range l.names {
		if name == p.Name {
			return l.paths[i]
		}
	}
	return nil
}

func (l *Long) aggregate(r *probe.Result, p *probe.PathResult) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lossOf(p)
	p.Phases = map[probe.Phase]probe.PhaseStats{}
	for phase, h := range l.of(p) {
		if h.OK() == 0 {
			continue
		}
		out := probe.PhaseStats{
			Clock: clock(r, p, phase), N: h.OK(), Ranked: h.Sent(), Min: number(h.Min()), Avg: number(h.Avg()), Max: number(h.Max()), Spread: micros(h.Spread()),
		}
		for _, q := range quantiles {
			out.Quantiles = append(out.Quantiles, quantile(q, h.All(q, confidence)))
		}
		p.Phases[phase] = out
	}
}
