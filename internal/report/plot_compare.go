package report

import (
	"html/template"
	"math"

	"github.com/pathproof/pathproof/internal/probe"
)

// verdictMarks differ in form, not in color alone.
var verdictMarks = map[string]string{
	"faster": "M0,7L6.5,-5L-6.5,-5Z", "slower": "M0,-7L6.5,5L-6.5,5Z", "equivalent": "M-5,-5H5V5H-5Z", "inconclusive": "M0,-7L7,0L0,7L-7,0Z",
}

// forest draws the shift of each comparison with its interval and the margin that does not matter.
func forest(all []probe.Comparison) template.HTML {
	var shown []*probe.Comparison
	lo, hi := 0.0, 0.0
	for i := range all {
		c := &all[i]
		if c.Shift == nil {
			continue
		}
		shown = append(shown, c)
		for _, v := range []*float64{inMicros(c.Shift), low(c.CI95), high(c.CI95)} {
			if v != nil {
				lo, hi = min(lo, *v), max(hi, *v)
			}
		}
		lo, hi = min(lo, -float64(c.Margin)), max(hi, float64(c.Margin))
	}
	if len(shown) == 0 {
		return ""
	}
	const row, top = 56, 20
	bottom := float64(top + row*len(shown))
	axis := scale{lo: lo - (hi-lo)*0.06, hi: hi + (hi-lo)*0.06}
	s := &svg{height: int(bottom) + 42}
	s.axis(axis.ticks(5, 1000), "difference of the first path to the second, ms", top, bottom)
	zero := axis.pos(0)
	s.line("zero", zero, top, zero, bottom)
	s.add(`<text class="tick" x="0" y="13">← first is faster</text><text class="tick" x="100%%" y="13" text-anchor="end">first is slower →</text>`)
	label := "Differences between paths."
	for i, c := range shown {
		forestRow(s, axis, c, float64(top+row*i))
		label += " " + sentence(c) + "."
	}
	return s.figure(label)
}

func forestRow(s *svg, axis scale, c *probe.Comparison, y float64) {
	at := y + 38
	s.add(`<text class="name" x="0" y="%.1f">%s</text>`, y+17, shorten(c.A+" − "+c.B, 30))
	s.add(`<text class="value" x="100%%" y="%.1f" text-anchor="end">%s</text>`, y+17, c.Verdict)
	from := axis.pos(-float64(c.Margin))
	s.rect("margin", from, at-10, math.Max(0.3, axis.pos(float64(c.Margin))-from), 20)
	if l, h := low(c.CI95), high(c.CI95); l != nil && h != nil {
		s.line("whisker", axis.pos(*l), at, axis.pos(*h), at)
		s.line("whisker", axis.pos(*l), at-5, axis.pos(*l), at+5)
		s.line("whisker", axis.pos(*h), at-5, axis.pos(*h), at+5)
	}
	s.mark("shift", axis.pos(float64(*c.Shift)), at, verdictMarks[c.Verdict])
}

func low(i *probe.Interval) *float64 {
	if i == nil {
		return nil
	}
	return i.Low
}

func high(i *probe.Interval) *float64 {
	if i == nil {
		return nil
	}
	return i.High
}

// forestLegend explains the symbols of a comparison.
const forestLegend = "▼ first path faster · ▲ first path slower · ■ equivalent · ◆ inconclusive · whiskers: 95% interval · band: differences that do not matter"
