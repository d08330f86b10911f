package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestLooks(t *testing.T) {
	for _, c := range []struct {
		n, most    int
		sizes      []int
		confidence float64
	}{
		{100, 400, []int{100, 200, 400}, 1 - 0.05/3},
		{100, 399, []int{100, 200}, 0.975},
		{100, 100, []int{100}, 0.95},
		{100, 50, []int{100}, 0.95}, // one look there is always
	} {
		looks := Looks(c.n, c.most, 0.95)
		if len(looks) != len(c.sizes) {
			t.Errorf("%d to %d: %v", c.n, c.most, looks)
			continue
		}
		for i, l := range looks {
			if l.N != c.sizes[i] || math.Abs(l.Confidence-c.confidence) > 1e-12 {
				t.Errorf("%d to %d: %v, want %v at %v", c.n, c.most, looks, c.sizes, c.confidence)
			}
		}
	}
}

// Looking three times finds no more differences that are not there than looking once.
func TestLooks_KeepTheErrorRate(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of comparisons take seconds")
	}
	random, wrong := rand.New(rand.NewPCG(13, 13)), 0
	const runs = 100
	for run := range runs {
		a, b := measure(random, processes[0].draw, interleaved, 160)
		for _, l := range Looks(40, 160, 0.95) {
			o := Options{Confidence: l.Confidence, Resampling: Resampling{Resamples: 300, Seed: uint64(run)}}
			if c, err := Compare(a[:l.N], b[:l.N], o); err != nil {
				t.Fatal(err)
			} else if c.Verdict == Faster || c.Verdict == Slower {
				wrong++
				break
			}
		}
	}
	if wrong > 11 { // 5 % of 100 stays within 11 with probability 0.99
		t.Errorf("%d of %d runs find a difference that is not there", wrong, runs)
	}
}
