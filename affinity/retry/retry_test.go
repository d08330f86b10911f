package retry_test

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/quick"
	"time"

	"github.com/pathproof/pathproof/affinity/retry"
)

func TestBackoff(t *testing.T) {
	for _, test := range []struct {
		b    retry.Backoff
		n    int
		want time.Duration
	}{
		{retry.Backoff{}, 1, 10 * time.Millisecond},
		{retry.Backoff{}, 2, 20 * time.Millisecond},
		{retry.Backoff{}, 5, 160 * time.Millisecond},
		{retry.Backoff{}, 8, time.Second},
		{retry.Backoff{}, 1000, time.Second},
		{retry.Backoff{Base: time.Second, Max: time.Minute}, 3, 4 * time.Second},
		{retry.Backoff{Base: time.Second, Max: time.Millisecond}, 3, time.Millisecond},
		{retry.Backoff{Base: 1, Max: math.MaxInt64 - 1}, 64, math.MaxInt64 - 1},
	} {
		if got := test.b.Ceiling(test.n); got != test.want {
			t.Errorf("%+v before retry %d: up to %v; want %v", test.b, test.n, got, test.want)
		}
		for range 100 {
			if got := test.b.Delay(test.n); got < 0 || got > test.want {
				t.Errorf("%+v before retry %d: %v; want at most %v", test.b, test.n, got, test.want)
			}
		}
	}
}

func TestBudget(t *testing.T) {
	const second = time.Second
	b := retry.NewBudget(0.2, 2)
	take := func(at time.Duration, want int) {
		t.Helper()
		got := 0
		for b.Take(at) {
			got++
		}
		if got != want || b.Has(at) {
			t.Errorf("at %v %d retries; want %d", at, got, want)
		}
	}
	take(0, 2) // the floor
	for range 100 {
		b.Call(5 * second)
	}
	take(5*second, 18) // 20 % of 100, of which 2 are spent
	take(9*second, 0)
	take(11*second, 2) // the first two are over
	take(16*second, 0) // so are the calls, but the two just made count
	take(22*second, 2)
	if strict := retry.NewBudget(0.2, 5); strict.TakeStrict(0) {
		t.Error("the floor holds for TakeStrict")
	}
	if none := retry.NewBudget(-1, -1); none.Take(0) {
		t.Error("a negative budget gives retries")
	}
}

// Over any 10 s retries stay below the ratio of calls, wherever the window begins, for loads that come evenly, in steps or at random;
// every call asks for as many retries as it can get, as under total failure.
func TestBudget_AmplificationIsBounded(t *testing.T) {
	const ratio, seconds = 0.19, 60
	loads := map[string]func(r *rand.Rand, at time.Duration) float64{ // calls a second
		"even":         func(*rand.Rand, time.Duration) float64 { return 100 },
		"many":         func(*rand.Rand, time.Duration) float64 { return 500 },
		"few":          func(*rand.Rand, time.Duration) float64 { return 8 },
		"rising":       func(_ *rand.Rand, at time.Duration) float64 { return 10 + 10*at.Seconds() },
		"random seeds": func(r *rand.Rand, _ time.Duration) float64 { return 60 + 80*r.Float64() },
	}
	for name, load := range loads {
		t.Run(name, func(t *testing.T) {
			property := func(seed uint64) bool {
				r := rand.New(rand.NewPCG(seed, 1))
				b := retry.NewBudget(ratio, -1)
				var calls, retries []time.Duration
				for at := time.Duration(0); at < seconds*time.Second; {
					at += time.Duration(r.ExpFloat64() * float64(time.Second) / load(r, at))
					b.Call(at)
					calls = append(calls, at)
					for range 2 {
						if b.Take(at) {
							retries = append(retries, at)
						}
					}
				}
				worst := 0.0
				for from := time.Duration(0); from+retry.Window <= seconds*time.Second; from += 37 * time.Millisecond {
					worst = max(worst, float64(within(retries, from))/float64(within(calls, from)))
				}
				// Poisson arrivals are even only on the average: the calls of a window may be a few less than those that allowed for its retries.
				return worst < 0.2+3*ratio/math.Sqrt(load(r, 0)*10)
			}
			if err := quick.Check(property, &quick.Config{MaxCount: 3}); err != nil {
				t.Error(err)
			}
		})
	}
}

func within(at []time.Duration, from time.Duration) (n int) {
	for _, a := range at {
		if a >= from && a < from+retry.Window {
			n++
		}
	}
	return n
}

// Many callers together get what one would.
func TestBudget_Concurrent(t *testing.T) {
	b := retry.NewBudget(0.1, 0)
	var got atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 200 {
				b.Call(time.Second)
				if b.Take(time.Second) {
					got.Add(1)
				}
			}
		})
	}
	wg.Wait()
	for b.Take(time.Second) {
		got.Add(1)
	}
	if got.Load() != 1000 {
		t.Errorf("%d retries of 10000 calls; want 1000", got.Load())
	}
}

func TestIdempotent(t *testing.T) {
	for _, test := range []struct {
		method, header string
		context        bool
		want           bool
	}{
		{"GET", "", false, true}, {"", "", false, true}, {"HEAD", "", false, true}, {"OPTIONS", "", false, true}, {"TRACE", "", false, true},
		{"POST", "", false, false}, {"PATCH", "", false, false}, {"PUT", "", false, false}, {"DELETE", "", false, false}, {"get", "", false, false},
		{"POST", "Idempotency-Key", false, true}, {"POST", "X-Idempotency-Key", false, true}, {"POST", "X-Request-Id", false, false},
		{"DELETE", "", true, true},
	} {
		r := &http.Request{Method: test.method, Header: http.Header{}}
		if test.header != "" {
			r.Header.Set(test.header, "1")
		}
		if test.context {
			r = r.WithContext(retry.WithIdempotent(context.Background()))
		}
		if got := retry.Idempotent(r); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestRewindable(t *testing.T) {
	again, _ := http.NewRequest("POST", "http://foo", strings.NewReader("x"))
	once, _ := http.NewRequest("POST", "http://foo", struct{ *strings.Reader }{strings.NewReader("x")})
	none, _ := http.NewRequest("POST", "http://foo", nil)
	empty, _ := http.NewRequest("POST", "http://foo", http.NoBody)
	if !retry.Rewindable(again) || retry.Rewindable(once) || !retry.Rewindable(none) || !retry.Rewindable(empty) {
		t.Error("a body that can be read once cannot be sent twice; the others can")
	}
}

func TestAfter(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, "120": 2 * time.Minute, "-1": 0, "1.5": 0, "soon": 0, "99999999999": math.MaxInt64, "99999999999999999999999": math.MaxInt64,
		"4294967296":                    1 << 32 * time.Second,
		"Tue, 01 Dec 2026 12:00:30 GMT": 30 * time.Second, "Tue, 01 Dec 2026 11:59:30 GMT": 0,
	} {
		if got := retry.After(http.Header{"Retry-After": {header}}, now); got != want {
			t.Errorf("%q: %v; want %v", header, got, want)
		}
	}
}
