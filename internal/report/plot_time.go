package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/pathproof/pathproof/internal/probe"
)

// Above so many samples a timeline shows ranges in place of dots.
const (
	mostDots = 1500
	ranges   = 400
)

// timeline draws every sample when it was sent; failures stand in a lane of their own above the others.
func timeline(p *probe.PathResult, phase probe.Phase, whole probe.Micros) template.HTML {
	times := timesOf(p, phase)
	if len(p.Samples) == 0 {
		return ""
	}
	const lane = 30.0
	axis, bottom := scale{lo: 0, hi: 1}, lane+8
	if len(times) > 0 {
		bottom = plotBottom
		lo, hi := extent(times)
		axis = newScale(float64(lo), float64(hi))
	}
	last := whole
	for i := range p.Samples {
		last = max(last, p.Samples[i].Scheduled)
	}
	x := scale{lo: 0, hi: max(float64(last), 1)}
	y := func(t probe.Micros) float64 { return bottom - axis.pos(float64(t))/100*(bottom-lane-4) }
	s := &svg{height: int(bottom) + 42}
	s.axis(x.ticks(5, 1e6), "s since the run began", lane, bottom)
	s.rect("lane", 0, plotTop-4, 100, lane-plotTop-2)
	labels := []yLabel{{(plotTop+lane)/2 - 4, "no time"}}
	if len(times) > 0 {
		for _, t := range axis.ticks(4, 1000) {
			at := bottom - t.pos/100*(bottom-lane-4)
			s.line("grid", 0, at, 100, at)
			labels = append(labels, yLabel{at, t.label})
		}
	}
	drawSamples(s, p, phase, x, y, (plotTop+lane)/2-4)
	return withLabels(gutter, labels, s, fmt.Sprintf("Timeline of %s in ms: %s; %d of %d failed, %d with a SYN sent again.",
		clean(p.Name), phase, p.Sent-p.OK, p.Sent, p.SYNRetrans))
}

func extent(times []probe.Micros) (lo, hi probe.Micros) {
	lo, hi = times[0], times[0]
	for _, t := range times {
		lo, hi = min(lo, t), max(hi, t)
	}
	return lo, hi
}

// drawSamples draws dots, or ranges where there are too many of them.
func drawSamples(s *svg, p *probe.PathResult, phase probe.Phase, x scale, y func(probe.Micros) float64, lane float64) {
	type column struct {
		lo, hi  probe.Micros
		n, lost int
	}
	dense := len(p.Samples) > mostDots
	columns := make([]column, ranges)
	for i := range p.Samples {
		sample := &p.Samples[i]
		at := x.pos(float64(sample.Scheduled))
		c := &columns[min(ranges-1, int(at/100*ranges))]
		t, measured := sample.Phases.Get(phase)
		switch {
		case !sample.OK() && dense:
			c.lost++
		case !sample.OK():
			s.mark("failed", at, lane, cross)
		case !measured && sample.SYNRetransmits > 0 && !dense:
			s.mark("resent", at, lane, triangle)
		case !measured:
		case dense && c.n == 0:
			c.lo, c.hi, c.n = t, t, 1
		case dense:
			c.lo, c.hi, c.n = min(c.lo, t), max(c.hi, t), c.n+1
		case sample.Warmup || sample.Reprobe:
			s.dot("warmup", at, y(t), 2.2)
		default:
			s.dot("sent", at, y(t), 2)
		}
	}
	for i, c := range columns {
		at := (float64(i) + 0.5) / ranges * 100
		if c.n > 0 {
			s.line("span", at, y(c.hi), at, math.Max(y(c.lo), y(c.hi)+1))
		}
		if c.lost > 0 {
			s.mark("failed", at, lane, cross)
		}
	}
}
