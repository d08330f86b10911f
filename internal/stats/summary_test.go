package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const ms = Latency(time.Millisecond)

func TestParseQuantile(t *testing.T) {
	for text, want := range map[string]Quantile{"0": 0, "50": P50, "90": P90, "99.9": P999, "99.9900": 999_900, "100": Maximum, "7.5": 75_000, "100.0": Maximum} {
		got, err := ParseQuantile(text)
		if err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
		if again, err := ParseQuantile(got.Percent()); err != nil || again != got {
			t.Errorf("%s is written as %s and read as %d, %v", text, got.Percent(), again, err)
		}
	}
	for _, text := range []string{"", ".", ".5", "5.", "100.1", "-1", "+1", "1e1", "99.99999", "0x1", "1000", "٥"} {
		if q, err := ParseQuantile(text); err == nil {
			t.Errorf("%q is read as %d", text, q)
		}
	}
}

func TestQuantile_RankIsExact(t *testing.T) {
	for _, c := range []struct {
		q       Quantile
		n, want int
	}{
		{70_000, 100, 7}, {550_000, 100, 55}, // 8 and 56 in floating point
		{P999, 1000, 999}, {P999, 1001, 1000}, {P50, 1, 1}, {P50, 2, 1}, {P50, 3, 2}, {Minimum, 10, 1}, {Maximum, 10, 10},
		{P99, math.MaxInt, 9131138316486228049}, // ceil of 0.99 * (2^63-1)
	} {
		if got := c.q.Rank(c.n); got != c.want {
			t.Errorf("rank of %s in %d: %d, want %d", c.q, c.n, got, c.want)
		}
	}
}

func TestSummarize(t *testing.T) {
	got := Summarize([]Latency{10 * ms, Absent, 14 * ms, 12 * ms, Lost, 20 * ms, 21 * ms})
	want := &Summary{
		Sent: 6, OK: 5, Min: 10 * ms, Max: 21 * ms, Avg: 15400 * ms / 1000, SD: 4_878_524,
		// 14 to 12 and 20 to 21 are all the pairs: Absent and Lost break the others.
		Jitter: 1500 * ms / 1000, Pairs: 2,
		Spread: Lost, // p90 is the sixth of six, the lost one
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Summary{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if r := got.Loss(0.95); r.Count != 1 || r.N != 6 {
		t.Errorf("loss %v, want 1 of 6", r)
	}
}

func TestSummarize_Nothing(t *testing.T) {
	none := &Summary{Min: Absent, Max: Absent, Avg: Absent, SD: Absent, Jitter: Absent, Spread: Absent}
	for _, series := range [][]Latency{nil, {Absent, Absent}} {
		if diff := cmp.Diff(none, Summarize(series), cmpopts.IgnoreUnexported(Summary{})); diff != "" {
			t.Errorf("%v (-want +got)\n%s", series, diff)
		}
	}
	lost := Summarize([]Latency{Lost, Lost})
	if lost.Sent != 2 || lost.OK != 0 || lost.Avg != Absent || lost.Spread != Lost || lost.All(P50, 0.95).Value != Lost {
		t.Errorf("two lost probes: %+v", lost)
	}
}

// Sums of the largest times overflow 64 bits; the mean does not.
func TestSummarize_DoesNotOverflow(t *testing.T) {
	century := Latency(100 * 365 * 24 * time.Hour)
	if got, want := Summarize(append(slices.Repeat([]Latency{century}, 9), 0)).Avg, century/10*9; got != want {
		t.Errorf("avg %d of nine centuries and nothing, want %d", got, want)
	}
	s := Summarize(slices.Repeat([]Latency{century, century - 2}, 5000))
	if s.Avg != century-1 || s.SD != 1 || s.Jitter != 2 {
		t.Errorf("avg %d, sd %d, jitter %d; want %d, 1 and 2", s.Avg, s.SD, s.Jitter, century-1)
	}
}

func TestSummary_Properties(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		series := make([]Latency, 1+random.IntN(200))
		for i := range series {
			switch series[i] = Latency(random.IntN(50)) * ms; random.IntN(20) {
			case 0:
				series[i] = Lost
			case 1:
				series[i] = Absent
			}
		}
		before := slices.Clone(series)
		s := Summarize(series)
		if !slices.Equal(before, series) {
			t.Fatal("the series was changed")
		}
		sorted := slices.Sorted(slices.Values(slices.DeleteFunc(before, func(l Latency) bool { return l == Absent })))
		last := Latency(-1)
		for q := Quantile(0); q <= whole && len(sorted) > 0; q += 12_500 {
			e := s.All(q, 0.95)
			if want := sorted[max(1, int(math.Ceil(float64(q)/whole*float64(len(sorted))-1e-9)))-1]; e.Value != want {
				t.Fatalf("%s of %v is %v, want %v", q, sorted, e.Value, want)
			}
			if e.Value < last || e.Lo.Known && e.Lo.Value > e.Value || e.Hi.Known && e.Hi.Value < e.Value || e.Upper.Known && e.Hi.Known && e.Upper.Value > e.Hi.Value {
				t.Fatalf("%s of %v: %+v after %v", q, sorted, e, last)
			}
			last = e.Value
		}
	}
}

func TestSummary_Histogram(t *testing.T) {
	s := Summarize(Of(time.Millisecond, 2*time.Millisecond, 3*time.Millisecond, 4*time.Millisecond, 16*time.Millisecond))
	want := Bars{Edges: []Latency{ms, 2 * ms, 4 * ms, 8 * ms, 16 * ms}, Counts: []int{1, 2, 1, 1}}
	if diff := cmp.Diff(want, s.Histogram(4)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(Bars{Edges: []Latency{ms, ms}, Counts: []int{2}}, Summarize([]Latency{ms, ms, Lost}).Histogram(8)); diff != "" {
		t.Errorf("equal times (-want +got)\n%s", diff)
	}
	if b := Summarize(nil).Histogram(8); b.Counts != nil {
		t.Errorf("no times: %v", b)
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var series []Latency
		for range 1 + random.IntN(50) {
			series = append(series, Latency(random.IntN(40)))
		}
		b, sum := Summarize(series).Histogram(1+random.IntN(10)), 0
		for _, n := range b.Counts {
			sum += n
		}
		if sum != len(series) || len(b.Edges) != len(b.Counts)+1 {
			t.Fatalf("%v: %+v", series, b)
		}
	}
}

func BenchmarkSummarize100k(b *testing.B) {
	random, series := rand.New(rand.NewPCG(1, 2)), make([]Latency, 100_000)
	for i := range series {
		series[i] = 35*ms + Latency(1e6*math.Exp(random.NormFloat64()))
	}
	for b.Loop() {
		s := Summarize(series)
		for _, q := range []Quantile{P50, P90, P95, P99, P999} {
			s.All(q, 0.95)
		}
		s.Loss(0.95)
	}
}
