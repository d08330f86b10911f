package diagram

// Everything is measured in whole pixels: floating point would give other pictures on other processors.

type point struct{ x, y int }

type rect struct{ x, y, w, h int }

func (r rect) right() int   { return r.x + r.w }
func (r rect) bottom() int  { return r.y + r.h }
func (r rect) centerX() int { return r.x + r.w/2 }

// polyline is a line of horizontal and vertical pieces.
type polyline []point

// tidy leaves out points that do not change a line's direction.
func (p polyline) tidy() polyline {
	var out polyline
	for _, q := range p {
		n := len(out)
		if n > 0 && out[n-1] == q {
			continue
		}
		if n > 1 && direction(out[n-2], out[n-1]) == direction(out[n-1], q) {
			out[n-1] = q
			continue
		}
		out = append(out, q)
	}
	return out
}

// beside returns the line at a distance to the right of it, as one walks along it; to the left of it for less than 0.
func (p polyline) beside(distance int) polyline {
	p = p.tidy()
	if len(p) < 2 {
		return p
	}
	out := make(polyline, len(p))
	for i, q := range p {
		before, after := point{}, point{}
		if i > 0 {
			before = rightOf(direction(p[i-1], q))
		}
		if i < len(p)-1 {
			after = rightOf(direction(q, p[i+1]))
		}
		out[i] = point{q.x + distance*(before.x+after.x), q.y + distance*(before.y+after.y)}
	}
	return out
}

// between reports whether a point lies on a horizontal or vertical piece.
func between(from, at, to point) bool {
	return min(from.x, to.x) <= at.x && at.x <= max(from.x, to.x) && min(from.y, to.y) <= at.y && at.y <= max(from.y, to.y)
}

func direction(from, to point) point { return point{sign(to.x - from.x), sign(to.y - from.y)} }

func rightOf(d point) point { return point{-d.y, d.x} }

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}
