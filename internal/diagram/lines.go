package diagram

import (
	"cmp"
	"slices"
)

// lines draws everything that joins boxes, and the paths along it.
func (l *layout) lines(c *canvas) {
	for _, s := range l.buses {
		l.busLines(c, s)
	}
	for _, p := range l.pipes {
		l.pipeLines(c, p)
	}
	for _, n := range slices.Concat(l.left.nets, l.right.nets) {
		l.netLines(c, n)
	}
}

// branch is the line from a hub to one of its leaves.
type branch struct {
	node string
	line polyline
	turn point // where it leaves the others, if it does
}

// busLines draws a bus with a tap down to each network.
func (l *layout) busLines(c *canvas, s *bus) {
	var branches []branch
	for _, b := range s.cells {
		turn := point{b.centerX(), s.y}
		branches = append(branches, branch{b.node, polyline{{s.segment.right(), s.y}, turn, {b.centerX(), b.y}}, turn})
	}
	l.branches(c, "attachment", s.segment.node, s.numbers, branches)
}

// netLines draws a net.
func (l *layout) netLines(c *canvas, n *net) {
	var branches []branch
	for _, p := range n.leaves {
		branches = append(branches, branch{p.node, n.to(p), point{n.x, p.y}})
	}
	l.branches(c, n.class, n.hub.node, n.numbers, branches)
}

// branches draws the lines from a hub to its leaves: those with paths as the paths, the others together, with dots where
// they part.
func (l *layout) branches(c *canvas, class, hub string, numbers []int, all []branch) {
	ends := []string{hub}
	var plain []polyline
	for _, b := range all {
		if len(l.m.strands(hub, b.node)) > 0 {
			l.strands(c, numbers, []string{hub, b.node}, b.line)
			continue
		}
		ends = append(ends, b.node)
		plain = append(plain, b.line)
	}
	if len(plain) == 0 {
		return
	}
	c.line(class, ends, plain...)
	for _, b := range all {
		if parts(plain, b.turn) {
			c.dot(class, b.turn)
		}
	}
}

// parts reports whether some line turns at a point and another one goes straight on.
func parts(lines []polyline, at point) bool {
	var turns, passes bool
	for _, l := range lines {
		l = l.tidy()
		for i, p := range l {
			turns = turns || p == at
			passes = passes || i > 0 && p != at && l[i-1] != at && between(l[i-1], at, p)
		}
	}
	return turns && passes
}

// pipeLines draws a VPN connection's tunnels.
func (l *layout) pipeLines(c *canvas, p *pipe) {
	ends := []string{p.site.node, p.segment.node}
	var tunnels []polyline
	middle := 0
	for _, y := range p.tunnels {
		tunnels = append(tunnels, polyline{{p.site.right(), y}, {p.segment.x, y}})
		middle += y
	}
	c.line("vpn", ends, tunnels...)
	middle /= len(p.tunnels)
	l.strands(c, p.numbers, ends, polyline{{p.site.right(), middle}, {p.segment.x, middle}})
}

// strands draws the paths between two nodes beside each other, each where it is on the whole edge. More paths than
// colours are one line.
func (l *layout) strands(c *canvas, all []int, ends []string, line polyline) {
	here := slices.Clone(l.m.strands(ends[0], ends[1]))
	if len(here) == 0 {
		return
	}
	if len(l.m.paths) > MaxColours {
		c.duct(strandPitch+ductSpare, line)
		c.strand("many", ends, line)
		return
	}
	slot := func(number int) int { return slices.Index(all, number) }
	slices.SortFunc(here, func(x, y int) int { return cmp.Compare(slot(x), slot(y)) })
	offset := func(number int) int { return strandPitch*slot(number) - strandPitch*(len(all)-1)/2 }
	first, last := offset(here[0]), offset(here[len(here)-1])
	c.duct(last-first+strandPitch+ductSpare, line.beside((first+last)/2))
	for _, number := range here {
		c.strand(l.m.colour(l.m.paths[number-1]), ends, line.beside(offset(number)))
	}
}
