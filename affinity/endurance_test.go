package affinity_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// A day of zone deaths, flaps and recoveries. After each the calls must be where they belong, as after the first; what the library
// keeps must not grow.
func TestEndurance_ADay(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulated day takes some seconds; skipped by -short")
	}
	simulate(t, 3, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		const rate = 3
		r := rand.New(rand.NewPCG(1, 2))
		c.load(s, rate, 5*time.Minute, 3*time.Second)
		var before uint64
		var failed, calls, faults int
		for hour := range 24 {
			for range 6 { // every ten minutes
				began := c.now()
				zone := []string{own, second, third}[r.IntN(3)]
				f := []fault{refusing, swallowing, slow, failing, flaky}[r.IntN(5)]
				for range 1 + r.IntN(3) { // flaps
					c.set(zone, f)
					c.load(s, rate, time.Duration(10+r.IntN(60))*time.Second, 3*time.Second)
					c.set(zone, healthy)
					c.load(s, rate, time.Duration(5+r.IntN(20))*time.Second, 3*time.Second)
				}
				faults++
				settled := c.now() + 30*time.Second
				c.load(s, rate, max(10*time.Minute-(c.now()-began), time.Minute), 3*time.Second)
				if v := c.between(settled, c.now()); v.away != 0 || v.failed != 0 {
					t.Errorf("hour %d, after %s was %v: %d of %d attempts are elsewhere, %d failed", hour, zone, f, v.away, v.attempts, v.failed)
				}
			}
			v := c.between(0, c.now())
			failed, calls = failed+v.failed, calls+v.calls
			c.mu.Lock()
			c.calls, c.attempts = nil, nil
			c.mu.Unlock()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if hour == 1 {
				before = m.HeapAlloc
			} else if hour > 1 && m.HeapAlloc > before+4<<20 {
				t.Fatalf("hour %d: the heap has grown from %d to %d bytes", hour, before, m.HeapAlloc)
			}
		}
		t.Logf("%v simulated, %d faults, %d calls, %d failed; %+v", c.now().Round(time.Minute), faults, calls, failed, s.Stats())
		if failed > calls/10_000 {
			t.Errorf("%d of %d calls failed; want at most 0.01 %%", failed, calls)
		}
	})
}

// 10,000 callers at once, in real time, with zones failing under them: run it with -race.
func TestConcurrency_TenThousandCallers(t *testing.T) {
	const callers, each = 10000, 5
	before := runtime.NumGoroutine()
	var sick atomic.Pointer[string]
	healthyZone := "none"
	sick.Store(&healthyZone)
	s := service(t, func(c *affinity.Config) { c.Observer = &events{} },
		discover.Endpoint{Addr: "10.0.1.1:80", Zone: own}, discover.Endpoint{Addr: "10.0.1.2:80", Zone: own},
		discover.Endpoint{Addr: "10.0.2.1:80", Zone: second}, discover.Endpoint{Addr: "10.0.3.1:80", Zone: third})
	var wg, start sync.WaitGroup
	start.Add(1)
	var ok, failed atomic.Int64
	for range callers {
		wg.Go(func() {
			start.Wait()
			for range each {
				err := s.Do(context.Background(), func(_ context.Context, e discover.Endpoint) error {
					runtime.Gosched()
					if e.Zone == *sick.Load() {
						return errInternal
					}
					return nil
				})
				if err == nil {
					ok.Add(1)
				} else {
					failed.Add(1)
				}
			}
		})
	}
	stop := make(chan struct{})
	wg.Go(func() {
		zones := []string{own, second, "none"}
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				sick.Store(&zones[i%len(zones)])
				_ = s.Stats()
			}
		}
	})
	start.Done()
	for ok.Load()+failed.Load() < callers*each {
		time.Sleep(time.Millisecond)
	}
	close(stop)
	wg.Wait()
	st := s.Stats()
	if st.Calls != callers*each || inFlight(s) != 0 {
		t.Errorf("%d calls counted, %d in flight; want %d and none", st.Calls, inFlight(s), callers*each)
	}
	// Failures come in bursts of all callers at once: retries may be denied, but most calls succeed.
	if ok.Load() < callers*each*8/10 {
		t.Errorf("only %d of %d calls succeeded; %+v", ok.Load(), callers*each, st)
	}
	s.Close()
	noNewGoroutines(t, before)
}

// noNewGoroutines waits for those that are ending, and shows those that are not.
func noNewGoroutines(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if runtime.NumGoroutine() <= before {
			return
		}
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, strings.TrimSpace(string(stacks)))
}

// A service that made requests, was hedged, timed out and closed leaves nothing behind.
func TestClose_LeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		release := make(chan struct{})
		hang := serve(t, own, hangUntil(release))
		quick := serve(t, own, echo)
		s := service(t, func(c *affinity.Config) {
			c.AttemptTimeout = 20 * time.Millisecond
			c.Hedge = affinity.Hedge{On: true, After: 5 * time.Millisecond}
		}, hang.endpoint(), quick.endpoint(), serve(t, second, echo).endpoint())
		client := s.HTTPClient()
		for range 50 {
			if resp, err := client.Get("http://foo.internal/"); err == nil {
				resp.Body.Close()
			}
		}
		close(release)
		s.Close()
		hang.Close()
		quick.Close()
	}()
	noNewGoroutines(t, before+3) // the third server's, which the test's end closes
}
