package diagram

import (
	"cmp"
	"slices"
)

// Measures of lines, in pixels.
const (
	strandPitch  = 4  // between the lines of two paths
	strandSpare  = 8  // between the lines of paths and what is beside them
	ductSpare    = 4  // by which the room drawn around them is wider
	trackGap     = 8  // between two tracks
	trackReuse   = 30 // between two lines on one track, so that they do not look like one
	channelInset = 14 // between a channel's side and its first track
	portGap      = 12 // between two lines that arrive at a box
)

// channel is the room for lines between the Regions and the boxes on one side of them. Lines leave their boxes
// horizontally, each at a height of its own, and turn on vertical tracks; so two lines cross but never share a place.
type channel struct {
	nets   []*net
	tracks []track // the first one beside the Regions
}

// net is a line from one box, its hub, to others.
type net struct {
	class   string
	hub     pin // always left of the leaves
	leaves  []pin
	outward bool  // the hub is in a Region, the leaves are outside
	numbers []int // of the paths along it
	width   int   // of those paths
	x       int   // of its track
}

// pins are the ends of a net: those in Regions, and those outside.
func (n *net) pins() (near, far []pin) {
	if n.outward {
		return []pin{n.hub}, n.leaves
	}
	return n.leaves, []pin{n.hub}
}

// pin is an end of a net: a box, and the height at which the line leaves it.
type pin struct {
	node  string
	box   *box
	y     int
	below bool // the line leaves the box at its bottom, down to that height
}

// track is a vertical line that several nets use, one below the other.
type track struct {
	width int
	nets  []*net
}

// span is the height that a net takes on its track.
func (n *net) span() (top, bottom int) {
	top, bottom = n.hub.y, n.hub.y
	for _, p := range n.leaves {
		top, bottom = min(top, p.y), max(bottom, p.y)
	}
	return top, bottom
}

// assign gives every net a track: short ones first and nearest to the Regions, so that long ones pass around them.
func (c *channel) assign() {
	order := slices.Clone(c.nets)
	slices.SortStableFunc(order, func(x, y *net) int {
		xt, xb := x.span()
		yt, yb := y.span()
		return cmp.Or(cmp.Compare(xb-xt, yb-yt), cmp.Compare(xt, yt))
	})
	for _, n := range order {
		if top, bottom := n.span(); top != bottom {
			t := &c.tracks[c.free(top, bottom)]
			t.nets = append(t.nets, n)
			t.width = max(t.width, n.width)
		}
	}
	c.untangle()
}

// untangle changes the order of neighbouring tracks as long as that saves crossings.
func (c *channel) untangle() {
	for better := true; better; {
		better = false
		for i := 1; i < len(c.tracks); i++ {
			x, y := c.tracks[i-1], c.tracks[i]
			if crossings(y, x) < crossings(x, y) {
				c.tracks[i-1], c.tracks[i] = y, x
				better = true
			}
		}
	}
}

// crossings counts how often the lines of two neighbouring tracks cross: lines to Regions pass the outer track's
// neighbour, lines outward that of the inner one.
func crossings(inner, outer track) int {
	count := 0
	for _, x := range inner.nets {
		for _, y := range outer.nets {
			near, _ := y.pins()
			_, far := x.pins()
			count += passes(near, x) + passes(far, y)
		}
	}
	return count
}

// passes counts the pins whose lines meet a net on its track.
func passes(pins []pin, n *net) int {
	top, bottom := n.span()
	count := 0
	for _, p := range pins {
		if top < p.y && p.y < bottom {
			count++
		}
	}
	return count
}

// free finds the first track that nothing uses between two heights.
func (c *channel) free(top, bottom int) int {
	for i, t := range c.tracks {
		if !slices.ContainsFunc(t.nets, func(n *net) bool {
			otherTop, otherBottom := n.span()
			return top < otherBottom+trackReuse && otherTop < bottom+trackReuse
		}) {
			return i
		}
	}
	c.tracks = append(c.tracks, track{})
	return len(c.tracks) - 1
}

// width is what the channel needs between its two sides.
func (c *channel) width() int {
	w := 2 * channelInset
	for _, t := range c.tracks {
		w += t.width + trackGap
	}
	return w
}

// place sets the nets' tracks, from the side of the Regions outward: direction is 1 to the right and -1 to the left.
func (c *channel) place(side, direction int) {
	at := channelInset
	for _, n := range c.nets {
		n.x = side + direction*at
	}
	for _, t := range c.tracks {
		at += t.width / 2
		for _, n := range t.nets {
			n.x = side + direction*at
		}
		at += t.width - t.width/2 + trackGap
	}
}

// from is the line from a pin's box to a track.
func (p pin) from(n *net) polyline {
	b := p.box
	switch {
	case p.below:
		return polyline{{b.centerX(), b.bottom()}, {b.centerX(), p.y}, {n.x, p.y}}
	case b.x < n.x:
		return polyline{{b.right(), p.y}, {n.x, p.y}}
	}
	return polyline{{b.x, p.y}, {n.x, p.y}}
}

// to is the line from the hub to a leaf.
func (n *net) to(leaf pin) polyline {
	back := leaf.from(n)
	slices.Reverse(back)
	return slices.Concat(n.hub.from(n), back)
}
