package affinity_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// The tests of behavior run a cluster of three zones in virtual time (testing/synctest): no sleeping, no network, and yet every timer,
// lock and goroutine of the library is the real one.

const own, second, third = "apne2-az1", "apne2-az2", "apne2-az3"

// fault is what is wrong with a zone or an endpoint.
type fault int

const (
	healthy    fault = iota
	refusing         // connections are refused at once
	swallowing       // nothing comes back
	slow             // ten times slower
	failing          // answers are errors
	flaky            // every other answer is an error
)

var errRefused, errInternal = errors.New("connection refused"), errors.New("internal error")

// cluster plays the servers.
type cluster struct {
	mu        sync.Mutex
	latency   time.Duration
	zones     map[string]fault
	endpoints map[string]fault
	capacity  map[string]int // most answers of a zone in 100 ms; over it, errors
	served    map[string]int
	until     time.Time
	turn      int
	once      bool // calls cannot be repeated
	answer    discover.Answer
	begun     time.Time
	calls     []record
	attempts  []record
}

// record is one call or attempt.
type record struct {
	at, took time.Duration
	zone     string
	addr     string
	err      error
}

func newCluster(perZone int) *cluster {
	c := &cluster{latency: time.Millisecond, zones: map[string]fault{}, endpoints: map[string]fault{}, capacity: map[string]int{},
		served: map[string]int{}, begun: time.Now()}
	for _, z := range []string{own, second, third} {
		for i := range perZone {
			c.answer.Endpoints = append(c.answer.Endpoints, discover.Endpoint{Addr: fmt.Sprintf("10.0.%s.%d:80", z[8:], i+1), Zone: z})
		}
	}
	return c
}

// Discover makes the cluster a source.
func (c *cluster) Discover(context.Context) (discover.Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answer, nil
}

func (c *cluster) set(zone string, f fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.zones[zone] = f
}

func (c *cluster) setEndpoint(addr string, f fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endpoints[addr] = f
}

func (c *cluster) evacuate(zones ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer.Evacuated = zones
}

// serve is what an attempt meets.
func (c *cluster) serve(ctx context.Context, e discover.Endpoint) error {
	at := time.Since(c.begun)
	err := c.answerTo(ctx, e)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts = append(c.attempts, record{at: at, took: time.Since(c.begun) - at, zone: e.Zone, addr: e.Addr, err: err})
	return err
}

func (c *cluster) answerTo(ctx context.Context, e discover.Endpoint) error {
	c.mu.Lock()
	f, latency := c.zones[e.Zone], c.latency
	if f == healthy {
		f = c.endpoints[e.Addr]
	}
	c.turn++
	if f == flaky && c.turn%2 == 0 || c.overloaded(e.Zone) {
		f = failing
	}
	c.mu.Unlock()
	// Log-normal would be truer; what matters is that answers differ and have a tail.
	latency = time.Duration(float64(latency) * (0.7 + 0.6*rand.Float64()))
	if rand.IntN(50) == 0 {
		latency *= 4
	}
	if e.Zone != own {
		latency += 1500 * time.Microsecond
	}
	switch f {
	case refusing:
		return affinity.NotSent(errRefused)
	case swallowing:
		<-ctx.Done()
		return ctx.Err()
	case slow:
		latency *= 10
	case failing:
		if err := wait(ctx, latency); err != nil {
			return err
		}
		return errInternal
	}
	return wait(ctx, latency)
}

// overloaded needs the lock.
func (c *cluster) overloaded(zone string) bool {
	if now := time.Now(); now.After(c.until) {
		c.until = now.Add(100 * time.Millisecond)
		clear(c.served)
	}
	c.served[zone]++
	return c.capacity[zone] > 0 && c.served[zone] > c.capacity[zone]
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// call makes one call. One that cannot be repeated takes the low-level way, as a POST does in the transport.
func (c *cluster) call(ctx context.Context, s *affinity.Service) error {
	if !c.once {
		return s.Do(ctx, c.serve)
	}
	p, err := s.Pick(ctx, affinity.PickOptions{})
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if err = c.serve(limited, p.Endpoint()); err != nil {
		p.Done(affinity.Failure)
		return err
	}
	p.Done(affinity.Success)
	return nil
}

// load makes calls at a rate, each with a deadline, and waits for all of them.
func (c *cluster) load(s *affinity.Service, rate int, d time.Duration, deadline time.Duration) {
	var wg sync.WaitGroup
	step := time.Second / time.Duration(rate)
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(step) {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), deadline)
			defer cancel()
			at := time.Since(c.begun)
			err := c.call(ctx, s)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.calls = append(c.calls, record{at: at, took: time.Since(c.begun) - at, err: err})
		})
	}
	wg.Wait()
}

// seen is what happened between two moments.
type seen struct {
	calls, failed, attempts, away int
	slowest                       time.Duration
}

func (v seen) crossZone() float64 { return float64(v.away) / float64(max(v.attempts, 1)) }

func (c *cluster) between(from, to time.Duration) (v seen) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.calls {
		if r.at >= from && r.at < to {
			v.calls++
			v.slowest = max(v.slowest, r.took)
			if r.err != nil {
				v.failed++
			}
		}
	}
	for _, r := range c.attempts {
		if r.at >= from && r.at < to {
			v.attempts++
			if r.zone != own {
				v.away++
			}
		}
	}
	return v
}

// lastFailure is when the last call began that failed.
func (c *cluster) lastFailure() (at time.Duration) {
	for _, r := range c.calls {
		if r.err != nil {
			at = max(at, r.at)
		}
	}
	return at
}

// amplification is the most attempts a call in any 10 s that have a few calls.
func (c *cluster) amplification() (worst float64, at time.Duration) {
	const window = 10 * time.Second
	last := time.Duration(0)
	for _, r := range c.calls {
		last = max(last, r.at)
	}
	for from := time.Duration(0); from+window <= last; from += window / 20 {
		if v := c.between(from, from+window); v.calls >= 60 {
			if a := float64(v.attempts) / float64(v.calls); a > worst {
				worst, at = a, from
			}
		}
	}
	return worst, at
}

// now is the time since the cluster began.
func (c *cluster) now() time.Duration { return time.Since(c.begun) }

// simulate runs a test in virtual time.
func simulate(t *testing.T, perZone int, change func(*affinity.Config), test func(t *testing.T, c *cluster, s *affinity.Service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(perZone)
		cfg := affinity.Config{Name: "foo.internal", Zone: own, Source: c}
		if change != nil {
			change(&cfg)
		}
		s, err := affinity.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		test(t, c, s)
	})
}

// events is an observer that keeps events.
type events struct {
	mu   sync.Mutex
	list []affinity.Event
}

func (*events) CallStart(ctx context.Context, _ affinity.Call) context.Context       { return ctx }
func (*events) CallEnd(context.Context, affinity.CallEnd)                            {}
func (*events) AttemptStart(ctx context.Context, _ affinity.Attempt) context.Context { return ctx }
func (*events) AttemptEnd(context.Context, affinity.AttemptEnd)                      {}
func (o *events) Event(_ context.Context, e affinity.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, e)
}

func (o *events) of(k affinity.EventKind) (found []affinity.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.list {
		if e.Kind == k {
			found = append(found, e)
		}
	}
	return found
}
