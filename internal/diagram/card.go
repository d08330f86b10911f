package diagram

// A card is a block of text, measured: rows of spans, broken into lines where a row does not fit.

// span is a piece of text in one style, alone or on a coloured shape.
type span struct {
	text  string
	style style
	shape string // class of the shape behind it, empty for none
}

// row is spans that stand beside each other.
type row struct {
	spans []span
	// port says that a line arrives at this row, at the card's side.
	port bool
	// gap is room above the row, in pixels.
	gap int
}

// Measures of cards, in pixels.
const (
	cardPad   = 8 // left and right of the text
	cardRoom  = 6 // above and below it
	spanGap   = 5 // between two spans
	chipPad   = 5 // between a shape's end and its text
	chipSpare = 2 // by which a line with a shape is higher
)

// placed is a text at its place in a card, with the shape behind it.
type placed struct {
	span
	x, baseline int
	shape       rect // zero without a shape
}

// card is rows, laid out.
type card struct {
	w, h   int
	texts  []placed
	ports  []int // y of rows with a port, from the card's top
	bottom int   // of the text, without padding
}

// outer is the width of a span with its shape.
func (s span) outer() int {
	w := s.style.width(s.text)
	if s.shape != "" {
		w += 2 * chipPad
	}
	return w
}

// naturalWidth is what a row takes on one line.
func (r row) naturalWidth() int {
	w := 0
	for i, s := range r.spans {
		if i > 0 {
			w += spanGap
		}
		w += s.outer()
	}
	return w
}

// naturalWidth is what rows take when no row is broken, with padding.
func naturalWidth(rows []row) int {
	w := 0
	for _, r := range rows {
		w = max(w, r.naturalWidth())
	}
	return w + 2*cardPad
}

// newCard lays rows out in a width, with room above and below them.
func newCard(rows []row, w, room int) *card {
	c := &card{w: w, bottom: room}
	for _, r := range rows {
		c.bottom += r.gap
		top := c.bottom
		c.flow(r.spans)
		if r.port {
			c.ports = append(c.ports, (top+c.bottom)/2)
		}
	}
	c.h = c.bottom + room
	return c
}

// flow places one row's spans, on as many lines as they need.
func (c *card) flow(spans []span) {
	var line []span
	used, room := 0, c.w-2*cardPad
	for _, s := range breakSpans(spans, room) {
		if len(line) > 0 && used+spanGap+s.outer() > room {
			c.line(line)
			line, used = nil, 0
		}
		if len(line) > 0 {
			used += spanGap
		}
		line = append(line, s)
		used += s.outer()
	}
	if len(line) > 0 {
		c.line(line)
	}
}

// breakSpans breaks the spans that are wider than a whole line.
func breakSpans(spans []span, room int) []span {
	var out []span
	for _, s := range spans {
		if s.outer() <= room {
			out = append(out, s)
			continue
		}
		spare := s.outer() - s.style.width(s.text)
		for _, part := range s.style.wrap(s.text, room-spare) {
			out = append(out, span{part, s.style, s.shape})
		}
	}
	return out
}

// line places one line of spans.
func (c *card) line(spans []span) {
	height := 0
	for _, s := range spans {
		h := s.style.lineHeight()
		if s.shape != "" {
			h += chipSpare
		}
		height = max(height, h)
	}
	x := cardPad
	for _, s := range spans {
		p := placed{span: s, x: x, baseline: c.bottom + s.style.baseline(height)}
		if s.shape != "" {
			h := s.style.lineHeight()
			p.shape = rect{x, c.bottom + (height-h)/2, s.outer(), h}
			p.x += chipPad
		}
		c.texts = append(c.texts, p)
		x += s.outer() + spanGap
	}
	c.bottom += height
}
