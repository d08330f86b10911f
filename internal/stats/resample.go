package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Resampling says how intervals are found that no formula gives: by drawing blocks of consecutive slots with replacement
// until there are as many as before, and looking how the statistic varies. Blocks keep what neighbors have in common.
// They wrap around at the end (the circular form of the moving-block bootstrap), so that every slot is drawn as often.
type Resampling struct {
	// Resamples is how many times the series is redrawn. Default: 2000.
	Resamples int
	// Block is the length of a block in slots. Default: found from the series, n^(1/3) at least (see blockLength).
	Block int
	// Seed makes runs repeatable: same series, same seed, same interval.
	Seed uint64
}

func (r Resampling) resamples() int {
	if r.Resamples <= 0 {
		return 2000
	}
	return r.Resamples
}

// block is the block length for a series, of which x says how its slots move.
func (r Resampling) block(x []float64) int {
	if r.Block > 0 {
		return r.Block
	}
	return blockLength(x)
}

func (r Resampling) random() *rand.Rand { return rand.New(rand.NewPCG(r.Seed, 0x9e3779b97f4a7c15)) }

// draw fills times with how often each slot is drawn.
func draw(random *rand.Rand, block int, times []int32) {
	clear(times)
	n := len(times)
	for left := n; left > 0; left -= block {
		slot := random.IntN(n)
		for range min(block, left) {
			times[slot]++
			if slot++; slot == n {
				slot = 0
			}
		}
	}
}

// pool holds a series sorted once, so that resamples come out sorted without sorting again.
type pool struct {
	slots  []int32   // slots that count, by value
	values []Latency // their values
	buffer []Latency
}

func newPool(series []Latency) *pool {
	p := &pool{}
	for i, l := range series {
		if l != Absent {
			p.slots = append(p.slots, int32(i))
		}
	}
	slices.SortStableFunc(p.slots, func(i, j int32) int {
		switch {
		case series[i] < series[j]:
			return -1
		case series[i] > series[j]:
			return 1
		}
		return 0
	})
	for _, i := range p.slots {
		p.values = append(p.values, series[i])
	}
	return p
}

// all returns the values themselves, as a sample.
func (p *pool) all() sample { return newSample(p.values) }

// take returns the resample in which slot i occurs times[i] times. It is valid until the next call.
func (p *pool) take(times []int32) sample {
	p.buffer = p.buffer[:0]
	for i, slot := range p.slots {
		for range times[slot] {
			p.buffer = append(p.buffer, p.values[i])
		}
	}
	return newSample(p.buffer)
}

// sample is a sorted sample; the first ok values are measured, the rest are Lost.
type sample struct {
	values []Latency
	ok     int
}

func newSample(sorted []Latency) sample {
	ok, _ := slices.BinarySearch(sorted, Lost)
	return sample{sorted, ok}
}

func (s sample) measured() []Latency { return s.values[:s.ok] }

func (s sample) at(rank int) Latency { return s.values[rank-1] }

// quantile returns the nearest rank's value; Absent for an empty sample.
func (s sample) quantile(q Quantile) Latency {
	if len(s.values) == 0 {
		return Absent
	}
	return s.at(q.Rank(len(s.values)))
}

// limits returns the values between which the middle of the resampled statistics lies: a share of tail is left out on
// each side. The statistics are sorted in place, NaN first: one of them makes the lower limit unknown.
func limits(statistics []float64, tail float64) (lo, hi float64) {
	n := len(statistics)
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(statistics)
	i := int(tail * float64(n+1))
	i = min(max(i, 1), n)
	return statistics[i-1], statistics[n-i]
}
