package stats

import "math"

// mannWhitney returns the two-sided p-value of the Mann-Whitney U test that neither sample tends to be larger, by the
// normal approximation with corrections for ties and continuity; good from about 10 values in each. NaN when a sample is
// empty or all values are equal.
func mannWhitney(a, b sample) float64 {
	n, m := float64(len(a.values)), float64(len(b.values))
	var ranksA, ties float64
	i, j, before := 0, 0, 0.0
	for i < len(a.values) || j < len(b.values) {
		var v Latency
		if j == len(b.values) || i < len(a.values) && a.values[i] < b.values[j] {
			v = a.values[i]
		} else {
			v = b.values[j]
		}
		inA, inB := 0.0, 0.0
		for ; i < len(a.values) && a.values[i] == v; i++ {
			inA++
		}
		for ; j < len(b.values) && b.values[j] == v; j++ {
			inB++
		}
		t := inA + inB
		ranksA += inA * (before + (t+1)/2)
		ties += t*t*t - t
		before += t
	}
	u, all := ranksA-n*(n+1)/2, n+m
	sd := math.Sqrt(n * m / 12 * (all + 1 - ties/(all*(all-1))))
	if sd == 0 || math.IsNaN(sd) {
		return math.NaN()
	}
	return normalTail(max(0, math.Abs(u-n*m/2)-0.5) / sd)
}
