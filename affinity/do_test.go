package affinity_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

func TestDo_WhatErrorsMean(t *testing.T) {
	cause := errors.New("cause")
	for name, test := range map[string]struct {
		err      error
		attempts int
		failures uint64
	}{
		"an error":             {cause, 3, 3},
		"one that is final":    {affinity.Permanent(cause), 1, 0},
		"one before sending":   {affinity.NotSent(cause), 3, 3},
		"one after sending":    {affinity.MaybeSent(cause), 1, 1},
		"a marked one wrapped": {errors.Join(errors.New("more"), affinity.Permanent(cause)), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, 1, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
				n := 0
				err := s.Do(context.Background(), func(context.Context, discover.Endpoint) error { n++; return test.err })
				if st := s.Stats(); !errors.Is(err, cause) || n != test.attempts || st.Failures != test.failures {
					t.Errorf("%v after %d attempts, %d counted as failures; want %d and %d", err, n, st.Failures, test.attempts, test.failures)
				}
			})
		})
	}
	if affinity.Permanent(nil) != nil || affinity.NotSent(nil) != nil || affinity.MaybeSent(nil) != nil {
		t.Error("no error became one")
	}
}

// Each attempt leaves half of what remains of a short deadline to the next, so that a dead zone does not cost the whole call.
func TestDo_ShortDeadlinesLeaveRoomForARetry(t *testing.T) {
	simulate(t, 1, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 100, 3*time.Second, time.Second)
		c.set(own, swallowing)
		ctx, cancel := context.WithTimeout(context.Background(), 400*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := s.Do(ctx, c.serve); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 200*time.Millisecond || took > 220*time.Millisecond {
			t.Errorf("took %v; want the first attempt's half of 400 ms and an answer", took)
		}
	})
}

// What is not known to be quick gets all the time there is: halving it would keep a slow service from ever answering.
func TestDo_SlowServicesGetTheWholeDeadline(t *testing.T) {
	simulate(t, 1, nil, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.latency = 300 * time.Millisecond
		c.load(s, 10, 20*time.Second, 600*time.Millisecond)
		v := c.between(0, c.now())
		// One answer in fifty takes four times as long, over the deadline.
		if v.failed > v.calls/20 {
			t.Errorf("%d of %d calls failed", v.failed, v.calls)
		}
	})
}

// Callers whose deadlines are shorter than AttemptTimeout must find out about dead zones as well.
func TestDo_ShortDeadlinesOpenBreakers(t *testing.T) {
	change := func(c *affinity.Config) { c.Retry.MaxAttempts = 1 }
	simulate(t, 3, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.load(s, 5, 20*time.Second, 100*time.Millisecond)
		c.set(own, swallowing)
		at := c.now()
		c.load(s, 5, 20*time.Second, 100*time.Millisecond)
		if v := c.between(at+4*time.Second, c.now()); v.crossZone() < 0.8 {
			t.Errorf("%.0f %% of attempts go elsewhere; want the zone left though no attempt ever timed out", 100*v.crossZone())
		}
	})
}

// No attempt is begun that cannot end in time.
func TestDo_NoAttemptThatCannotFinish(t *testing.T) {
	change := func(c *affinity.Config) { c.Retry.Base, c.Retry.Max = time.Second, time.Second }
	simulate(t, 1, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.latency = 100 * time.Millisecond
		c.load(s, 20, 3*time.Second, time.Second)
		n := 0
		ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
		defer cancel()
		began := time.Now()
		err := s.Do(ctx, func(context.Context, discover.Endpoint) error {
			n++
			time.Sleep(90 * time.Millisecond)
			return errInternal
		})
		if !errors.Is(err, affinity.ErrNoTime) || n != 1 || time.Since(began) != 90*time.Millisecond {
			t.Errorf("%v after %v and %d attempts; want an end after the first, since answers take 100 ms and 60 are left", err, time.Since(began), n)
		}
	})
}

func TestDo_CancellationEndsTheWait(t *testing.T) {
	change := func(c *affinity.Config) { c.Retry.Base, c.Retry.Max, c.Zone = time.Hour, time.Hour, "" }
	simulate(t, 0, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.mu.Lock()
		c.answer.Endpoints = []discover.Endpoint{{Addr: "10.0.1.1:80", Zone: own}}
		c.mu.Unlock()
		c.set(own, failing)
		ctx, cancel := context.WithCancelCause(context.Background())
		why := errors.New("the user left")
		time.AfterFunc(3*time.Second, func() { cancel(why) })
		began := time.Now()
		err := s.Do(ctx, c.serve)
		if took := time.Since(began); !errors.Is(err, why) || took != 3*time.Second {
			t.Errorf("%v after %v; want the cause of the cancellation when it came", err, took)
		}
	})
}

func TestDo_BackoffIsExponentialWithFullJitter(t *testing.T) {
	change := func(c *affinity.Config) {
		c.Retry = affinity.Retry{MaxAttempts: 6, Base: 100 * time.Millisecond, Max: 400 * time.Millisecond, Floor: 1000, Budget: 1}
		c.Breaker.Consecutive, c.Breaker.MinCalls, c.Shed.Multiplier = 1000, 1000, -1
	}
	simulate(t, 0, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.mu.Lock()
		c.answer.Endpoints = []discover.Endpoint{{Addr: "10.0.1.1:80", Zone: own}} // nowhere else: every retry waits
		c.mu.Unlock()
		var longest, sum [6]time.Duration
		const calls = 200
		for range calls {
			last, n := time.Now(), 0
			_ = s.Do(context.Background(), func(context.Context, discover.Endpoint) error {
				gap := time.Since(last)
				longest[n], sum[n] = max(longest[n], gap), sum[n]+gap
				last = time.Now()
				n++
				return errInternal
			})
		}
		for n, ceiling := range []time.Duration{0, 100, 200, 400, 400, 400} {
			ceiling *= time.Millisecond
			mean := sum[n] / calls
			if longest[n] > ceiling || n > 0 && (longest[n] < ceiling*9/10 || mean < ceiling*4/10 || mean > ceiling*6/10) {
				t.Errorf("before attempt %d the longest wait was %v, the mean %v; want up to %v, evenly", n+1, longest[n], mean, ceiling)
			}
		}
	})
}

func TestDo_ErrorText(t *testing.T) {
	err := error(&affinity.CallError{Service: "foo.internal", Stopped: affinity.ErrBudget, Attempts: []affinity.AttemptError{
		{Number: 1, Endpoint: discover.Endpoint{Addr: "10.0.1.1:80", Zone: own}, Duration: 1002 * time.Millisecond, Err: affinity.ErrAttemptTimeout},
		{Number: 2, Endpoint: discover.Endpoint{Addr: "10.0.2.1:80"}, Duration: 1234567, Err: affinity.StatusError(503)},
	}})
	want := "calling foo.internal failed: attempt 1 in apne2-az1 at 10.0.1.1:80 after 1s: the attempt timed out; " +
		"attempt 2 in an unknown zone at 10.0.2.1:80 after 1.23ms: status 503 Service Unavailable; no further attempt: the retry budget is spent"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	var status affinity.StatusError
	if !errors.As(err, &status) || status != 503 || !errors.Is(err, affinity.ErrBudget) || !errors.Is(err, affinity.ErrAttemptTimeout) {
		t.Error("errors.Is and errors.As do not find the causes")
	}
}

func TestNew_SaysAllThatIsWrong(t *testing.T) {
	source, _ := discover.Static(discover.Endpoint{Addr: "10.0.1.1:80", Zone: own})
	for name, test := range map[string]struct {
		cfg  affinity.Config
		want []string
	}{
		"nothing given": {affinity.Config{}, []string{"got Name \"\"", "got no Source"}},
		"a URL and a zone's name": {affinity.Config{Name: "http://foo.internal", Zone: "ap-northeast-2a", Source: source},
			[]string{`got Name "http://foo.internal"`, `a zone name where an Availability Zone ID is needed, got "ap-northeast-2a"`}},
		"unknown AZ ID": {affinity.Config{Name: "foo", Zone: "az1", Source: source}, []string{`got "az1"`}},
		"contradictions": {affinity.Config{Name: "foo", Source: source, AttemptTimeout: 100 * time.Millisecond, ConnectTimeout: time.Second,
			Retry: affinity.Retry{MaxAttempts: 1, Budget: 0.1, Base: time.Second, Max: time.Millisecond},
			Hedge: affinity.Hedge{After: time.Second}, Slow: affinity.Slow{Duration: time.Second},
			Breaker: affinity.Breaker{OpenFor: 10 * time.Second, MaxOpen: time.Second}},
			[]string{"got Retry.MaxAttempts 1 with Budget 0.1", "got Hedge.After 1s", "got Retry.Max 1ms and Retry.Base 1s",
				"got Breaker.MaxOpen 1s and Breaker.OpenFor 10s", "got ConnectTimeout 1s and AttemptTimeout 100ms", "got Slow.Duration 1s and AttemptTimeout 100ms"}},
		"a hedge that is no attempt": {affinity.Config{Name: "foo", Source: source, Hedge: affinity.Hedge{On: true}, Retry: affinity.Retry{MaxAttempts: 1}},
			[]string{"a hedge is a second attempt"}},
		"hedges without budget": {affinity.Config{Name: "foo", Source: source, Hedge: affinity.Hedge{On: true, After: 2 * time.Second},
			Retry: affinity.Retry{Budget: -1, Floor: -1}}, []string{"hedging without a budget", "got Hedge.After 2s and AttemptTimeout 1s"}},
		"retries without budget": {affinity.Config{Name: "foo", Source: source, Retry: affinity.Retry{MaxAttempts: 2, Budget: -1, Floor: -1}},
			[]string{"retries without a budget"}},
		"out of range": {affinity.Config{Name: "foo", Source: source, ConnectTimeout: -1, Breaker: affinity.Breaker{FailureRatio: 2, MinCalls: -1},
			Retry: affinity.Retry{Budget: 2}, Slow: affinity.Slow{Factor: 0.5, Ratio: -1}, Shed: affinity.Shed{Multiplier: 0.5, MaxRatio: 3},
			Spill: affinity.Spill{Overprovision: 0.5}, Ejection: affinity.Ejection{MaxRatio: 7}},
			[]string{"ConnectTimeout -1ns", "Breaker.FailureRatio 2", "Breaker.MinCalls -1", "Retry.Budget 2", "Slow.Factor 0.5", "Slow.Ratio -1",
				"Shed.Multiplier 0.5", "Shed.MaxRatio 3", "Spill.Overprovision 0.5", "Ejection.MaxRatio 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := affinity.New(test.cfg)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v; want %q in it", err, want)
				}
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != len(test.want) {
				t.Errorf("%d problems in %v; want %d", lines, err, len(test.want))
			}
		})
	}
}

// The same for a client that never had an answer: there is no usual time, and yet 100 ms without one are a sign.
func TestDo_ShortDeadlinesOpenBreakersFromTheStart(t *testing.T) {
	change := func(c *affinity.Config) { c.Retry.MaxAttempts = 1 }
	simulate(t, 3, change, func(t *testing.T, c *cluster, s *affinity.Service) {
		c.set(own, swallowing)
		c.load(s, 5, 20*time.Second, 150*time.Millisecond)
		if v := c.between(4*time.Second, c.now()); v.crossZone() < 0.8 {
			t.Errorf("%.0f %% of attempts go elsewhere; want the zone left", 100*v.crossZone())
		}
	})
}
