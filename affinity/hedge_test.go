package affinity_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

func hedging(after time.Duration) func(*affinity.Config) {
	return func(c *affinity.Config) { c.Hedge = affinity.Hedge{On: true, After: after} }
}

func TestHedge_TheFasterAttemptWins(t *testing.T) {
	simulate(t, 2, hedging(10*time.Millisecond), func(t *testing.T, c *cluster, s *affinity.Service) {
		var first atomic.Bool
		var lost atomic.Pointer[error]
		began := time.Now()
		err := s.Do(context.Background(), func(ctx context.Context, e discover.Endpoint) error {
			if e.Zone != own {
				t.Errorf("an attempt went to %s; want the other endpoint of the own zone", e.Zone)
			}
			if first.Swap(true) {
				return wait(ctx, time.Millisecond)
			}
			err := wait(ctx, time.Minute)
			lost.Store(&err)
			return err
		})
		if took := time.Since(began); err != nil || took != 11*time.Millisecond {
			t.Errorf("%v after %v; want the hedge's success after 11 ms", err, took)
		}
		time.Sleep(time.Millisecond)
		if e := lost.Load(); e == nil || !errors.Is(*e, context.Canceled) {
			t.Error("the slower attempt was not canceled")
		}
		if st := s.Stats(); st.Hedges != 1 || st.Failures != 0 || st.Attempts != 2 || inFlight(s) != 0 {
			t.Errorf("%+v; want one hedge, no failure, nothing in flight", st)
		}
	})
}

func TestHedge_IsNotMadeForQuickAnswers(t *testing.T) {
	simulate(t, 2, hedging(100*time.Millisecond), func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 100, 10*time.Second, time.Second)
		if st := s.Stats(); st.Hedges != 0 || st.Attempts != st.Calls {
			t.Errorf("%+v; want no hedge", st)
		}
	})
}

// By itself a hedge waits for the 95th percentile, so that about one call in twenty has one; the budget holds whatever happens.
func TestHedge_StaysWithinTheBudget(t *testing.T) {
	simulate(t, 2, hedging(0), func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 200, 20*time.Second, time.Second)
		if st := s.Stats(); st.Hedges == 0 || st.Hedges > st.Calls/8 {
			t.Errorf("%d hedges for %d calls; want about one in twenty", st.Hedges, st.Calls)
		}
		c.latency = 50 * time.Millisecond // now all calls would be hedged
		c.load(s, 200, 30*time.Second, time.Second)
		if a, at := c.amplification(); a >= 1.2 {
			t.Errorf("%.2f attempts a call in the 10 s from %v", a, at)
		}
	})
}

// A failure does not win against an attempt that may still succeed.
func TestHedge_FailureWaitsForTheOther(t *testing.T) {
	simulate(t, 2, hedging(10*time.Millisecond), func(t *testing.T, c *cluster, s *affinity.Service) {
		var n atomic.Int32
		err := s.Do(context.Background(), func(ctx context.Context, e discover.Endpoint) error {
			if n.Add(1) == 1 {
				return wait(ctx, 30*time.Millisecond)
			}
			return errInternal
		})
		if st := s.Stats(); err != nil || n.Load() != 2 || st.Failures != 1 {
			t.Errorf("%v after %d attempts, %+v; want the first one's success", err, n.Load(), st)
		}
	})
}

// A swallowing zone is noticed although hedges hide it from every caller.
func TestHedge_DoesNotHideADeadZone(t *testing.T) {
	simulate(t, 3, hedging(0), func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 200, steady, time.Second)
		c.set(own, swallowing)
		at := c.now()
		c.load(s, 200, 10*time.Second, time.Second)
		if v := c.between(at+2*time.Second, c.now()); v.crossZone() < 0.97 || v.failed != 0 {
			t.Errorf("after 2 s %+v; want the zone left", v)
		}
	})
}

func TestHedge_GivesBackWhatNobodyWants(t *testing.T) {
	simulate(t, 2, hedging(10*time.Millisecond), func(t *testing.T, c *cluster, s *affinity.Service) {
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				var n atomic.Int32
				if err := s.Do(context.Background(), func(context.Context, discover.Endpoint) error {
					time.Sleep(time.Duration(30-10*n.Add(1)) * time.Millisecond) // both end at about the same time, heedless of cancellation
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		time.Sleep(time.Second)
		if inFlight(s) != 0 {
			t.Errorf("%d attempts are in flight for ever", inFlight(s))
		}
	})
}
