package published

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// rowOf returns the row that an article would print of samples.
func rowOf(samples []time.Duration) Row {
	sum := time.Duration(0)
	for _, s := range samples {
		sum += s
	}
	return Row{N: len(samples), Min: slices.Min(samples), Max: slices.Max(samples), Avg: sum / time.Duration(len(samples)), Resolution: time.Microsecond}
}

func deviation(samples []time.Duration) float64 {
	avg, sum := 0.0, 0.0
	for _, s := range samples {
		avg += float64(s) / float64(len(samples))
	}
	for _, s := range samples {
		sum += (float64(s) - avg) * (float64(s) - avg)
	}
	return math.Sqrt(sum / float64(len(samples)-1))
}

// Whatever the samples, their deviation lies between the bounds; for the two extreme shapes it is on them.
func TestSpread_HoldsForAllSamples(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		samples := make([]time.Duration, 3+random.IntN(50))
		shape := random.Float64() * 8
		for i := range samples {
			samples[i] = time.Duration(1e9 * math.Pow(random.Float64(), shape))
		}
		s, sd := rowOf(samples).Spread(), deviation(samples)
		if sd < float64(s.LeastSD)-2 || sd > float64(s.MostSD)+2 {
			t.Fatalf("%v: deviation %v outside %v to %v", samples, sd, s.LeastSD, s.MostSD)
		}
	}
	ends := slices.Concat(slices.Repeat([]time.Duration{0}, 30), slices.Repeat([]time.Duration{time.Second}, 70))
	if s, sd := rowOf(ends).Spread(), deviation(ends); math.Abs(float64(s.MostSD)-sd) > 2 {
		t.Errorf("all at the ends: %v, bound %v", sd, s.MostSD)
	}
	middle := append(slices.Repeat([]time.Duration{700 * time.Millisecond}, 98), 0, time.Second)
	if s, sd := rowOf(middle).Spread(), deviation(middle); math.Abs(float64(s.LeastSD)-sd) > 2 {
		t.Errorf("all but two in one place: %v, bound %v", sd, s.LeastSD)
	}
}

// t(0.975, 99) is 1.984; A: sqrt(17.895 * 20.920 * 100/99) = 19.446 ms.
func TestSpread_ByHand(t *testing.T) {
	s := find(Published(), "A", "tcping", 1).Spread()
	if got := ms(s.MostSD, 3); got != "19.446" {
		t.Errorf("most deviation of A: %s ms", got)
	}
	if got := ms(s.MostMargin, 2); got != "3.86" {
		t.Errorf("margin of A: %s ms", got)
	}
}

// E's ten pings: every way to fill in the eight others shows the bounds.
func TestOthers_ByEnumeration(t *testing.T) {
	e := find(Published(), "E", "ICMP", 1)
	var cut, rounded []int
	for others := 8 * 136; others <= 8*193; others++ {
		sum := others + 136 + 193
		if sum/10 == 141 {
			cut = append(cut, others)
		}
		if (sum+5)/10 == 141 {
			rounded = append(rounded, others)
		}
	}
	o := e.Others()
	if o.N != 8 || o.LeastSum != cut[0] || o.MostSum != cut[len(cut)-1] || o.Rounded != (len(rounded) > 0) {
		t.Errorf("%+v, want %v, rounded %v", o, cut, rounded)
	}
	if f := find(Published(), "F", "ICMP", 1).Others(); !f.Rounded {
		t.Errorf("F could be rounded: %+v", f)
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"A", "B", false}, {"A", "C", true}, {"C", "A", true}, {"C", "D", false}, {"E", "F", true}} {
		if got := Apart(find(Published(), c.a, "ICMP", 1), find(Published(), c.b, "ICMP", 1)); got != c.want {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestByChance(t *testing.T) {
	if got, want := byChance(10, 10), 2.0/184_756; math.Abs(got-want) > 1e-15 { // 20 over 10
		t.Errorf("10 and 10: %v, want %v", got, want)
	}
}

func TestBetweenRuns(t *testing.T) {
	// sqrt((3.982^2/2 + 1.275^2/2) / 2) = 2.0906; times sqrt(2) and t(0.975, 2) = 4.3027
	if margin, pairs := BetweenRuns(Published()); ms(margin, 2) != "12.72" || pairs != 2 {
		t.Errorf("%s ms from %d pairs", ms(margin, 2), pairs)
	}
	if margin, pairs := BetweenRuns(nil); margin != 0 || pairs != 0 {
		t.Errorf("%v from %d pairs of nothing", margin, pairs)
	}
}

func TestPublished_IsConsistent(t *testing.T) {
	for _, r := range Published() {
		if r.Min > r.Avg || r.Avg > r.Max || r.N < 10 || r.Min%r.Resolution != 0 {
			t.Errorf("%+v", r)
		}
	}
}
