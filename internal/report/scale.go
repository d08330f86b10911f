package report

import (
	"math"
	"strconv"
)

// scale maps microseconds to a percentage of an axis.
type scale struct {
	lo, hi float64
	log    bool
}

// tooWide is the ratio of the largest to the smallest time from which on an axis is logarithmic.
const tooWide = 20

// newScale makes an axis for times from lo to hi, with some room at both ends.
func newScale(lo, hi float64) scale {
	if lo > 0 && hi/lo > tooWide {
		return scale{lo: lo / 1.1, hi: hi * 1.1, log: true}
	}
	room := (hi - lo) * 0.04
	if room == 0 {
		room = max(math.Abs(lo)*0.05, 1)
	}
	if lo >= 0 {
		return scale{lo: max(0, lo-room), hi: hi + room}
	}
	return scale{lo: lo - room, hi: hi + room}
}

// pos is where a value stands, from 0 to 100.
func (s scale) pos(v float64) float64 {
	lo, hi := s.lo, s.hi
	if s.log {
		lo, hi, v = math.Log(lo), math.Log(hi), math.Log(max(v, s.lo))
	}
	return min(100, max(0, 100*(v-lo)/(hi-lo)))
}

// tick is a labeled place on an axis.
type tick struct {
	pos   float64
	label string
}

// ticks returns about n round values, divided by unit for their labels: 1000 for milliseconds.
func (s scale) ticks(n int, unit float64) []tick {
	if s.log {
		if out := s.logTicks(n, unit); len(out) >= 2 {
			return out
		}
	}
	step := niceStep((s.hi-s.lo)/unit, n)
	decimals := int(max(0, min(3, math.Ceil(-math.Log10(step)-1e-9))))
	var out []tick
	first := math.Ceil(s.lo/unit/step - 1e-9)
	for i := range 4 * n {
		v := (first + float64(i)) * step
		if v*unit > s.hi {
			break
		}
		out = append(out, tick{s.pos(v * unit), strconv.FormatFloat(v+0, 'f', decimals, 64)})
	}
	return out
}

// niceStep is 1, 2 or 5 times a power of ten, at least a thousandth. It may give a fourth more steps than asked for.
func niceStep(width float64, n int) float64 {
	raw := max(width/float64(n), 0.001)
	power := math.Pow(10, math.Floor(math.Log10(raw)+1e-9))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw*0.8 {
			return m * power
		}
	}
	return 10 * power
}

// logTicks are powers of ten, with 2 and 5 times them if there is room.
func (s scale) logTicks(n int, unit float64) []tick {
	var out []tick
	for _, multiples := range [][]float64{{1, 2, 5}, {1}} {
		out = out[:0]
		for e := math.Floor(math.Log10(s.lo / unit)); e <= math.Ceil(math.Log10(s.hi/unit)); e++ {
			for _, m := range multiples {
				if v := m * math.Pow(10, e); v*unit >= s.lo && v*unit <= s.hi {
					out = append(out, tick{s.pos(v * unit), strconv.FormatFloat(v, 'f', -1, 64)})
				}
			}
		}
		if len(out) <= n+1 {
			break
		}
	}
	return out
}
