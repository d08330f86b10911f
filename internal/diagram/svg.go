package diagram

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// SVG draws a plan as one SVG document that needs nothing else: no font, no script, no other file. It has its own
// background, so that it can be read on any page, and follows the reader's choice of light or dark.
func SVG(p *topology.Plan, o Options) string {
	m := newModel(p, o)
	l := newLayout(m)
	c := &canvas{}
	for _, b := range l.bands {
		l.drawBand(c, b)
	}
	for _, b := range l.boxes {
		c.box(b)
	}
	l.lines(c)
	height := l.drawSections(&c.boxes) + margin
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" class="pathproof" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="pathproof-title pathproof-desc">`+"\n",
		l.width, height, l.width, height)
	fmt.Fprintf(&out, `<title id="pathproof-title">%s</title>`+"\n"+`<desc id="pathproof-desc">%s</desc>`+"\n", escape(m.title()), escape(m.description()))
	out.WriteString(styleSheet())
	rectangle(&out, "page", rect{0, 0, l.width, height}, 8)
	out.WriteString("\n")
	l.drawTitle(&out)
	for _, layer := range []*strings.Builder{&c.frames, &c.lines, &c.ducts, &c.paths, &c.boxes} {
		out.WriteString(layer.String())
	}
	out.WriteString("</svg>\n")
	return out.String()
}

func (l *layout) drawTitle(out *strings.Builder) {
	write(out, styleTitle, margin, 30, l.m.plan.Name)
	write(out, styleMuted, margin, 48, l.m.counts(" · "))
	out.WriteString("\n")
}

// drawBand draws a Region's frame and name.
func (l *layout) drawBand(c *canvas, b *band) {
	out := &c.frames
	fmt.Fprintf(out, `<g data-region="%s">`, escape(b.region.Alias))
	rectangle(out, "region", b.rect, 8)
	b.head.draw(out, point{b.x + bandPad - cardPad, b.y + 2})
	if n := b.note; n != nil {
		write(out, n.style, b.x+n.x, n.baseline, n.text)
	}
	for _, f := range b.frames {
		rectangle(out, "frame", f, 0)
	}
	out.WriteString("</g>\n")
}
