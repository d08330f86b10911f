package published

import (
	"math"
	"time"

	"github.com/pathproof/pathproof/internal/stats"
)

// Spread is the smallest and the largest standard deviation (with n-1 in the denominator) of any n samples with a row's
// minimum, maximum and average, and the half-widths of the 95 % interval of the mean that follow if the probes are
// independent of each other: t times the deviation over the square root of n.
type Spread struct {
	LeastSD, MostSD         time.Duration
	LeastMargin, MostMargin time.Duration
	leastError, mostError   float64 // standard errors, ns
}

// Spread bounds the row's standard deviation.
//
// From above: the variance is at most (max-avg)(avg-min) (Bhatia and Davis), which is at most (max-min)^2/4 (Popoviciu).
// From below: one sample is the minimum and one the maximum, and the variance is least when all others are equal.
func (r Row) Spread() Spread {
	n := float64(r.N)
	above, below := float64(r.Max-r.Avg), float64(r.Avg-r.Min)
	most := math.Sqrt(above * below * n / (n - 1))
	rest := (above - below) / (n - 2) // how far the others have to lie from the average to make it the average
	least := math.Sqrt((above*above + below*below + (n-2)*rest*rest) / (n - 1))
	t := stats.StudentT(0.975, n-1) / math.Sqrt(n)
	return Spread{
		LeastSD: duration(least), MostSD: duration(most),
		LeastMargin: duration(t * least), MostMargin: duration(t * most),
		leastError: least / math.Sqrt(n), mostError: most / math.Sqrt(n),
	}
}

func duration(ns float64) time.Duration { return time.Duration(math.Round(ns)) }

// MostDeviation is the largest population standard deviation of samples between the row's minimum and maximum: half the
// range (Popoviciu). A printed deviation above it is wrong.
func (r Row) MostDeviation() time.Duration { return (r.Max - r.Min) / 2 }

// Apart reports that the ranges of two rows do not touch: each time of one is below each time of the other, whatever was
// cut off.
func Apart(a, b Row) bool {
	return a.Max+cut(a) <= b.Min || b.Max+cut(b) <= a.Min
}

// cut is how much above the printed figure the time may have been, if it was cut off; if it was rounded, half of it above
// or below, and gaps between figures are as uncertain.
func cut(r Row) time.Duration {
	if r.Resolution == time.Millisecond {
		return r.Resolution
	}
	return 0
}

// byChance is the probability that two groups fall apart completely when they are drawn from the same distribution in
// random order: two of all the ways to choose which are in the first.
func byChance(n, m int) float64 {
	ways := 1.0
	for i := 1; i <= n; i++ {
		ways *= float64(m+i) / float64(i)
	}
	return 2 / ways
}

// Difference is a difference of averages with the half-widths that its 95 % interval can have (Welch), under
// independence: the least spreads of both rows, and the largest.
type Difference struct {
	Value                   time.Duration
	LeastMargin, MostMargin time.Duration
}

// Minus subtracts the average of b.
func (r Row) Minus(b Row) Difference {
	x, y := r.Spread(), b.Spread()
	return Difference{
		Value:       r.Avg - b.Avg,
		LeastMargin: welch(x.leastError, y.leastError, r.N, b.N),
		MostMargin:  welch(x.mostError, y.mostError, r.N, b.N),
	}
}

// welch is the half-width of the 95 % interval of a difference of means, from their standard errors.
func welch(x, y float64, n, m int) time.Duration {
	v, w := x*x, y*y
	df := (v + w) * (v + w) / (v*v/float64(n-1) + w*w/float64(m-1))
	return duration(stats.StudentT(0.975, df) * math.Sqrt(v+w))
}

// BetweenRuns is how far averages of whole runs may lie apart at 95 % although the path is the same: from the paths that
// were measured twice. It takes runs for independent and their averages for normally distributed with one deviation.
// The number of pairs is its degrees of freedom.
func BetweenRuns(rows []Row) (margin time.Duration, pairs int) {
	sum := 0.0
	for _, again := range rows {
		for _, first := range rows {
			if again.Run == 2 && first.Run == 1 && first.Path == again.Path && first.Method == again.Method {
				d := float64(again.Avg - first.Avg)
				sum += d * d / 2 // the variance of two values
				pairs++
			}
		}
	}
	if pairs == 0 {
		return 0, 0
	}
	deviation := math.Sqrt(sum / float64(pairs))
	return duration(stats.StudentT(0.975, float64(pairs)) * deviation * math.Sqrt2), pairs
}

// Rest describes the samples of a run without one that is the minimum and one that is the maximum, where all are whole
// milliseconds and the printed average is their sum over n, cut off.
type Rest struct {
	N                 int
	LeastSum, MostSum int  // of the N samples, ms
	Rounded           bool // an average that is rounded to the nearest instead of cut off would be possible too
}

// Others returns what the other samples of a row have to add up to.
func (r Row) Others() Rest {
	ms := func(d time.Duration) int { return int(d / time.Millisecond) }
	n, ends := r.N, ms(r.Min)+ms(r.Max)
	lowest, highest := (n-2)*ms(r.Min), (n-2)*ms(r.Max)
	sum := ms(r.Avg) * n // up to n-1 more is cut off; rounding takes it from n/2 below to n/2 above
	return Rest{
		N: n - 2, LeastSum: max(lowest, sum-ends), MostSum: min(highest, sum+n-1-ends),
		Rounded: lowest+ends < sum+(n+1)/2 && highest+ends >= sum-n/2,
	}
}
