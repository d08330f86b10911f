package diagram

import (
	"fmt"
	"strings"
)

// canvas collects the elements of an SVG picture, in layers from back to front.
type canvas struct {
	frames, lines, ducts, paths, boxes strings.Builder
}

var svgEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escape makes a text safe between tags and in attributes. Characters that XML 1.0 does not have become U+FFFD.
func escape(s string) string {
	return svgEscaper.Replace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= ' ' && r != 0xFFFE && r != 0xFFFF {
			return r
		}
		return 0xFFFD
	}, s))
}

func rectangle(b *strings.Builder, class string, r rect, radius int) {
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, class, r.x, r.y, r.w, r.h, radius)
}

// write places a text. It states its length, so that a wider font is made narrow and leaves no box.
func write(b *strings.Builder, s style, x, baseline int, text string) {
	tenths := s.tenths(text)
	fmt.Fprintf(b, `<text class="%s" x="%d" y="%d" textLength="%d.%d" lengthAdjust="spacingAndGlyphs">%s</text>`, s.class, x, baseline, tenths/10, tenths%10, escape(text))
}

// draw draws a card's texts and their shapes.
func (c *card) draw(b *strings.Builder, at point) {
	for _, p := range c.texts {
		if p.shape.w > 0 {
			r := p.shape
			rectangle(b, p.span.shape, rect{at.x + r.x, at.y + r.y, r.w, r.h}, r.h/2)
		}
		write(b, p.style, at.x+p.x, at.y+p.baseline, p.text)
	}
}

// box draws a box and what it says.
func (c *canvas) box(b *box) {
	out := &c.boxes
	fmt.Fprintf(out, `<g class="%s" data-node="%s">`, b.kind, escape(b.node))
	if b.tip != "" {
		fmt.Fprintf(out, `<title>%s</title>`, escape(b.tip))
	}
	radius := 5
	if b.kind == "gateway" || b.kind == "segment" {
		radius = 0 // they stand on top of each other
	}
	rectangle(out, "box", b.rect, radius)
	b.card.draw(out, point{b.x, b.y})
	out.WriteString("</g>\n")
}

// line draws lines that belong together: an edge between nodes.
func (c *canvas) line(class string, nodes []string, lines ...polyline) {
	fmt.Fprintf(&c.lines, `<path class="line %s" data-ends="%s" d="%s"/>`+"\n", class, escape(strings.Join(nodes, " ")), pathData(lines))
}

// duct draws the room of the paths along an edge, in the place of its line.
func (c *canvas) duct(width int, line polyline) {
	fmt.Fprintf(&c.ducts, `<path class="duct" stroke-width="%d" d="%s"/>`+"\n", width, pathData([]polyline{line}))
}

// strand draws the way of one path along an edge.
func (c *canvas) strand(class string, nodes []string, line polyline) {
	fmt.Fprintf(&c.paths, `<path class="strand %s" data-ends="%s" d="%s"/>`+"\n", class, escape(strings.Join(nodes, " ")), pathData([]polyline{line}))
}

// dot marks where lines join, unlike where they cross.
func (c *canvas) dot(class string, p point) {
	fmt.Fprintf(&c.lines, `<circle class="dot %s" cx="%d" cy="%d" r="3"/>`+"\n", class, p.x, p.y)
}

// pathData writes lines as path data.
func pathData(lines []polyline) string {
	var b strings.Builder
	for _, l := range lines {
		l = l.tidy()
		for i, p := range l {
			switch {
			case i == 0:
				fmt.Fprintf(&b, "M%d %d", p.x, p.y)
			case l[i-1].x == p.x:
				fmt.Fprintf(&b, "V%d", p.y)
			default:
				fmt.Fprintf(&b, "H%d", p.x)
			}
		}
	}
	return b.String()
}
