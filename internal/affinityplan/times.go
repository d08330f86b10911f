package affinityplan

import (
	"math"
	"time"
)

// Times are percentiles of a time. Zero means that one is not known.
type Times struct {
	P0, P50, P90, P99, P999 time.Duration
}

// Known reports whether there are the shortest and the median.
func (t Times) Known() bool { return t.P0 > 0 && t.P50 > 0 }

// hasTail reports whether enough is known to draw times from. Without p99 a tail would be invented.
func (t Times) hasTail() bool { return t.Known() && t.P99 > 0 }

// knot is a percentile for drawing: the depth of a share q is -ln(1-q), in which tails of usual times are nearly straight.
type knot struct{ depth, log float64 }

// quantiles draws times between known percentiles, straight in depth and logarithm. What is beyond the last one is unknown.
type quantiles []knot

func newQuantiles(t Times) quantiles {
	var out quantiles
	for _, p := range []struct {
		share float64
		time  time.Duration
	}{{0, t.P0}, {0.5, t.P50}, {0.9, t.P90}, {0.99, t.P99}, {0.999, t.P999}} {
		if p.time > 0 {
			out = append(out, knot{-math.Log1p(-p.share), math.Log(ms(p.time))})
		}
	}
	return out
}

// at returns the time in milliseconds at the share u from 0 to below 1. Beyond the last percentile it returns that one's time,
// which is a lower bound then, and true.
func (q quantiles) at(u float64) (value float64, beyond bool) {
	if len(q) == 0 {
		return 0, false
	}
	depth := -math.Log1p(-u)
	for i := 1; i < len(q); i++ {
		a, b := q[i-1], q[i]
		if depth < b.depth {
			return math.Exp(a.log + (b.log-a.log)*(depth-a.depth)/(b.depth-a.depth)), false
		}
	}
	return math.Exp(q[len(q)-1].log), true
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
