package stats

import (
	"math/rand/v2"
	"sort"
)

// pairs draws resamples of two series: the same slots of both when they were interleaved, so that what moved both at a
// time cancels out, and slots of their own otherwise.
type pairs struct {
	a, b           *pool
	timesA, timesB []int32
	blockA, blockB int
	resamples      int
	random         *rand.Rand
	independent    bool
}

func newPairs(a, b []Latency, pa, pb *pool, o Options) *pairs {
	p := &pairs{
		a: pa, b: pb, timesA: make([]int32, len(a)), timesB: make([]int32, len(b)),
		resamples: o.Resampling.resamples(), random: o.Resampling.random(), independent: o.Sequential,
	}
	ranksA, ranksB := ranks(a, pa, pb), ranks(b, pa, pb)
	if o.Sequential {
		p.blockA, p.blockB = o.Resampling.block(counted(a, ranksA)), o.Resampling.block(counted(b, ranksB))
		return p
	}
	var moves []float64
	for i := range a {
		if a[i] != Absent && b[i] != Absent {
			moves = append(moves, ranksA[i]-ranksB[i])
		}
	}
	p.blockA = o.Resampling.block(moves)
	p.blockB = p.blockA
	return p
}

// next returns the next resample, valid until the one after.
func (p *pairs) next() (a, b sample) {
	draw(p.random, p.blockA, p.timesA)
	if !p.independent {
		return p.a.take(p.timesA), p.b.take(p.timesA)
	}
	draw(p.random, p.blockB, p.timesB)
	return p.a.take(p.timesA), p.b.take(p.timesB)
}

// widening is that of the series with fewer blocks.
func (p *pairs) widening(tail float64) float64 {
	return max(widening(len(p.timesA), p.blockA, tail), widening(len(p.timesB), p.blockB, tail))
}

// ranks returns where in all the values each slot stands. How a rank statistic moves is what ranks show, and one time
// that is a thousand times the others hides nothing in them.
func ranks(series []Latency, pools ...*pool) []float64 {
	out := make([]float64, len(series))
	for i, l := range series {
		for _, p := range pools {
			below := sort.Search(len(p.values), func(j int) bool { return p.values[j] >= l })
			upTo := below + sort.Search(len(p.values)-below, func(j int) bool { return p.values[below+j] > l })
			out[i] += float64(below+upTo) / 2
		}
	}
	return out
}

// counted leaves out what is Absent.
func counted(series []Latency, x []float64) []float64 {
	var out []float64
	for i, l := range series {
		if l != Absent {
			out = append(out, x[i])
		}
	}
	return out
}
