package affinity_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

func TestDoWith_OnceIsMadeAgainOnlyIfNeverSent(t *testing.T) {
	source, err := discover.Static(discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
	if err != nil {
		t.Fatal(err)
	}
	down := errors.New("down")
	for _, tt := range []struct {
		name     string
		once     bool
		err      error
		attempts int
	}{
		{"repeatable", false, down, 2},
		{"once", true, down, 1},
		{"once, never sent", true, affinity.NotSent(down), 2},
		{"once, an answer", true, affinity.Permanent(down), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source, Retry: affinity.Retry{MaxAttempts: 2},
				Hedge: affinity.Hedge{On: true, After: 1}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			var attempts atomic.Int32
			err = s.DoWith(t.Context(), affinity.DoOptions{Once: tt.once}, func(context.Context, discover.Endpoint) error {
				attempts.Add(1)
				return tt.err
			})
			if !errors.Is(err, down) || int(attempts.Load()) != tt.attempts {
				t.Errorf("%d attempts, %v; want %d", attempts.Load(), err, tt.attempts)
			}
		})
	}
}

// A zone is tried again as soon as a trial is worth it, and not before.
func TestDoWith_TrialsWaitUntilTheyAreWorthIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, err := discover.Static(discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		up, own := true, 0
		call := func() {
			o := affinity.DoOptions{WorthTrial: func(discover.Endpoint) bool { return up }}
			if err := s.DoWith(t.Context(), o, func(_ context.Context, e discover.Endpoint) error {
				if e.Zone == "apne2-az1" {
					own++
					if !up {
						return affinity.NotSent(errors.New("down"))
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		for range 200 {
			call()
		}
		up = false
		for range 200 { // 2 s
			call()
		}
		was := own
		for range 6000 { // a minute
			call()
		}
		if own != was {
			t.Errorf("%d calls went to a zone that was known to be down", own-was)
		}
		up = true
		if call(); own != was+1 {
			t.Error("the first call after the zone was up did not try it")
		}
		for range 600 { // trials, and the time in which calls come back
			call()
		}
		was = own
		for range 100 {
			call()
		}
		if own != was+100 {
			t.Errorf("%d of 100 calls were in the own zone after it came back", own-was)
		}
	})
}

// An endpoint that stays down does not keep its neighbour from being tried.
func TestDoWith_ATrialThatIsNotWorthItHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, err := discover.Static(discover.Endpoint{Addr: "10.0.1.1:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.1.2:80", Zone: "apne2-az1"},
			discover.Endpoint{Addr: "10.0.1.3:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		down := map[string]bool{"10.0.1.1:80": true, "10.0.1.2:80": true}
		count, failed := map[string]int{}, 0
		calls := func(n int) {
			o := affinity.DoOptions{WorthTrial: func(e discover.Endpoint) bool { return !down[e.Addr] }}
			for range n {
				if err := s.DoWith(t.Context(), o, func(_ context.Context, e discover.Endpoint) error {
					if down[e.Addr] {
						return affinity.NotSent(errors.New("down"))
					}
					count[e.Addr]++
					return nil
				}); err != nil {
					failed++
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
		calls(1000)
		if failed > 10 { // a client that starts beside two endpoints that are down learns that at the cost of its retry floor
			t.Errorf("%d of the first 1,000 calls failed", failed)
		}
		failed = 0
		delete(down, "10.0.1.2:80")
		clear(count)
		calls(3000)
		if failed != 0 {
			t.Errorf("%d calls failed later", failed)
		}
		if count["10.0.1.2:80"] < 500 {
			t.Errorf("the endpoint that is up again had %d of 3,000 calls: %v", count["10.0.1.2:80"], count)
		}
	})
}
