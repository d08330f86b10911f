package stats

import "math"

// blockLength returns how long blocks have to be for a series of numbers: n^(1/3) at least, and as long as Politis and
// White ("Automatic block-length selection for the dependent bootstrap", 2004, with the correction of 2009) find for the
// circular form when neighbors hang together. It leaves five blocks at least.
func blockLength(x []float64) int {
	n := len(x)
	shortest := int(math.Ceil(math.Cbrt(float64(n)) - 1e-9))
	longest := max(shortest, n/5)
	r := autocovariance(x, int(math.Ceil(math.Sqrt(float64(n))))+5)
	m := 2 * lastCorrelated(r, n)
	g, spectrum := 0.0, 0.0
	for k := -m; k <= m && m > 0; k++ {
		lag := max(k, -k)
		if lag >= len(r) {
			continue
		}
		weight := min(1, 2*(1-float64(lag)/float64(m)))
		g += weight * float64(lag) * r[lag]
		spectrum += weight * r[lag]
	}
	if g <= 0 || spectrum <= 0 {
		return min(shortest, longest) // neighbors that repel each other make short blocks err on the safe side
	}
	best := math.Cbrt(2 * g * g / (4.0 / 3 * spectrum * spectrum) * float64(n))
	return min(max(shortest, int(math.Ceil(min(best, float64(longest))))), longest)
}

// lastCorrelated is the lag after which five autocorrelations in a row look like chance.
func lastCorrelated(r []float64, n int) int {
	const inARow = 5
	chance := 2 * math.Sqrt(math.Log10(float64(n))/float64(n))
	quiet := 0
	for k := 1; k < len(r); k++ {
		if r[0] <= 0 || math.Abs(r[k]) < chance*r[0] {
			if quiet++; quiet == inARow {
				return k - inARow
			}
		} else {
			quiet = 0
		}
	}
	return len(r) - 1
}

// autocovariance returns the autocovariances at lags 0 to most.
func autocovariance(x []float64, most int) []float64 {
	n, avg := len(x), 0.0
	for _, v := range x {
		avg += v / float64(n)
	}
	out := make([]float64, min(most+1, n))
	for k := range out {
		for i := k; i < n; i++ {
			out[k] += (x[i] - avg) * (x[i-k] - avg) / float64(n)
		}
	}
	return out
}

// widening is by how much an interval from so few blocks is too narrow: the spread of k blocks underestimates by
// sqrt((k-1)/k), and its own uncertainty asks for Student's t in place of the normal distribution.
func widening(n, block int, tail float64) float64 {
	k := max(2, float64(n)/float64(block))
	normal := math.Sqrt2 * math.Erfinv(1-2*tail)
	return StudentT(1-tail, k-1) / normal * math.Sqrt(k/(k-1))
}

// widen stretches an interval around its estimate.
func widen(value, lo, hi, factor float64) (float64, float64) {
	return value - factor*(value-lo), value + factor*(hi-value)
}
