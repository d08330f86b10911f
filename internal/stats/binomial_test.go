package stats

import (
	"math"
	"math/big"
	"testing"

	"github.com/aclements/go-moremath/mathx"
	oracle "github.com/aclements/go-moremath/stats"
)

func TestBetaInc_AgreesWithTheOracle(t *testing.T) {
	for _, a := range []float64{0.5, 1, 3, 40, 950} {
		for _, b := range []float64{0.5, 1, 7, 60, 1000} {
			for x := 0.01; x < 1; x += 0.07 {
				if got, want := betaInc(x, a, b), mathx.BetaInc(x, a, b); math.Abs(got-want) > 1e-11 {
					t.Errorf("I_%v(%v, %v) = %v, want %v", x, a, b, got, want)
				}
			}
		}
	}
}

// Exact sums in 300 bits, at sizes where logarithms of factorials lose digits.
func TestBinomialCDF_ExactForLargeN(t *testing.T) {
	for _, c := range []struct {
		k, n int
		p    float64
	}{{0, 2995, 1.0 / 1024}, {60, 100_000, 1.0 / 2048}, {130, 1_000_000, 1.0 / 8192}} {
		if got, want := binomialCDF(c.k, c.n, c.p), exactCDF(c.k, c.n, c.p); math.Abs(got-want) > 1e-9 {
			t.Errorf("P(X <= %d), n=%d, p=%v: %v, want %v", c.k, c.n, c.p, got, want)
		}
	}
}

func exactCDF(k, n int, p float64) float64 {
	number := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	q, term := number(1-p), number(1)
	for range n {
		term.Mul(term, q)
	}
	sum := number(0).Set(term)
	for i := range k {
		term.Mul(term, number(float64(n-i)))
		term.Mul(term, number(p))
		term.Quo(term, number(float64(i+1)))
		term.Quo(term, q)
		sum.Add(sum, term)
	}
	out, _ := sum.Float64()
	return out
}

func TestStudentT(t *testing.T) {
	for _, c := range []struct{ p, df, want float64 }{ // from printed tables
		{0.975, 1, 12.706}, {0.975, 2, 4.303}, {0.95, 9, 1.833}, {0.975, 9, 2.262}, {0.975, 99, 1.984}, {0.975, 1e7, 1.960},
	} {
		got := StudentT(c.p, c.df)
		if math.Abs(got-c.want) > 0.0006 {
			t.Errorf("t(%v, %v) = %v, want %v", c.p, c.df, got, c.want)
		}
		if back := (oracle.TDist{V: c.df}).CDF(got); c.df < 1000 && math.Abs(back-c.p) > 1e-9 {
			t.Errorf("t(%v, %v): the other implementation puts it at %v", c.p, c.df, back)
		}
	}
}

func TestNewRate(t *testing.T) {
	for _, c := range []struct {
		count, n      int
		lo, hi, upper float64 // percent
	}{
		{0, 100, 0, 3.62, 2.95}, {1, 100, 0.03, 5.45, 4.66}, {0, 300, 0, 1.22, 0.99}, {0, 1000, 0, 0.37, 0.30},
		{50, 100, 39.83, 60.17, 58.64}, {100, 100, 96.38, 100, 100}, {0, 0, 0, 100, 100}, {3, 30, 2.11, 26.53, 23.86},
	} {
		r := NewRate(c.count, c.n, 0.95)
		for name, pair := range map[string][2]float64{"lo": {r.Lo, c.lo}, "hi": {r.Hi, c.hi}, "upper": {r.Upper, c.upper}} {
			if math.Abs(100*pair[0]-pair[1]) > 0.0051 {
				t.Errorf("%d of %d: %s %.4f %%, want %.2f %%", c.count, c.n, name, 100*pair[0], pair[1])
			}
		}
	}
	if got, want := NewRate(1, 100, 0.95).String(), "1.00% (0.03% to 5.45%, 1 of 100)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// At its limits, a rate makes what was seen exactly as improbable as the confidence says.
func TestNewRate_AgreesWithTheOracle(t *testing.T) {
	for _, n := range []int{1, 9, 100, 1000} {
		for _, count := range []int{0, 1, n / 3, n - 1} {
			r := NewRate(count, n, 0.95)
			at := func(p float64, k int) float64 { return oracle.BinomialDist{N: n, P: p}.CDF(float64(k)) }
			if r.Hi < 1 && math.Abs(at(r.Hi, count)-0.025) > 1e-9 || r.Upper < 1 && math.Abs(at(r.Upper, count)-0.05) > 1e-9 {
				t.Errorf("%d of %d: upper limits %v and %v", count, n, r.Hi, r.Upper)
			}
			if count > 0 && (math.Abs(1-at(r.Lo, count-1)-0.025) > 1e-9 || math.Abs(1-at(r.Lower, count-1)-0.05) > 1e-9) {
				t.Errorf("%d of %d: lower limits %v and %v", count, n, r.Lo, r.Lower)
			}
		}
	}
}

func TestNeedNForRate(t *testing.T) {
	for limit, want := range map[float64]int{0.05: 59, 0.01: 299, 0.001: 2995, 0.1: 29, 0.5: 5, 1: 1, 0: 0} {
		got := NeedNForRate(limit, 0.95)
		if got != want {
			t.Errorf("a rate below %v needs n=%d, want %d", limit, got, want)
		}
		if got > 1 && (NewRate(0, got, 0.95).Upper > limit+1e-9 || NewRate(0, got-1, 0.95).Upper <= limit) {
			t.Errorf("a rate below %v: n=%d is not the smallest", limit, got)
		}
	}
}
