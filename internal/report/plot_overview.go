package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/pathproof/pathproof/internal/probe"
)

// overview draws paths of which the same phase was timed by the same clock on one axis, one strip each.
func overview(paths []*probe.PathResult, phase probe.Phase, by probe.Timing) template.HTML {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range paths {
		s := p.Phases[phase]
		lo, hi = min(lo, float64(s.Min)), max(hi, float64(s.Max))
	}
	const row, top = 62, 4
	axis := newScale(lo, hi)
	s := &svg{height: top + row*len(paths) + 42}
	s.axis(axis.ticks(5, 1000), axisTitle(string(phase), axis)+", by "+clockName(by)+"'s clock", top, float64(top+row*len(paths)))
	label := fmt.Sprintf("Distribution of %s by path.", phase)
	for i, p := range paths {
		strip(s, axis, p, phase, float64(top+row*i))
		label += " " + clean(p.Name) + ": " + spoken(p, phase) + "."
	}
	return s.figure(label)
}

func axisTitle(what string, axis scale) string {
	if axis.log {
		return what + ", ms (logarithmic)"
	}
	return what + ", ms"
}

// spoken says in words what a strip shows.
func spoken(p *probe.PathResult, phase probe.Phase) string {
	s := p.Phases[phase]
	out := fmt.Sprintf("%d of %d answered", p.OK, p.Sent)
	for _, q := range s.Quantiles {
		if q.Q == 0.5 || q.Q == 0.9 || q.Q == 0.99 {
			value, known := estimate(q, s.Ranked)
			out += fmt.Sprintf(", %s %s ms %s", quantileName(q.Q), value, known)
		}
	}
	return out
}

// strip draws one path: its name, its samples, and its percentiles.
func strip(s *svg, axis scale, p *probe.PathResult, phase probe.Phase, y float64) {
	stats, at := p.Phases[phase], y+40
	s.add(`<text class="name" x="0" y="%.1f">%s</text>`, y+16, shorten(p.Name, 24))
	s.add(`<text class="value" x="100%%" y="%.1f" text-anchor="end">%s</text>`, y+16, stripValue(p, stats))
	for i, t := range thin(timesOf(p, phase), 400) {
		s.dot("sample", axis.pos(float64(t)), at+float64((i*7)%17-8), 1.6)
	}
	s.line("range", axis.pos(float64(stats.Min)), at, axis.pos(float64(stats.Max)), at)
	for _, q := range stats.Quantiles {
		if q.V != nil {
			quantileMark(s, axis, q, at)
		}
	}
}

func quantileMark(s *svg, axis scale, q probe.Quantile, at float64) {
	x := axis.pos(float64(*q.V))
	switch {
	case q.Q == 0.5:
		if q.CI95 != nil && q.CI95.Low != nil && q.CI95.High != nil {
			from := axis.pos(*q.CI95.Low)
			s.rect("ci", from, at-9, max(0.3, axis.pos(*q.CI95.High)-from), 18)
		}
		s.line("median", x, at-9, x, at+9)
	case q.Q == 0.9:
		s.line("p90", x, at-7, x, at+7)
	case q.Q == 0.99 && q.Resolved:
		s.mark("p99", x, at, diamond)
	case q.Q == 0.99:
		s.mark("guess", x, at, diamond)
	}
}

func stripValue(p *probe.PathResult, s probe.PhaseStats) string {
	median := "p50 infinite"
	for _, q := range s.Quantiles {
		if q.Q == 0.5 && q.V != nil {
			median = "p50 " + ms(*q.V) + " ms"
		}
	}
	if p.OK < p.Sent {
		median += fmt.Sprintf(", %.3g%% failed", p.FailPct)
	}
	return median
}

// timesOf returns the measured times of the probes that count.
func timesOf(p *probe.PathResult, phase probe.Phase) []probe.Micros {
	var out []probe.Micros
	for i := range p.Samples {
		if s := &p.Samples[i]; s.Counts() && s.OK() {
			if t, ok := s.Phases.Get(phase); ok {
				out = append(out, t)
			}
		}
	}
	return out
}

// thin keeps about n of many, evenly.
func thin[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	out := make([]T, 0, n)
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}

// shorten cuts a name to n letters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
