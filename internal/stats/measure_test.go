package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestMeasure_Estimate(t *testing.T) {
	series := append([]Latency{Lost, Absent}, slices.Repeat([]Latency{10 * ms, 12 * ms, 11 * ms, 15 * ms}, 25)...)
	for _, c := range []struct {
		measure Measure
		value   Latency
		n       int
		bounded bool
	}{
		{Measure{Kind: Min}, 10 * ms, 101, false},
		{Measure{Kind: Max}, 15 * ms, 101, false},
		{Measure{Kind: Avg}, 12 * ms, 101, true},
		{Measure{Kind: Jitter}, 2_979_798, 99, true}, // 2, 1, 4 and 5 ms in turn, 295 ms in 99 pairs
		{Measure{Kind: Spread}, 3 * ms, 101, true},
		{Measure{Percentile, P50}, 12 * ms, 101, true},
		{Measure{Percentile, Maximum}, Lost, 101, false},
	} {
		e := c.measure.Estimate(series, 0.95, Resampling{})
		if e.Value != c.value || e.N != c.n || e.Hi.Known != c.bounded || e.Upper.Known != c.bounded {
			t.Errorf("%s: %+v, want %v of %d", c.measure, e, c.value, c.n)
		}
		if c.bounded && (e.Lo.Value > e.Value || e.Lower.Value > e.Value || e.Upper.Value < e.Value || e.Hi.Value < e.Upper.Value) {
			t.Errorf("%s: %+v is out of order", c.measure, e)
		}
	}
	for _, few := range [][]Latency{nil, {Absent}, series[:20], slices.Repeat([]Latency{Lost}, 50)} {
		for _, k := range []Kind{Avg, Jitter, Spread} {
			if e := (Measure{Kind: k}).Estimate(few, 0.95, Resampling{}); e.Upper.Known || e.Lo.Known {
				t.Errorf("%s of %d slots: %+v", Measure{Kind: k}, len(few), e)
			}
		}
	}
}

func TestMeasure_NeedN(t *testing.T) {
	for _, c := range []struct {
		measure      Measure
		above, below int
	}{
		{Measure{Percentile, P99}, 299, 1}, {Measure{Percentile, P90}, 29, 2}, {Measure{Percentile, 10_000}, 1, 299},
		{Measure{Kind: Max}, 1, 1}, {Measure{Kind: Avg}, 30, 30}, {Measure{Kind: Jitter}, 31, 31}, {Measure{Percentile, Maximum}, 1, 1},
	} {
		if above, below := c.measure.NeedN(true, 0.95), c.measure.NeedN(false, 0.95); above != c.above || below != c.below {
			t.Errorf("%s needs %d and %d, want %d and %d", c.measure, above, below, c.above, c.below)
		}
	}
}

// Intervals of resampled measures keep their confidence where neighbors hang together, within what resampling can.
func TestMeasure_Coverage(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of resamplings take seconds")
	}
	random := rand.New(rand.NewPCG(21, 1))
	const runs, n = 150, 200
	const average = 36_133_148 // 35 ms and e^(1/8) ms: the mean of rtt
	for _, c := range []struct {
		measure Measure
		rho     float64
		truth   Latency
		least   int
	}{
		{Measure{Kind: Avg}, 0, average, 135},
		{Measure{Kind: Avg}, 0.8, average, 120}, // 200 values that weigh 22
		{Measure{Kind: Spread}, 0, rtt(1.2815516) - rtt(0), 135},
	} {
		covered := 0
		for run := range runs {
			var series []Latency
			for _, x := range noise(random, c.rho, n) {
				series = append(series, rtt(x))
			}
			e := c.measure.Estimate(series, 0.95, Resampling{Resamples: 300, Seed: uint64(run)})
			if e.Lo.Value <= c.truth && c.truth <= e.Hi.Value {
				covered++
			}
		}
		if covered < c.least {
			t.Errorf("%s, rho %v: %d of %d intervals hold the truth, want %d", c.measure, c.rho, covered, runs, c.least)
		} else {
			t.Logf("%s, rho %v: %d of %d", c.measure, c.rho, covered, runs)
		}
	}
}

func TestSubtract(t *testing.T) {
	a, b := noisy(100, 31, 4*ms)
	p50, o := Measure{Percentile, P50}, Options{}
	d, err := Subtract(p50, a, 0.5, p50, b, o)
	if err != nil {
		t.Fatal(err)
	}
	half := time.Duration(Summarize(a).All(P50, 0.95).Value - Summarize(b).All(P50, 0.95).Value/2)
	if !d.Bounded || (d.Value-half).Abs() > 1 || d.Lo > d.Value || d.Hi < d.Value {
		t.Errorf("%+v, want %v", d, half)
	}
	for name, c := range map[string]struct {
		measure        Measure
		a              []Latency
		known, bounded bool
	}{
		"p99 of 100":      {Measure{Percentile, P99}, a, true, false},
		"the maximum":     {Measure{Kind: Max}, a, true, false},
		"jitter":          {Measure{Kind: Jitter}, a, true, true},
		"mostly lost":     {p50, append(slices.Repeat([]Latency{Lost}, 60), a[:40]...), false, false},
		"nothing counted": {p50, slices.Repeat([]Latency{Absent}, 100), false, false},
		"half lost":       {Measure{Kind: Avg}, append(slices.Repeat([]Latency{Lost}, 50), a[:50]...), true, true},
		"few answers":     {Measure{Kind: Avg}, append(slices.Repeat([]Latency{Lost}, 80), a[:20]...), true, false},
	} {
		d, err := Subtract(c.measure, c.a, 1, c.measure, b, o)
		if err != nil || d.Known != c.known || d.Bounded != c.bounded {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if _, err := Subtract(p50, a, 1, p50, b[1:], o); err == nil {
		t.Error("interleaved series of different lengths are subtracted")
	}
}
