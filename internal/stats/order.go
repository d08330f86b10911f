package stats

import (
	"fmt"
	"sort"
)

// Bound is one end of a confidence interval.
type Bound struct {
	// Value is a measured time, or Lost where so many probes were lost that the bound is infinite.
	Value Latency
	// Known is false where the sample is too small for this bound. Value means nothing then.
	Known bool
}

// String prints the value, or "unknown".
func (b Bound) String() string {
	if !b.Known {
		return "unknown"
	}
	return b.Value.String()
}

// Rank is the place of an order statistic in a sorted sample, from 1. NoRank is beyond either end: the sample is too
// small to bound the quantile on that side.
type Rank int

// NoRank is not in the sample.
const NoRank Rank = 0

// closeEnough keeps a probability that is equal to the confidence on paper from missing it by rounding.
const closeEnough = 1e-12

// UpperRank returns the smallest rank whose order statistic is at least the population's quantile q with this confidence.
func UpperRank(q Quantile, n int, confidence float64) Rank {
	// P(X(u) >= quantile) = P(at most u-1 samples are below it)
	u := 1 + sort.Search(n, func(k int) bool { return binomialCDF(k, n, q.share()) >= confidence-closeEnough })
	if u > n {
		return NoRank
	}
	return Rank(u)
}

// LowerRank returns the largest rank whose order statistic is at most the population's quantile q with this confidence.
func LowerRank(q Quantile, n int, confidence float64) Rank {
	// P(X(l) <= quantile) = 1 - P(at most l-1 samples are below it)
	return Rank(sort.Search(n, func(k int) bool { return binomialCDF(k, n, q.share()) > 1-confidence+closeEnough }))
}

// QuantileRanks returns the ranks of the two-sided interval with equal tails.
func QuantileRanks(q Quantile, n int, confidence float64) (lo, hi Rank) {
	half := 1 - (1-confidence)/2
	return LowerRank(q, n, half), UpperRank(q, n, half)
}

// NeedN returns the smallest sample that bounds the quantile q from above at this confidence, on one side: 29 for p90,
// 299 for p99 at 0.95. 0 means that no sample is large enough, as for the maximum.
func NeedN(q Quantile, confidence float64) int { return needed(q.share(), confidence) }

// NeedNBelow is the same for a bound from below.
func NeedNBelow(q Quantile, confidence float64) int { return needed(1-q.share(), confidence) }

// Estimate is a measure of a sample with what the sample says about the population's.
type Estimate struct {
	Measure      Measure
	N            int
	Value        Latency // of the sample; Lost when so many probes were lost; Absent when there is nothing to take it from
	Lo, Hi       Bound   // two-sided interval
	Lower, Upper Bound   // bounds of one side each, at the same confidence
	NeedN        int     // smallest sample that bounds it from above; 0: none does
}

// Resolved reports whether the sample is large enough to bound the measure from above. If not, Value is a guess about
// anything but this run.
func (e Estimate) Resolved() bool { return e.Upper.Known }

// String prints "p50 62.2ms (62.14ms to 62.27ms)", or "p99 >= 63.4ms (n=100: not resolvable, needs n=299)" where all
// that can be said is a lower bound.
func (e Estimate) String() string {
	switch {
	case e.Value == Absent:
		return fmt.Sprintf("%s none (n=%d)", e.Measure, e.N)
	case e.Measure.OfRun():
		return fmt.Sprintf("%s %s (of this run)", e.Measure, e.Value)
	case !e.Resolved() && e.Lower.Known:
		return fmt.Sprintf("%s >= %s (n=%d: not resolvable, needs n=%d)", e.Measure, e.Lower, e.N, e.NeedN)
	case !e.Resolved():
		return fmt.Sprintf("%s unknown (n=%d: not resolvable, needs n=%d)", e.Measure, e.N, e.NeedN)
	}
	return fmt.Sprintf("%s %s (%s to %s)", e.Measure, e.Value, e.Lo, e.Hi)
}

// estimate reads a percentile from n ordered values.
func estimate(q Quantile, n int, at func(rank int) Latency, confidence float64) Estimate {
	e := Estimate{Measure: Measure{Percentile, q}, N: n, Value: Absent, NeedN: NeedN(q, confidence)}
	if n == 0 {
		return e
	}
	bound := func(r Rank) Bound {
		if r == NoRank {
			return Bound{}
		}
		return Bound{at(int(r)), true}
	}
	lo, hi := QuantileRanks(q, n, confidence)
	e.Value = at(q.Rank(n))
	e.Lo, e.Hi = bound(lo), bound(hi)
	e.Lower, e.Upper = bound(LowerRank(q, n, confidence)), bound(UpperRank(q, n, confidence))
	return e
}
