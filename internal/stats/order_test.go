package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	oracle "github.com/aclements/go-moremath/stats"
)

// The two-sided 95 % ranks, from tables of the binomial distribution.
func TestQuantileRanks(t *testing.T) {
	for _, c := range []struct {
		q      Quantile
		n      int
		lo, hi Rank
	}{
		{P50, 30, 10, 21}, {P90, 30, 23, NoRank}, {P95, 30, 26, NoRank}, {P99, 30, 28, NoRank},
		{P50, 100, 40, 61}, {P90, 100, 84, 96}, {P95, 100, 90, 100}, {P99, 100, 97, NoRank}, {P999, 100, 99, NoRank},
		{P50, 300, 133, 168}, {P90, 300, 259, 281}, {P95, 300, 277, 293}, {P99, 300, 293, NoRank}, {P999, 300, 298, NoRank},
		{P50, 1000, 469, 532}, {P90, 1000, 881, 919}, {P95, 1000, 936, 964}, {P99, 1000, 983, 997}, {P999, 1000, 997, NoRank},
		{P99, 5000, 4936, 4964}, {P999, 5000, 4990, 5000},
		{P50, 5, NoRank, NoRank}, {P50, 6, 1, 6},
		{Minimum, 10, NoRank, 1}, {Maximum, 10, 10, NoRank},
		{P50, 0, NoRank, NoRank},
	} {
		if lo, hi := QuantileRanks(c.q, c.n, 0.95); lo != c.lo || hi != c.hi {
			t.Errorf("%s of %d: ranks %d to %d, want %d to %d", c.q, c.n, lo, hi, c.lo, c.hi)
		}
	}
}

// Each rank is judged by another implementation of the binomial distribution: it keeps its confidence, and the next
// tighter rank does not.
func TestRanks_AreTheTightest(t *testing.T) {
	for _, q := range []Quantile{10_000, 100_000, P50, P90, P95, P99, P999} {
		for _, n := range []int{1, 2, 7, 29, 30, 58, 59, 100, 299, 1000} {
			below := oracle.BinomialDist{N: n, P: q.share()}
			for _, confidence := range []float64{0.9, 0.95, 0.983, 0.99} {
				u, l := UpperRank(q, n, confidence), LowerRank(q, n, confidence)
				holds := func(u Rank) bool { return below.CDF(float64(u-1)) >= confidence }
				if u != NoRank && !holds(u) || u > 1 && holds(u-1) || u == NoRank && holds(Rank(n)) {
					t.Errorf("upper rank of %s, n=%d, %v: %d", q, n, confidence, u)
				}
				holds = func(l Rank) bool { return 1-below.CDF(float64(l-1)) >= confidence }
				if l != NoRank && !holds(l) || int(l) < n && holds(l+1) {
					t.Errorf("lower rank of %s, n=%d, %v: %d", q, n, confidence, l)
				}
			}
		}
	}
	if r := oracle.QuantileCI(100, 0.99, 0.95); r.LoOrder != 97 || r.HiOrder != 101 {
		t.Errorf("the other implementation gives p99 of 100 the ranks %d to %d", r.LoOrder, r.HiOrder)
	}
}

func TestNeedN(t *testing.T) {
	for q, want := range map[Quantile]int{P50: 5, P90: 29, P95: 59, P99: 299, P999: 2995, Maximum: 0, Minimum: 1} {
		got := NeedN(q, 0.95)
		if got != want {
			t.Errorf("%s needs n=%d, want %d", q, got, want)
		}
		if want > 1 && (UpperRank(q, want, 0.95) == NoRank || UpperRank(q, want-1, 0.95) != NoRank) {
			t.Errorf("%s: the upper rank appears elsewhere than at n=%d", q, want)
		}
		if below := NeedNBelow(whole-q, 0.95); below != want {
			t.Errorf("%s needs n=%d from below, want %d", whole-q, below, want)
		}
	}
}

func TestEstimate_String(t *testing.T) {
	var series []Latency
	for i := range 100 {
		series = append(series, Latency(i+1)*Latency(time.Millisecond))
	}
	s := Summarize(series)
	lossy := Summarize(append(slices.Repeat([]Latency{Lost}, 11), series...))
	for _, c := range []struct {
		got  Estimate
		want string
	}{
		{s.All(P50, 0.95), "p50 50ms (40ms to 61ms)"},
		{s.All(P99, 0.95), "p99 >= 97ms (n=100: not resolvable, needs n=299)"},
		{s.All(Maximum, 0.95), "p100 100ms (of this run)"},
		{Summarize(series[:2]).All(P50, 0.95), "p50 unknown (n=2: not resolvable, needs n=5)"},
		{Summarize(nil).All(P50, 0.95), "p50 none (n=0)"},
		{lossy.All(P90, 0.95), "p90 100ms (93ms to infinite)"},
		{lossy.Answered(P90, 0.95), "p90 90ms (84ms to 96ms)"},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// An interval of 95 % contains the true quantile in at least 95 % of all samples, whatever the distribution.
func TestEstimate_Coverage(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	const runs, n = 3000, 100
	heavy := func(u float64) Latency { return Latency(1e7 / (1 - u)) } // no variance at all
	coarse := func(u float64) Latency { return Latency(u*20) * 1e6 }   // many ties
	for name, inverse := range map[string]func(float64) Latency{"heavy": heavy, "coarse": coarse} {
		for _, q := range []Quantile{P50, P90, P95} {
			truth, two, upper := inverse(q.share()), 0, 0
			for range runs {
				series := make([]Latency, n)
				for i := range series {
					series[i] = inverse(random.Float64())
				}
				e := Summarize(series).All(q, 0.95)
				if e.Lo.Value <= truth && truth <= e.Hi.Value {
					two++
				}
				if truth <= e.Upper.Value {
					upper++
				}
			}
			// 3000 runs at 95 % stay above 93.7 % with probability 0.999.
			if least := int(0.937 * runs); two < least || upper < least {
				t.Errorf("%s %s: covered %d times on two sides, %d on one, of %d", name, q, two, upper, runs)
			}
		}
	}
}
