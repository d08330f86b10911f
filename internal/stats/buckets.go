package stats

import (
	"math/bits"
	"time"
)

// Histogram holds any number of times in fixed memory (about 24 KB), for runs too long to keep every sample. Times are
// counted in microseconds; up to 256 µs each has its own bucket, above that 128 buckets divide every power of two. What
// it returns is off by at most half a bucket: 0.4 %, or 0.5 µs where that is more. Minimum, maximum, average and the
// numbers of probes are exact. The zero value is empty and ready to use.
type Histogram struct {
	counts   []uint64
	ok, lost uint64
	sum      total
	low      Latency
	high     Latency
}

const (
	subBits    = 7 // 2^7 buckets in each power of two
	linear     = 1 << (subBits + 1)
	topBits    = 27 // 2^27 µs are 134 s; slower answers share the last bucket
	bucketsLen = linear + (topBits-subBits-1)<<subBits
)

// MaxTracked is the longest time that a Histogram tells from longer ones.
const MaxTracked = (1<<topBits - 1) * time.Microsecond

// Add counts one probe. Absent counts nowhere; times below zero count as zero.
func (h *Histogram) Add(l Latency) {
	switch l {
	case Absent:
		return
	case Lost:
		h.lost++
		return
	}
	l = max(l, 0)
	if h.counts == nil {
		h.counts = make([]uint64, bucketsLen)
	}
	if h.ok == 0 || l < h.low {
		h.low = l
	}
	h.high = max(h.high, l)
	h.ok++
	h.sum.add(total{lo: uint64(l)})
	h.counts[bucket(l)]++
}

// Merge adds the counts of another histogram, which stays as it is.
func (h *Histogram) Merge(o *Histogram) {
	h.lost += o.lost
	if o.ok == 0 {
		return
	}
	if h.ok == 0 {
		h.low, h.counts = o.low, make([]uint64, bucketsLen)
	}
	h.low, h.high = min(h.low, o.low), max(h.high, o.high)
	h.ok += o.ok
	h.sum.add(o.sum)
	for i, n := range o.counts {
		h.counts[i] += n
	}
}

// Sent returns how many probes were counted, OK how many of them were answered.
func (h *Histogram) Sent() int { return int(h.ok + h.lost) }

// OK returns how many probes were answered.
func (h *Histogram) OK() int { return int(h.ok) }

// Min returns the shortest time, exactly; like Max and Avg it is Absent when nothing was answered.
func (h *Histogram) Min() Latency { return h.exact(h.low) }

// Max returns the longest time, exactly.
func (h *Histogram) Max() Latency { return h.exact(h.high) }

// Avg returns the mean of the answered probes, exactly.
func (h *Histogram) Avg() Latency { return h.exact(Latency(h.sum.over(max(h.ok, 1)))) }

func (h *Histogram) exact(l Latency) Latency {
	if h.ok == 0 {
		return Absent
	}
	return l
}

// All estimates a percentile of all probes; lost ones rank as infinite.
func (h *Histogram) All(q Quantile, confidence float64) Estimate {
	return estimate(q, h.Sent(), h.at, confidence)
}

// Answered estimates a percentile of the answered probes alone.
func (h *Histogram) Answered(q Quantile, confidence float64) Estimate {
	return estimate(q, h.OK(), h.at, confidence)
}

// Loss returns the share of probes that were lost.
func (h *Histogram) Loss(confidence float64) Rate { return NewRate(int(h.lost), h.Sent(), confidence) }

// Spread returns p90 - p50 with losses as infinite.
func (h *Histogram) Spread() Latency { return spread(h.at, h.Sent()) }

// at returns the time at a rank: the middle of its bucket, but never outside what was measured. A rank in the last
// bucket gets the longest time, which is then an upper bound.
func (h *Histogram) at(rank int) Latency {
	switch r := uint64(rank); {
	case r > h.ok:
		return Lost
	case r == 1:
		return h.low
	case r == h.ok:
		return h.high
	}
	var below uint64
	for i, n := range h.counts[:bucketsLen-1] {
		if below += n; below >= uint64(rank) {
			return min(max(middle(i), h.low), h.high)
		}
	}
	return h.high
}

func bucket(l Latency) int {
	us := min((uint64(l)+500)/1000, 1<<topBits-1)
	if us < linear {
		return int(us)
	}
	shift := bits.Len64(us) - subBits - 1
	return shift<<subBits + int(us>>shift)
}

// middle returns the time in the middle of a bucket.
func middle(i int) Latency {
	if i < linear {
		return Latency(i) * Latency(time.Microsecond)
	}
	shift := i>>subBits - 1
	low := uint64(i-shift<<subBits) << shift
	return Latency(low)*Latency(time.Microsecond) + Latency(uint64(1)<<shift-1)*Latency(time.Microsecond)/2
}
