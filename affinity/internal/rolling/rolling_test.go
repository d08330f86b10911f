package rolling

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestCounts_ForgetsWhatIsOver(t *testing.T) {
	c := NewCounts(time.Second, 10)
	for i := range 30 {
		c.Add(time.Duration(i)*100*time.Millisecond, i%2)
	}
	if n := c.Sum(2900*time.Millisecond, 0); n != [Kinds]int{5, 5, 0} {
		t.Errorf("the last second has %v; want five of each", n)
	}
	if n := c.Sum(2900*time.Millisecond, 3); n[0]+n[1] != 3 {
		t.Errorf("the last three slots have %v", n)
	}
	if n := c.Sum(3500*time.Millisecond, 0); n[0]+n[1] != 4 {
		t.Errorf("600 ms later there are %v; want four", n)
	}
	if n := c.Sum(time.Hour, 0); n != [Kinds]int{} {
		t.Errorf("an hour later there are %v", n)
	}
	c.Add(time.Hour, 2)
	c.Reset()
	if n := c.Sum(time.Hour, 0); n != [Kinds]int{} {
		t.Errorf("after Reset there are %v", n)
	}
}

// Adding is exact, also while slots turn over.
func TestCounts_Concurrent(t *testing.T) {
	c := NewCounts(10*time.Second, 10)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 9000 {
				c.Add(time.Duration(i)*time.Millisecond, g%Kinds)
			}
		})
	}
	wg.Wait()
	if n := c.Sum(9*time.Second, 0); n[0]+n[1]+n[2] != 8*9000 {
		t.Errorf("%v of %d", n, 8*9000)
	}
}

// Quantiles are within a bin, 19 %, of the sorted sample's, over the whole range.
func TestLatencies_Quantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, typical := range []time.Duration{50 * time.Microsecond, time.Millisecond, 30 * time.Millisecond, 2 * time.Second} {
		var l Latencies
		var all []time.Duration
		for range 2000 {
			d := time.Duration(float64(typical) * (0.5 + r.ExpFloat64()))
			all = append(all, d)
			l.Add(time.Second, d)
		}
		slices.Sort(all)
		recent := l.Recent(time.Second, 0, 1)
		for _, q := range []float64{0.5, 0.9, 0.95, 0.99} {
			want, got := float64(all[int(q*2000)]), float64(recent.Quantile(q))
			if recent.N != 2000 || got < 0.8*want || got > 1.25*want {
				t.Errorf("%v: quantile %v of %d is %v; want about %v", typical, q, recent.N, time.Duration(got), time.Duration(want))
			}
		}
	}
	empty := (&Latencies{}).Recent(0, 0, 1)
	if empty.Quantile(0.5) != 0 {
		t.Error("nothing has a median")
	}
}

func TestLatencies_Bins(t *testing.T) {
	for k := range bins {
		if low, next := lower(k), lower(k+1); bin(low) != k || bin(next-1) != k || next <= low {
			t.Fatalf("bin %d is from %v to %v, which fall into %d and %d", k, low, next, bin(low), bin(next-1))
		}
	}
	if bin(0) != 0 || bin(-1) != 0 || bin(time.Hour) != bins-1 {
		t.Error("what is out of range does not fall into the outermost bins")
	}
}

// A busy caller is judged on its last second, an idle one on more, nobody on what is older than 10 s or than asked.
func TestLatencies_Recent(t *testing.T) {
	var l Latencies
	at := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	for s := 0.1; s < 20; s += 0.5 {
		l.Add(at(s), time.Millisecond)
	}
	for _, test := range []struct {
		now, since float64
		enough     int
		want       int
	}{{19.9, 0, 1, 2}, {19.9, 0, 5, 5}, {19.9, 0, 1000, 20}, {19.9, 18, 1000, 4}, {25, 0, 1000, 9}, {60, 0, 1000, 0}} {
		if r := l.Recent(at(test.now), at(test.since), test.enough); r.N != test.want {
			t.Errorf("%+v: %d", test, r.N)
		}
	}
	l.Reset()
	if r := l.Recent(at(19.9), 0, 1); r.N != 0 {
		t.Error("Reset keeps some")
	}
}
