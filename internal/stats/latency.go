package stats

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// Latency is the result of one probe in nanoseconds, or Lost, or Absent. Lost sorts after every measured time.
// Measured times have to be below 100 years, so that differences of two of them cannot overflow.
type Latency int64

const (
	// Lost marks a probe that was sent and got no answer in time. It counts, and it ranks as an infinite latency.
	Lost Latency = math.MaxInt64
	// Absent marks a slot that says nothing about this phase: the prober itself failed, or the time was not one of the
	// path (a lost first packet of a TCP handshake). It counts nowhere.
	Absent Latency = math.MinInt64
)

// Duration returns the time; false for Lost and Absent.
func (l Latency) Duration() (time.Duration, bool) {
	return time.Duration(l), l != Lost && l != Absent
}

// String prints a time rounded to microseconds.
func (l Latency) String() string {
	switch l {
	case Lost:
		return "infinite"
	case Absent:
		return "none"
	}
	return time.Duration(l).Round(time.Microsecond).String()
}

// Of converts measured times to a series without losses.
func Of(times ...time.Duration) []Latency {
	out := make([]Latency, len(times))
	for i, t := range times {
		out[i] = Latency(t)
	}
	return out
}

// ranked returns what counts in a series, sorted, and how many of it are measured times: the rest are Lost.
func ranked(series []Latency) (sorted []Latency, ok int) {
	sorted = make([]Latency, 0, len(series))
	for _, l := range series {
		if l == Absent {
			continue
		}
		sorted = append(sorted, l)
		if l != Lost {
			ok++
		}
	}
	slices.Sort(sorted)
	return sorted, ok
}

// total is a sum of 128 bits: no number of times overflows it.
type total struct{ hi, lo uint64 }

func (t *total) add(o total) {
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, o.lo, 0)
	t.hi += o.hi + carry
}

// over divides by n, rounding to the nearest integer. The quotient has to fit into 64 bits, as a mean does.
func (t total) over(n uint64) uint64 {
	t.add(total{lo: n / 2})
	quotient, _ := bits.Div64(t.hi, t.lo, n)
	return quotient
}

// mean returns the mean of measured times, rounded to the nearest nanosecond; Absent for none.
func mean(times []Latency) Latency {
	if len(times) == 0 {
		return Absent
	}
	var sum total
	low := slices.Min(times)
	for _, t := range times {
		sum.add(total{lo: uint64(t - low)})
	}
	return low + Latency(sum.over(uint64(len(times))))
}

// deviation returns the standard deviation of measured times with n-1 in its denominator; Absent for fewer than two.
func deviation(times []Latency) Latency {
	if len(times) < 2 {
		return Absent
	}
	m, sum := mean(times), 0.0
	for _, t := range times {
		d := float64(t - m)
		sum += d * d
	}
	return Latency(math.Round(math.Sqrt(sum / float64(len(times)-1))))
}
