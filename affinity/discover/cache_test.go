package discover_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

var errDown = errors.New("resolver is down")

// scripted answers what it is told to, after a delay, and counts how it is asked.
type scripted struct {
	mu       sync.Mutex
	answer   discover.Answer
	err      error
	delay    time.Duration
	asked    []time.Time
	inFlight int
	most     int
}

func (s *scripted) set(answer discover.Answer, err error, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer, s.err, s.delay = answer, err, delay
}

func (s *scripted) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *scripted) Discover(ctx context.Context) (discover.Answer, error) {
	s.mu.Lock()
	s.asked = append(s.asked, time.Now())
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	delay := s.delay
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.inFlight--; s.mu.Unlock() }()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return discover.Answer{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answer, s.err
}

func answerOf(addrs ...string) discover.Answer {
	var a discover.Answer
	for _, addr := range addrs {
		a.Endpoints = append(a.Endpoints, discover.Endpoint{Addr: addr, Zone: "apne2-az1"})
	}
	return a
}

func newCache(t *testing.T, config discover.CacheConfig) *discover.Cache {
	t.Helper()
	c, err := discover.NewCache(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCache_OnlyTheFirstCallWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{answer: answerOf("10.0.0.1:80"), delay: 300 * time.Millisecond}
		c := newCache(t, discover.CacheConfig{Source: source})
		defer c.Close()

		begin := time.Now()
		if _, err := c.Discover(t.Context()); err != nil || time.Since(begin) != 300*time.Millisecond {
			t.Errorf("the first call took %v, %v; want the 300 ms of the source", time.Since(begin), err)
		}
		source.set(discover.Answer{}, errDown, time.Hour)
		time.Sleep(time.Minute)
		begin = time.Now()
		for range 1000 {
			if got, err := c.Discover(t.Context()); err != nil || !got.Equal(answerOf("10.0.0.1:80")) {
				t.Fatalf("got %v, %v while discovery hangs", got, err)
			}
		}
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("1,000 calls waited %v for discovery that hangs", waited)
		}
	})
}

func TestCache_KeepsTheLastGoodAnswerAndSaysItsAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{answer: answerOf("10.0.0.1:80")}
		c := newCache(t, discover.CacheConfig{Source: source, Expiry: 10 * time.Minute})
		defer c.Close()
		synctest.Wait()
		source.set(discover.Answer{}, errDown, 0)

		time.Sleep(24 * time.Hour)
		got, err := c.Discover(t.Context())
		if err != nil || !got.Equal(answerOf("10.0.0.1:80")) {
			t.Errorf("after a day of failures: %v, %v; want the last good answer", got, err)
		}
		s := c.Status()
		if s.Age != 24*time.Hour || !s.Expired || s.Failures < 1000 || !errors.Is(s.Err, errDown) {
			t.Errorf("status is %+v", s)
		}

		source.set(answerOf("10.0.0.2:80"), nil, 0)
		time.Sleep(30 * time.Second) // MaxBackoff
		synctest.Wait()
		if got, _ := c.Peek(); !got.Equal(answerOf("10.0.0.2:80")) {
			t.Errorf("30 s after discovery works again: %v", got)
		}
		if s := c.Status(); s.Expired || s.Failures != 0 || s.Err != nil {
			t.Errorf("status after recovery is %+v", s)
		}
	})
}

func TestCache_RefusesAnExpiredAnswerWhereAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{answer: answerOf("10.0.0.1:80")}
		c := newCache(t, discover.CacheConfig{Source: source, Expiry: time.Minute, RefuseExpired: true})
		defer c.Close()
		synctest.Wait()
		source.set(discover.Answer{}, errDown, 0)
		time.Sleep(time.Minute)
		if _, err := c.Discover(t.Context()); err != nil {
			t.Errorf("at its limit: %v", err)
		}
		time.Sleep(time.Second)
		_, err := c.Discover(t.Context())
		if !errors.Is(err, discover.ErrExpired) || !errors.Is(err, errDown) || !strings.Contains(err.Error(), "got 1m1s; the limit is 1m0s") {
			t.Errorf("beyond its limit: %v", err)
		}
	})
}

func TestCache_AnEmptyAnswerIsAFailure(t *testing.T) {
	for _, accept := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			source := &scripted{answer: answerOf("10.0.0.1:80")}
			c := newCache(t, discover.CacheConfig{Source: source, AcceptEmpty: accept})
			defer c.Close()
			synctest.Wait()
			source.set(discover.Answer{}, nil, 0)
			time.Sleep(5 * time.Second)
			got, _ := c.Peek()
			if kept := len(got.Endpoints) == 1; kept == accept {
				t.Errorf("AcceptEmpty %v: %v", accept, got)
			}
			if err := c.Status().Err; errors.Is(err, discover.ErrEmpty) == accept {
				t.Errorf("AcceptEmpty %v: %v", accept, err)
			}
		})
	}
}

func TestCache_AsksOnceAtATimeAndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{answer: answerOf("10.0.0.1:80"), delay: 50 * time.Millisecond}
		c := newCache(t, discover.CacheConfig{Source: source})
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				if _, err := c.Discover(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if source.count() != 1 {
			t.Errorf("1,000 first callers asked %d times; want once", source.count())
		}
		time.Sleep(24 * time.Hour)
		c.Close()
		if source.most != 1 {
			t.Errorf("%d questions at a time", source.most)
		}
		var shortest, longest = time.Hour, time.Duration(0)
		for i, at := range source.asked[1:] {
			gap := at.Sub(source.asked[i])
			shortest, longest = min(shortest, gap), max(longest, gap)
		}
		// A change is noticed when the question after it ends: one gap and one answer.
		if longest+50*time.Millisecond > 5*time.Second || shortest < 3500*time.Millisecond || longest-shortest < 900*time.Millisecond {
			t.Errorf("in 24 h questions were %v to %v apart; want 3.5 to 4.5 s, spread", shortest, longest)
		}
	})
}

func TestCache_BacksOffWhileDiscoveryFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{err: errDown}
		c := newCache(t, discover.CacheConfig{Source: source})
		time.Sleep(time.Hour)
		c.Close()
		// 0.5 s doubling to 30 s: 7 questions in the first minute at most, then one in 15 to 30 s.
		if n := len(source.asked); n < 120 || n > 250 {
			t.Errorf("%d questions in an hour of failures", n)
		}
		if first := source.asked[1].Sub(source.asked[0]); first < 250*time.Millisecond || first > 500*time.Millisecond {
			t.Errorf("the first wait was %v", first)
		}
	})
}

func TestCache_TheFirstWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, discover.CacheConfig{Source: &scripted{err: errDown}})
		defer c.Close()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := c.Discover(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errDown) || time.Since(begin) != 3*time.Second {
			t.Errorf("with a deadline of 3 s: %v after %v", err, time.Since(begin))
		}
		patient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Discover(patient); !errors.Is(err, errDown) || time.Since(begin) != 10*time.Second {
			t.Errorf("without a deadline near: %v after %v; want the failure after FirstWait", err, time.Since(begin))
		}
		if _, err := c.Discover(patient); !errors.Is(err, errDown) || time.Since(begin) != 10*time.Second {
			t.Errorf("after FirstWait: %v after %v; want the failure at once", err, time.Since(begin))
		}
	})
}

func TestCache_TellsSubscribersOfChangesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{answer: answerOf("10.0.0.1:80")}
		results := 0
		c := newCache(t, discover.CacheConfig{Source: source, OnResult: func(discover.Answer, error) { results++ }})
		defer c.Close()
		var early, late []string
		stopEarly := c.Subscribe(func(a discover.Answer) { early = append(early, a.Endpoints[0].Addr) })
		synctest.Wait()
		defer c.Subscribe(func(a discover.Answer) { late = append(late, a.Endpoints[0].Addr) })()
		for i := range 10 { // a source that flaps, with failures between
			source.set(answerOf([]string{"10.0.0.2:80", "10.0.0.1:80"}[i%2]), nil, 0)
			time.Sleep(15 * time.Second)
			source.set(discover.Answer{}, errDown, 0)
			time.Sleep(5 * time.Second)
			if i == 4 {
				stopEarly()
			}
		}
		c.Close() // and with it whoever writes what is read here
		if want := 11; len(late) != want || late[0] != "10.0.0.1:80" || late[1] != "10.0.0.2:80" {
			t.Errorf("told %d times of 10 changes and the first answer: %v", len(late), late)
		}
		if len(early) != 6 {
			t.Errorf("told %d times before it was stopped after 5 changes: %v", len(early), early)
		}
		if results < 40 {
			t.Errorf("OnResult was told %d times", results)
		}
	})
}

func TestCache_RefreshAsksSoonButNotOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &scripted{answer: answerOf("10.0.0.1:80")}
		c := newCache(t, discover.CacheConfig{Source: source})
		defer c.Close()
		synctest.Wait()
		source.set(answerOf("10.0.0.2:80"), nil, 0)
		begin := time.Now()
		for range 100 {
			c.Refresh()
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if got, _ := c.Peek(); !got.Equal(answerOf("10.0.0.2:80")) {
			t.Errorf("%v after Refresh: %v", time.Since(begin), got)
		}
		if n := source.count(); n != 2 {
			t.Errorf("100 wishes in a second led to %d questions; want 1 more", n-1)
		}
		source.set(discover.Answer{}, errDown, 0)
		time.Sleep(10 * time.Minute)
		was := source.count()
		for range 2000 {
			c.Refresh()
			time.Sleep(10 * time.Millisecond)
		}
		if n := source.count() - was; n > 2 {
			t.Errorf("Refresh cut the wait of 15 to 30 s after failures short: %d questions in 20 s", n)
		}
	})
}

func TestCache_CloseEndsAQuestionAndItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails by itself when a goroutine is left
		source := &scripted{delay: time.Hour}
		c := newCache(t, discover.CacheConfig{Source: source, Timeout: 2 * time.Hour, FirstWait: 3 * time.Hour})
		var err error
		var waiting sync.WaitGroup
		waiting.Go(func() { _, err = c.Discover(context.Background()) })
		time.Sleep(time.Second)
		begin := time.Now()
		c.Close()
		waiting.Wait()
		if !errors.Is(err, discover.ErrClosed) || time.Since(begin) != 0 {
			t.Errorf("closing took %v; the waiting call got %v", time.Since(begin), err)
		}
		c.Close() // again
		if s := c.Status(); s.Failures != 0 {
			t.Errorf("closing counts as a failure of discovery: %+v", s)
		}
	})
}

func TestCache_IsItselfASourceAndRaceFree(t *testing.T) {
	var n atomic.Int64
	source := discover.Func(func(context.Context) (discover.Answer, error) {
		if i := n.Add(1); i%3 == 0 {
			return discover.Answer{}, errDown
		}
		return answerOf("10.0.0.1:80"), nil
	})
	var cache discover.Source = newCache(t, discover.CacheConfig{Source: source, Every: 200 * time.Microsecond, Timeout: time.Second})
	c := cache.(*discover.Cache)
	defer c.Close()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 2000 {
				if _, err := c.Discover(t.Context()); err != nil {
					t.Error(err)
				}
				c.Status()
				c.Refresh()
			}
			c.Subscribe(func(discover.Answer) {})()
		})
	}
	all.Wait()
}

func TestNewCache_SaysEverythingThatIsWrong(t *testing.T) {
	_, err := discover.NewCache(discover.CacheConfig{Every: -1, Timeout: -1, MaxBackoff: -1, FirstWait: -1, Expiry: -1})
	for _, want := range []string{"needs a source", "Every is negative", "Timeout is", "MaxBackoff is", "FirstWait is", "Expiry is"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q: %v", want, err)
		}
	}
	for want, config := range map[string]discover.CacheConfig{
		"got Expiry 1s and Every 5s":        {Expiry: time.Second},
		"below the first wait":              {MaxBackoff: time.Millisecond},
		"got Expiry 5m0s and Every 10m0s; ": {Every: 10 * time.Minute},
	} {
		config.Source = &scripted{}
		if _, err := discover.NewCache(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q: %v", want, err)
		}
	}
}
