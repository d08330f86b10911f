package report

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
)

const (
	plotTop    = 8.0
	plotBottom = 158.0
	plotHeight = 200
	gutter     = 60
)

// cumulative draws which share of all probes was answered within how long. Where probes were lost, the curve never
// reaches 100 %.
func cumulative(p *probe.PathResult, phase probe.Phase) template.HTML {
	times := timesOf(p, phase)
	if len(times) == 0 {
		return ""
	}
	slices.Sort(times)
	stats := p.Phases[phase]
	axis := newScale(float64(times[0]), float64(times[len(times)-1]))
	y := func(share float64) float64 { return plotBottom - share*(plotBottom-plotTop) }
	s := &svg{height: plotHeight}
	s.axis(axis.ticks(5, 1000), axisTitle(string(phase), axis), plotTop, plotBottom)
	var labels []yLabel
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 0.9, 1} {
		s.line("grid", 0, y(share), 100, y(share))
		labels = append(labels, yLabel{y(share), fmt.Sprintf("%g%%", 100*share)})
	}
	all := float64(max(stats.Ranked, len(times)))
	if lost := 1 - float64(len(times))/all; lost > 0 {
		s.rect("lost", 0, y(1), 100, lost*(plotBottom-plotTop))
		if lost > 0.12 {
			s.text("lost-label", 50, y(1)+16, fmt.Sprintf("%.3g%% failed", 100*lost))
		}
	}
	s.add(`<svg x="0" y="0" width="100%%" height="%.0f" viewBox="0 0 1000 %.0f" preserveAspectRatio="none"><path class="curve" d="%s"/></svg>`,
		plotBottom+2, plotBottom+2, steps(times, axis, all, y))
	return withLabels(gutter, labels, s, fmt.Sprintf("Share of all probes of %s that were answered within a time: %s.", clean(p.Name), spoken(p, phase)))
}

// steps is the curve's path, through at most some hundred of the times.
func steps(times []probe.Micros, axis scale, all float64, y func(float64) float64) string {
	const most = 500
	var d strings.Builder
	fmt.Fprintf(&d, "M0,%.1f", y(0))
	for i, t := range times {
		if every := len(times)/most + 1; i%every != 0 && i != len(times)-1 {
			continue
		}
		fmt.Fprintf(&d, "H%.1fV%.1f", 10*axis.pos(float64(t)), y(float64(i+1)/all))
	}
	d.WriteString("H1000")
	return d.String()
}

// bars draws the histogram. Its edges are logarithmic, so all bars are as wide.
func bars(h *probe.Histogram) template.HTML {
	if h == nil || len(h.Counts) == 0 {
		return ""
	}
	most, all := 1, 0
	for _, n := range h.Counts {
		most, all = max(most, n), all+n
	}
	width := 100 / float64(len(h.Counts))
	s := &svg{height: plotHeight}
	label := fmt.Sprintf("Histogram of %s, %d probes:", h.Phase, all)
	for i, n := range h.Counts {
		height := float64(n) / float64(most) * (plotBottom - plotTop - 16)
		if n > 0 {
			height = max(height, 1)
		}
		s.rect("bar", float64(i)*width+0.4, plotBottom-height, width-0.8, height)
		s.add(`<text class="tick" x="%.2f%%" y="%.1f" text-anchor="middle">%d</text>`, (float64(i)+0.5)*width, plotBottom-height-4, n)
		label += fmt.Sprintf(" %s to %s ms %d,", ms(h.Edges[i]), ms(h.Edges[i+1]), n)
	}
	s.line("axis", 0, plotBottom, 100, plotBottom)
	every := (len(h.Edges) + 3) / 4
	for i := 0; i < len(h.Edges); i += max(1, every-1) {
		s.line("axis", float64(i)*width, plotBottom, float64(i)*width, plotBottom+4)
		s.text("tick", float64(i)*width, plotBottom+15, short(h.Edges[i]))
	}
	s.text("title", 50, plotBottom+32, string(h.Phase)+", ms ("+h.Scale+" scale), probes in each bar")
	return s.figure(strings.TrimSuffix(label, ",") + ".")
}

// short prints a time in milliseconds with about five digits.
func short(m probe.Micros) string {
	decimals := 3
	for v := m; v >= 10_000 && decimals > 0; v /= 10 {
		decimals--
	}
	return strconv.FormatFloat(float64(m)/1000, 'f', decimals, 64)
}

// waterfallFigure draws the medians of HTTP phases one after the other.
func waterfallFigure(p *probe.PathResult) template.HTML {
	parts := waterfallOf(p)
	if len(parts) == 0 {
		return ""
	}
	const row = 22
	s := &svg{height: row*len(parts) + 4}
	var labels []yLabel
	label := "Medians of the phases of a request:"
	for i, part := range parts {
		y := float64(row * i)
		s.line("grid", 0, y+row-1, 100, y+row-1)
		s.rect("bar", 100*part.from, y+4, max(0.4, 100*(part.to-part.from)), row-9)
		labels = append(labels, yLabel{y + row/2, fmt.Sprintf("%s %d", part.phase, part.median)})
		label += fmt.Sprintf(" %s %d us,", part.phase, part.median)
	}
	return withLabels(112, labels, s, strings.TrimSuffix(label, ",")+".")
}
