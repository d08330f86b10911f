package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	oracle "github.com/aclements/go-moremath/stats"
	"github.com/google/go-cmp/cmp"
)

// All differences, sorted: the definition.
func bruteShift(a, b []Latency) Latency {
	var all []Latency
	for _, x := range a {
		for _, y := range b {
			all = append(all, x-y)
		}
	}
	slices.Sort(all)
	lo, hi := all[(len(all)-1)/2], all[len(all)/2]
	return lo + (hi-lo)/2
}

func TestHodgesLehmann_IsTheMedianOfAllDifferences(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		scale := []float64{3, 1e3, 1e9, 1e17}[random.IntN(4)]
		draw := func() []Latency {
			out := make([]Latency, 1+random.IntN(12))
			for i := range out {
				out[i] = Latency(random.Float64() * scale)
			}
			slices.Sort(out)
			return out
		}
		a, b, guess := draw(), draw(), Latency((random.Float64()-0.5)*4*scale)
		if got, want := hodgesLehmann(a, b, guess), bruteShift(a, b); got != want {
			t.Fatalf("%v over %v from %d: %d, want %d", a, b, guess, got, want)
		}
	}
}

func TestMannWhitney_AgreesWithTheOracle(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for _, ties := range []float64{1, 1e6} {
		for range 50 {
			var a, b []Latency
			var fa, fb []float64
			for i := range 130 {
				v := math.Floor(ties * (10 + random.NormFloat64() + 0.2*float64(i%2)))
				if i%2 == 0 {
					a, fa = append(a, Latency(v)), append(fa, v)
				} else {
					b, fb = append(b, Latency(v)), append(fb, v)
				}
			}
			want, err := oracle.MannWhitneyUTest(fa, fb, oracle.LocationDiffers)
			if err != nil {
				t.Fatal(err)
			}
			if got := mannWhitney(newPool(a).all(), newPool(b).all()); math.Abs(got-want.P) > 1e-9 {
				t.Errorf("p = %v, want %v", got, want.P)
			}
		}
	}
	same := newPool([]Latency{1, 1}).all()
	if p := mannWhitney(same, same); !math.IsNaN(p) {
		t.Errorf("equal values have p = %v", p)
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		lo, hi, margin time.Duration
		want           Verdict
	}{
		{-9, -8, 2, Faster}, {8, 9, 2, Slower}, {-1, 1, 2, Equivalent}, {-2, 2, 2, Equivalent},
		{1, 2, 2, Equivalent}, // a difference beyond doubt that does not matter
		{-3, -1, 2, Inconclusive}, {-3, 3, 2, Inconclusive}, {1, 3, 2, Inconclusive}, {-9, -2, 2, Inconclusive},
		{-1, 1, 0, Inconclusive}, {1, 2, 0, Slower}, {0, 0, 0, Equivalent}, {-2, 0, 0, Inconclusive},
	} {
		if got := verdict(Difference{Lo: c.lo, Hi: c.hi, Known: true, Bounded: true}, c.margin); got != c.want {
			t.Errorf("%d to %d, margin %d: %s, want %s", c.lo, c.hi, c.margin, got, c.want)
		}
	}
	if got := verdict(Difference{Known: true}, 1); got != Inconclusive {
		t.Errorf("without an interval: %s", got)
	}
}

func TestMargin_IsTheLarger(t *testing.T) {
	m := Margin{Abs: time.Millisecond, Rel: 0.02}
	if near, far := m.Of(10*ms), m.Of(150*ms); near != time.Millisecond || far != 3*time.Millisecond {
		t.Errorf("%s at 10 ms, %s at 150 ms", near, far)
	}
}

// noisy returns two interleaved series around 35 ms that share a slow wave, b slower by shift.
func noisy(n int, seed uint64, shift Latency) (a, b []Latency) {
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		wave := 3e6 * math.Sin(float64(i)/9)
		a = append(a, 35*ms+Latency(wave+4e5*random.ExpFloat64()))
		b = append(b, 35*ms+Latency(wave+4e5*random.ExpFloat64())+shift)
	}
	return a, b
}

func TestCompare_FindsAShift(t *testing.T) {
	a, b := noisy(100, 5, 2*ms)
	o := Options{Margin: DefaultMargin}
	c, err := Compare(a, b, o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Verdict != Faster || c.Shift.Lo > -2*time.Millisecond || c.Shift.Hi < -2*time.Millisecond || c.RatioP50.Hi >= 1 || c.MannWhitney > 0.01 {
		t.Errorf("2 ms faster: %+v", c)
	}
	for _, q := range c.Quantiles {
		if !q.Known || q.Bounded != (q.NeedN <= 100) || q.Bounded && q.Hi >= 0 {
			t.Errorf("%s of 100: %+v", q.Quantile, q)
		}
	}
	// 0.7 ms of margin at 35 ms: relative wins.
	if c.Margin < 700*time.Microsecond || c.Margin > 800*time.Microsecond {
		t.Errorf("margin %s", c.Margin)
	}
	again, _ := Compare(a, b, o)
	if diff := cmp.Diff(c, again); diff != "" {
		t.Errorf("the same series and seed differ:\n%s", diff)
	}
	back, _ := Compare(b, a, o)
	if back.Verdict != Slower || back.Shift.Value != -c.Shift.Value {
		t.Errorf("turned around: %+v", back)
	}
	same, _ := Compare(a, a, o)
	if same.Verdict != Equivalent || same.Shift.Value != 0 {
		t.Errorf("the same series twice: %+v", same)
	}
	// What interleaving takes out, a sequential reading has to leave in.
	alone, _ := Compare(a, b, Options{Margin: DefaultMargin, Sequential: true})
	if alone.Shift.Hi-alone.Shift.Lo < 2*(c.Shift.Hi-c.Shift.Lo) {
		t.Errorf("interleaved %v to %v, sequential %v to %v", c.Shift.Lo, c.Shift.Hi, alone.Shift.Lo, alone.Shift.Hi)
	}
}

func TestCompare_Losses(t *testing.T) {
	a, b := noisy(100, 6, 0)
	for i := 0; i < 100; i += 4 {
		a[i] = Lost
	}
	b[1], b[2] = Absent, Lost
	c, err := Compare(a, b, Options{Margin: DefaultMargin})
	if err != nil {
		t.Fatal(err)
	}
	if c.LossA.Count != 25 || c.LossB.Count != 1 || c.LossB.N != 99 || !c.LossDiffers {
		t.Errorf("losses %v and %v", c.LossA, c.LossB)
	}
	for _, q := range c.Quantiles {
		if known := q.Quantile == P50; q.Known != known || q.Bounded != known {
			t.Errorf("%s with a quarter lost: %+v", q.Quantile, q)
		}
	}
	if !c.Shift.Bounded {
		t.Error("the shift of the answered probes has no interval")
	}
	if p99 := c.Quantiles[3]; p99.NeedN != 368 {
		t.Errorf("p99 needs n=%d on two sides", p99.NeedN)
	}
}

func TestCompare_Refuses(t *testing.T) {
	a, b := noisy(100, 7, 0)
	if _, err := Compare(a, b[:99], Options{}); err == nil || !strings.Contains(err.Error(), "100 and 99 slots") {
		t.Errorf("interleaved series of different lengths: %v", err)
	}
	if c, err := Compare(a, b[:99], Options{Sequential: true}); err != nil || !c.Shift.Bounded {
		t.Errorf("sequential series of different lengths: %+v, %v", c, err)
	}
	for name, few := range map[string][]Latency{"short": a[:29], "lost": append(slices.Repeat([]Latency{Lost}, 80), a[:20]...)} {
		c, err := Compare(few, b[:len(few)], Options{})
		if err != nil || c.Verdict != Inconclusive || !strings.Contains(c.Reason, "at least 30") {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestBlockLength(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	lengths := func(rho float64) (sum int) {
		for range 50 {
			x := noise(random, rho, 400)
			sum += blockLength(x)
		}
		return sum / 50
	}
	// n^(1/3) is 8; theory gives 8.9 for rho 0.5 and 37.8 for 0.9.
	if none, some, much := lengths(0), lengths(0.5), lengths(0.9); none > 9 || some < 8 || some > 14 || much < 25 || much > 50 {
		t.Errorf("mean lengths %d, %d and %d", none, some, much)
	}
	if repelled := lengths(-0.8); repelled != 8 {
		t.Errorf("%d where neighbors repel each other", repelled)
	}
	for _, x := range [][]float64{nil, {1}, {1, 1, 1, 1}} {
		if got := blockLength(x); got < 0 || got > max(len(x), 1) {
			t.Errorf("%v: block of %d", x, got)
		}
	}
}

// A correlation may skip a lag, as with every second probe through the same tunnel.
func TestLastCorrelated_LooksPastOneQuietLag(t *testing.T) {
	if got := lastCorrelated([]float64{1, 0.8, 0, 0.7, 0, 0, 0, 0, 0, 0.9}, 100); got != 3 {
		t.Errorf("last correlated lag %d, want 3", got)
	}
}

// Every slot is drawn as often as any other, the ends included, and a resample is as long as the series.
func TestDraw_IsFair(t *testing.T) {
	random, times, total := rand.New(rand.NewPCG(4, 4)), make([]int32, 23), make([]int, 23)
	const draws = 20_000
	for range draws {
		draw(random, 5, times)
		n := 0
		for i, k := range times {
			n += int(k)
			total[i] += int(k)
		}
		if n != len(times) {
			t.Fatalf("%d slots drawn of %d", n, len(times))
		}
	}
	for i, n := range total {
		if math.Abs(float64(n)/draws-1) > 0.06 { // five standard deviations
			t.Errorf("slot %d is drawn %.3f times on average", i, float64(n)/draws)
		}
	}
}

func BenchmarkCompare400(b *testing.B) {
	x, y := noisy(400, 1, 2*ms)
	for b.Loop() {
		if _, err := Compare(x, y, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompare10k(b *testing.B) {
	x, y := noisy(10_000, 1, 2*ms)
	for b.Loop() {
		if _, err := Compare(x, y, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
