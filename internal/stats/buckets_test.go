package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogram_BucketsAreContiguous(t *testing.T) {
	last := 0
	for us := range Latency(300_000) {
		i := bucket(us * 1000)
		if i != last && i != last+1 {
			t.Fatalf("%d µs is in bucket %d after %d", us, i, last)
		}
		if off := math.Abs(float64(middle(i) - us*1000)); off > max(500, 0.004*float64(us*1000)) {
			t.Fatalf("%d µs comes back as %s", us, middle(i))
		}
		last = i
	}
	if top := bucket(Latency(MaxTracked)); top != bucketsLen-1 || bucket(Lost-1) != top {
		t.Errorf("the longest time is in bucket %d of %d", top, bucketsLen)
	}
}

// Against the exact series: percentiles within the promised error, all else equal, in one histogram and in merged ones.
func TestHistogram_AgreesWithTheSeries(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 9))
	var series []Latency
	parts := make([]Histogram, 3)
	for i := range 20_000 {
		l := Latency(2e5 * math.Exp(2*random.NormFloat64()))
		switch random.IntN(100) {
		case 0:
			l = Lost
		case 1:
			l = Absent
		}
		series = append(series, l)
		parts[i%2].Add(l)
	}
	var h Histogram
	h.Merge(&parts[2]) // empty
	h.Merge(&parts[0])
	h.Merge(&parts[1])
	s := Summarize(series)
	if h.Sent() != s.Sent || h.OK() != s.OK || h.Min() != s.Min || h.Max() != s.Max || h.Avg() != s.Avg || h.Loss(0.95) != s.Loss(0.95) {
		t.Errorf("histogram %d %d %v %v %v, series %+v", h.Sent(), h.OK(), h.Min(), h.Max(), h.Avg(), s)
	}
	for _, q := range []Quantile{0, 1000, 100_000, P50, P90, P95, 985_000, P99, 1_000_000} {
		got, want := h.All(q, 0.95), s.All(q, 0.95)
		near(t, q.String(), got.Value, want.Value)
		near(t, q.String()+" lo", got.Lo.Value, want.Lo.Value)
		near(t, q.String()+" hi", got.Hi.Value, want.Hi.Value)
		near(t, q.String()+" answered", h.Answered(q, 0.95).Value, s.Answered(q, 0.95).Value)
	}
	near(t, "spread", h.Spread(), s.Spread)
}

func near(t *testing.T, what string, got, want Latency) {
	t.Helper()
	if off := math.Abs(float64(got - want)); got != want && off > max(500, 0.004*float64(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestHistogram_Ends(t *testing.T) {
	var h Histogram
	if h.Min() != Absent || h.Avg() != Absent || h.All(P50, 0.95).Value != Absent {
		t.Error("an empty histogram has values")
	}
	h.Add(Lost)
	if h.Max() != Absent || h.All(P50, 0.95).Value != Lost {
		t.Error("a lost probe has a time")
	}
	for _, d := range []time.Duration{3 * time.Minute, 4 * time.Minute, 5 * time.Minute} {
		h.Add(Latency(d))
	}
	// All three are beyond what is told apart: the answer is an upper bound.
	if got := h.Answered(P50, 0.95).Value; got != Latency(5*time.Minute) {
		t.Errorf("median of times beyond the range: %v", got)
	}
	if size := len(h.counts) * 8; size > 24<<10 {
		t.Errorf("%d bytes of counters", size)
	}
	if !slices.Contains(h.counts, 3) {
		t.Error("times beyond the range are not in the last bucket")
	}
}
