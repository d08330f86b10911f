package affinityplan

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const oneMessage = head + `zones: [use1-az1]
latency: {for: message, sameZone: {p0: 1ms, p50: 2ms, p90: 3ms, p99: 10ms, p999: 50ms}, crossZone: {p0: 1ms, p50: 1ms, p99: 1ms}}
services: {a: {}}
calls: [{from: caller, to: a}]
`

// Drawn times have the percentiles that were declared.
func TestQuantiles_ComeBack(t *testing.T) {
	q := newQuantiles(Times{P0: time.Millisecond, P50: 2 * time.Millisecond, P99: 10 * time.Millisecond})
	for share, want := range map[float64]float64{0: 1, 0.5: 2, 0.99: 10} {
		got, _ := q.at(share)
		near(t, "quantile", got, want, 1e-6)
	}
	if _, beyond := q.at(0.9899); beyond {
		t.Error("p98.99 is not beyond p99")
	}
	if v, beyond := q.at(0.9999); !beyond || math.Abs(v-10) > 1e-9 {
		t.Errorf("beyond p99: got %v and %v, want p99 and true", v, beyond)
	}
	last := 0.0
	for u := 0.0; u < 1; u += 0.001 {
		v, _ := q.at(u)
		if v < last {
			t.Fatalf("falls at %v", u)
		}
		last = v
	}
}

// Two messages of the same distribution: their sum's percentiles are between bounds, whatever is behind the declared p99.9.
func TestTails_BoundsHoldTheTruth(t *testing.T) {
	c := chainOf(t, oneMessage)
	tails := c.tails(Options{Samples: 100_000, Seed: 3}.withDefaults())
	q := newQuantiles(c.Latency.Same)
	for _, long := range []float64{1, 100} { // times beyond p99.9 are that many times as long
		r := rand.New(rand.NewPCG(7, 7))
		n := 400_000
		truth := make([]float64, n)
		for i := range truth {
			for range 2 {
				v, beyond := q.at(r.Float64())
				if beyond {
					v *= long
				}
				truth[i] += v
			}
		}
		for _, row := range tails.Quantiles {
			below, atMost := 0, math.Inf(1)
			if row.AtMost != nil {
				atMost = *row.AtMost
			}
			above := 0
			for _, v := range truth {
				if v < row.AtLeast {
					below++
				}
				if v > atMost {
					above++
				}
			}
			share := row.Percentile / 100
			if float64(below)/float64(n) > share+0.001 || float64(above)/float64(n) > 1-share+0.001 {
				t.Errorf("p%v, tails %v times as long: %v to %v, but %d of %d are below and %d above", row.Percentile, long, row.AtLeast, atMost, below, n, above)
			}
		}
	}
	if p50 := tails.Quantiles[0]; p50.AtMost == nil || *p50.AtMost > 1.1*p50.AtLeast {
		t.Errorf("p50: bounds say nothing: %+v", p50)
	}
	if p999 := tails.Quantiles[3]; p999.AtMost != nil {
		t.Errorf("p99.9 is not known from above, got %v", *p999.AtMost)
	}
}

// Where a p99 is missing there is no tail, and nobody makes one up.
func TestTails_NeedP99(t *testing.T) {
	e := New(example(t, "document"), Options{})
	if e.With.Tails != nil || e.Without.Tails != nil {
		t.Error("tails of times without p99")
	}
	c := chainOf(t, oneMessage)
	c.Processing = Times{P0: time.Millisecond, P50: time.Millisecond}
	if c.tails(Options{}.withDefaults()) != nil {
		t.Error("tails although processing has no p99")
	}
}

// The share of drawn requests that were somewhere beyond p99.9 is what arithmetic says.
func TestTails_Beyond(t *testing.T) {
	tails := chainOf(t, oneMessage).tails(Options{}.withDefaults())
	near(t, "beyond", tails.Beyond, 1-0.999*0.999, 0.0003)
}
