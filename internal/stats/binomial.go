package stats

import "math"

// binomialCDF returns P(X <= k) for X ~ Binomial(n, p).
func binomialCDF(k, n int, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	return betaInc(1-p, float64(n-k), float64(k+1))
}

// betaInc is the regularized incomplete beta function I_x(a, b). Its error stays below 1e-9 up to a+b of a million; the
// tests compare it with another implementation and with exact sums.
func betaInc(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2): // the continued fraction converges fast on the other side
		return 1 - betaInc(1-x, b, a)
	}
	front := a*math.Log(x) + b*math.Log1p(-x) + lgamma(a+b) - lgamma(a) - lgamma(b)
	return math.Exp(front) * betaFraction(x, a, b) / a
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// betaFraction evaluates the continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method. It
// takes about sqrt(max(a, b)) steps.
func betaFraction(x, a, b float64) float64 {
	const tiny, precision = 1e-300, 1e-15
	nonzero := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/nonzero(1-(a+b)*x/(a+1))
	f := d
	steps := 1000 + 10*math.Sqrt(max(a, b))
	for m := 1.0; m < steps; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/nonzero(1+even*d), nonzero(1+even/c)
		f *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/nonzero(1+odd*d), nonzero(1+odd/c)
		f *= d * c
		if math.Abs(d*c-1) < precision {
			break
		}
	}
	return f
}

// solve returns the x in [lo, hi] at which the increasing function f reaches y.
func solve(f func(float64) float64, y, lo, hi float64) float64 {
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid == lo || mid == hi {
			break
		}
		if f(mid) < y {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}

// StudentT returns the p-quantile of Student's t distribution, 0.5 <= p < 1, with df degrees of freedom.
func StudentT(p, df float64) float64 {
	cdf := func(t float64) float64 { return 1 - betaInc(df/(df+t*t), df/2, 0.5)/2 }
	hi := 1.0
	for cdf(hi) < p && hi < 1e12 {
		hi *= 2
	}
	return solve(cdf, p, 0, hi)
}

// normalTail returns the two-sided tail of the standard normal distribution.
func normalTail(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }
