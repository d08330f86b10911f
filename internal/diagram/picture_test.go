package diagram

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A picture is read back from the SVG text alone, so that these tests judge what a reader gets.

// area is a rectangle in tenths of a pixel.
type area struct{ x0, y0, x1, y1 int }

func (a area) overlaps(b area) bool { return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1 }
func (a area) holds(b area) bool    { return a.x0 <= b.x0 && b.x1 <= a.x1 && a.y0 <= b.y0 && b.y1 <= a.y1 }
func (a area) grown(by int) area    { return area{a.x0 - by, a.y0 - by, a.x1 + by, a.y1 + by} }

// seenText is a text with the box it stands in, -1 for none.
type seenText struct {
	area
	text string
	box  int
}

type seenBox struct {
	area
	node   string
	shapes []area
}

// seenLine is an edge or a path along one: horizontal and vertical pieces.
type seenLine struct {
	class  string
	ends   []string
	pieces []area // without extent in one direction
	tips   []area // where its parts begin and end
}

type picture struct {
	page  area
	texts []seenText
	boxes []seenBox
	bands map[string]area
	lines []seenLine
}

// look parses a picture.
func look(t *testing.T, svg string) *picture {
	t.Helper()
	p := &picture{bands: map[string]area{}}
	d := xml.NewDecoder(strings.NewReader(svg))
	band, box := "", -1
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		switch e := tok.(type) {
		case xml.EndElement:
			if e.Name.Local == "g" {
				band, box = "", -1
			}
		case xml.StartElement:
			a := attributes(e)
			switch e.Name.Local {
			case "svg":
				p.page = area{0, 0, 10 * number(t, a["width"]), 10 * number(t, a["height"])}
			case "g":
				band = a["data-region"]
				if node := a["data-node"]; node != "" {
					p.boxes = append(p.boxes, seenBox{node: node})
					box = len(p.boxes) - 1
				}
			case "rect":
				p.rect(t, a, band, box)
			case "path":
				if a["class"] != "duct" {
					p.lines = append(p.lines, line(t, a))
				}
			case "text":
				var content string
				if err := d.DecodeElement(&content, &e); err != nil {
					t.Fatal(err)
				}
				p.texts = append(p.texts, textArea(t, a, content, box))
			}
		}
	}
}

func attributes(e xml.StartElement) map[string]string {
	out := map[string]string{}
	for _, a := range e.Attr {
		out[a.Name.Local] = a.Value
	}
	return out
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("want a whole number, got %q", s)
	}
	return n
}

// rect notes a box, a Region, or a shape in a box.
func (p *picture) rect(t *testing.T, a map[string]string, band string, box int) {
	x, y, w, h := number(t, a["x"]), number(t, a["y"]), number(t, a["width"]), number(t, a["height"])
	r := area{10 * x, 10 * y, 10 * (x + w), 10 * (y + h)}
	switch {
	case a["class"] == "box":
		p.boxes[box].area = r
	case a["class"] == "region":
		p.bands[band] = r
	case box >= 0:
		p.boxes[box].shapes = append(p.boxes[box].shapes, r)
	}
}

// textArea is the place of a text: its stated length, and the height of its letters.
func textArea(t *testing.T, a map[string]string, content string, box int) seenText {
	i := slices.IndexFunc(styles, func(s style) bool { return s.class == a["class"] })
	if i < 0 {
		t.Fatalf("no style %q", a["class"])
	}
	length, err := strconv.ParseFloat(a["textLength"], 64)
	if err != nil {
		t.Fatal(err)
	}
	x, y, size := 10*number(t, a["x"]), 10*number(t, a["y"]), styles[i].size
	return seenText{area{x, y - size*905/100, x + int(10*length+0.5), y + size*212/100}, content, box}
}

// line reads path data of M, H and V.
func line(t *testing.T, a map[string]string) seenLine {
	t.Helper()
	l := seenLine{class: a["class"], ends: strings.Fields(a["data-ends"])}
	var x, y int
	data := strings.NewReplacer("M", "\nM", "H", "\nH", "V", "\nV").Replace(a["d"])
	for step := range strings.SplitSeq(strings.TrimSpace(data), "\n") {
		fromX, fromY := x, y
		switch step[0] {
		case 'M':
			if _, err := fmt.Sscanf(step, "M%d %d", &x, &y); err != nil {
				t.Fatal(err)
			}
			l.tips = append(l.tips, area{10 * fromX, 10 * fromY, 10 * fromX, 10 * fromY}, area{10 * x, 10 * y, 10 * x, 10 * y})
			continue
		case 'H':
			x = number(t, step[1:])
		case 'V':
			y = number(t, step[1:])
		default:
			t.Fatalf("path data %q", step)
		}
		l.pieces = append(l.pieces, area{10 * min(fromX, x), 10 * min(fromY, y), 10 * max(fromX, x), 10 * max(fromY, y)})
	}
	l.tips = append(l.tips[1:], area{10 * x, 10 * y, 10 * x, 10 * y})
	return l
}

// judge fails the test for everything that makes a picture hard to read.
func (p *picture) judge(t *testing.T) {
	t.Helper()
	p.judgeTexts(t)
	p.judgeBoxes(t)
	for i, l := range p.lines {
		p.judgeLine(t, l)
		for _, other := range p.lines[:i] {
			judgeTwoLines(t, l, other)
		}
	}
}

func (p *picture) judgeTexts(t *testing.T) {
	t.Helper()
	for i, x := range p.texts {
		if !p.page.holds(x.area) {
			t.Errorf("text %q leaves the page", x.text)
		}
		if x.box >= 0 && !p.boxes[x.box].holds(x.area) {
			t.Errorf("text %q leaves its box %s", x.text, p.boxes[x.box].node)
		}
		for _, y := range p.texts[:i] {
			if x.overlaps(y.area) {
				t.Errorf("texts %q and %q overlap", x.text, y.text)
			}
		}
		for i, b := range p.boxes {
			if i != x.box && b.overlaps(x.area) {
				t.Errorf("text %q overlaps box %s", x.text, b.node)
			}
		}
	}
}

func (p *picture) judgeBoxes(t *testing.T) {
	t.Helper()
	for i, b := range p.boxes {
		if b.area == (area{}) || !p.page.holds(b.area) {
			t.Errorf("box %s is not on the page", b.node)
		}
		for _, s := range b.shapes {
			if !b.holds(s) {
				t.Errorf("a shape leaves box %s", b.node)
			}
		}
		for _, other := range p.boxes[:i] {
			if b.overlaps(other.area) {
				t.Errorf("boxes %s and %s overlap", b.node, other.node)
			}
		}
		for alias, band := range p.bands {
			if b.overlaps(band) && !band.holds(b.area) {
				t.Errorf("box %s is partly in Region %s", b.node, alias)
			}
		}
	}
	for alias, b := range p.bands {
		for other, c := range p.bands {
			if alias < other && b.overlaps(c) {
				t.Errorf("Regions %s and %s overlap", alias, other)
			}
		}
	}
}

// judgeLine: a line runs through no box and no text, ends at its boxes, and enters only the Regions that they are in.
func (p *picture) judgeLine(t *testing.T, l seenLine) {
	t.Helper()
	var own []area
	for _, end := range l.ends {
		touched := false
		for _, b := range p.boxes {
			if b.node == end {
				own = append(own, b.area)
				touched = touched || slices.ContainsFunc(l.tips, func(tip area) bool { return b.grown(1).overlaps(tip.grown(1)) })
			}
		}
		if !touched {
			t.Errorf("line %v does not reach %s", l.ends, end)
		}
	}
	for _, piece := range l.pieces {
		if !p.page.holds(piece) {
			t.Errorf("line %v leaves the page", l.ends)
		}
		for _, b := range p.boxes {
			if b.grown(-1).overlaps(piece.grown(1)) {
				t.Errorf("line %v runs through box %s", l.ends, b.node)
			}
		}
		for _, x := range p.texts {
			if x.overlaps(piece.grown(1)) {
				t.Errorf("line %v runs through text %q", l.ends, x.text)
			}
		}
		for alias, band := range p.bands {
			if band.overlaps(piece.grown(1)) && !slices.ContainsFunc(own, band.holds) {
				t.Errorf("line %v runs through Region %s", l.ends, alias)
			}
		}
	}
}

// judgeTwoLines: two lines may cross, never run along the same place. A path runs along its edge.
func judgeTwoLines(t *testing.T, x, y seenLine) {
	t.Helper()
	if strings.HasPrefix(x.class, "strand") != strings.HasPrefix(y.class, "strand") || x.class == "strand many" || x.class == y.class && strings.HasPrefix(x.class, "strand") {
		return
	}
	for _, a := range x.pieces {
		for _, b := range y.pieces {
			horizontal := a.y0 == a.y1 && b.y0 == b.y1 && a.y0 == b.y0 && min(a.x1, b.x1) > max(a.x0, b.x0)
			vertical := a.x0 == a.x1 && b.x0 == b.x1 && a.x0 == b.x0 && min(a.y1, b.y1) > max(a.y0, b.y0)
			if horizontal || vertical {
				t.Errorf("lines %v and %v run along the same place", x.ends, y.ends)
			}
		}
	}
}
