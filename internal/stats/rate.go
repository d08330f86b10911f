package stats

import (
	"fmt"
	"math"
)

// Rate is a share of probes, such as the lost ones, with the exact limits of Clopper and Pearson: their confidence is
// never below the nominal one. All shares are from 0 to 1.
type Rate struct {
	Count, N     int
	Value        float64 // Count/N; 0 when N is 0, and then Lo and Lower are 0, Hi and Upper 1
	Lo, Hi       float64 // two-sided limits
	Lower, Upper float64 // limits of one side each, at the same confidence
}

// NewRate returns the rate of count events in n probes. Confidence is from 0 to 1, usually 0.95.
func NewRate(count, n int, confidence float64) Rate {
	r := Rate{Count: count, N: n, Hi: 1, Upper: 1}
	if n > 0 {
		r.Value = float64(count) / float64(n)
		r.Lo, r.Hi = atLeast(count, n, (1-confidence)/2), atMost(count, n, (1-confidence)/2)
		r.Lower, r.Upper = atLeast(count, n, 1-confidence), atMost(count, n, 1-confidence)
	}
	return r
}

// atMost is the rate at which so few events have probability alpha.
func atMost(count, n int, alpha float64) float64 {
	if count >= n {
		return 1
	}
	return solve(func(p float64) float64 { return 1 - binomialCDF(count, n, p) }, 1-alpha, 0, 1)
}

// atLeast is the rate at which so many events have probability alpha.
func atLeast(count, n int, alpha float64) float64 { return 1 - atMost(n-count, n, alpha) }

// String prints the rate in percent with its two-sided limits, such as "1.00% (0.03% to 5.45%, 1 of 100)".
func (r Rate) String() string {
	return fmt.Sprintf("%.2f%% (%.2f%% to %.2f%%, %d of %d)", 100*r.Value, 100*r.Lo, 100*r.Hi, r.Count, r.N)
}

// NeedNForRate returns how many probes it takes, if none of them is lost, to show that a rate is below the limit (above
// 0, at most 1) at this confidence. 0 means that no number is enough.
func NeedNForRate(limit, confidence float64) int {
	if limit <= 0 {
		return 0
	}
	return needed(1-limit, confidence)
}

// needed is the smallest n with p^n <= 1-confidence, 0 where there is none.
func needed(p, confidence float64) int {
	switch {
	case p >= 1 || confidence >= 1:
		return 0
	case p <= 1-confidence:
		return 1
	}
	n := math.Ceil(math.Log(1-confidence)/math.Log(p) - 1e-9)
	if n > 1<<40 {
		return 0
	}
	return int(n)
}
