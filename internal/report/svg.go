package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// svg draws a figure that is as wide as there is room: what stands along the x axis has a place in percent, and text
// keeps its size.
type svg struct {
	strings.Builder
	height int
}

// add writes an element. Arguments that are strings are escaped.
func (s *svg) add(format string, args ...any) {
	for i, a := range args {
		if text, ok := a.(string); ok {
			args[i] = html.EscapeString(clean(text))
		}
	}
	fmt.Fprintf(s, format, args...)
}

// line draws from one point to another; x in percent, y in pixels.
func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	s.add(`<line class="%s" x1="%.2f%%" y1="%.1f" x2="%.2f%%" y2="%.1f"/>`, class, x1, y1, x2, y2)
}

func (s *svg) rect(class string, x, y, width, height float64) {
	s.add(`<rect class="%s" x="%.2f%%" y="%.1f" width="%.2f%%" height="%.1f"/>`, class, x, y, width, height)
}

func (s *svg) dot(class string, x, y, r float64) {
	s.add(`<circle class="%s" cx="%.2f%%" cy="%.1f" r="%.1f"/>`, class, x, y, r)
}

// text writes at a place, aligned so that it stays inside the figure.
func (s *svg) text(class string, x, y float64, text string) {
	anchor := "middle"
	switch {
	case x < 6:
		anchor = "start"
	case x > 94:
		anchor = "end"
	}
	s.add(`<text class="%s" x="%.2f%%" y="%.1f" text-anchor="%s">%s</text>`, class, x, y, anchor, text)
}

// mark draws a symbol of about 8 pixels with its center at x percent and y pixels.
func (s *svg) mark(class string, x, y float64, path string) {
	s.add(`<svg class="mark" x="%.2f%%" y="%.1f" width="1" height="1"><path class="%s" d="%s"/></svg>`, x, y, class, path)
}

// Symbols, around 0,0.
const (
	cross    = "M-3.5,-3.5L3.5,3.5M-3.5,3.5L3.5,-3.5"
	triangle = "M0,-4L4,3.5L-4,3.5Z"
	diamond  = "M0,-5L5,0L0,5L-5,0Z"
)

// axis draws the x axis with its ticks and grid, and its title below. top and bottom bound the plot.
func (s *svg) axis(ticks []tick, title string, top, bottom float64) {
	s.line("axis", 0, bottom, 100, bottom)
	for _, t := range ticks {
		s.line("grid", t.pos, top, t.pos, bottom)
		s.text("tick", t.pos, bottom+15, t.label)
	}
	s.text("title", 50, bottom+32, title)
}

// figure wraps the drawing for people who see it and for those who do not.
func (s *svg) figure(label string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="plot" role="img" aria-label="%s" width="100%%" height="%d">%s</svg>`,
		html.EscapeString(clean(label)), s.height, s.String()))
}

// withLabels puts a gutter with labels of the y axis beside a drawing.
func withLabels(gutter int, labels []yLabel, s *svg, label string) template.HTML {
	var y strings.Builder
	for _, l := range labels {
		fmt.Fprintf(&y, `<text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>`, gutter-6, l.y+4, html.EscapeString(clean(l.text)))
	}
	return template.HTML(fmt.Sprintf(`<div class="with-y"><svg class="y" aria-hidden="true" width="%d" height="%d">%s</svg>%s</div>`,
		gutter, s.height, y.String(), s.figure(label)))
}

type yLabel struct {
	y    float64
	text string
}
