package discover

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrEmpty is what a cache counts as a failure when a source says that there is no endpoint at all.
	ErrEmpty = errors.New("discovery found no endpoint")
	// ErrExpired is what a cache answers, where it is asked to, once its last good answer is older than its limit.
	ErrExpired = errors.New("the last good answer of discovery is too old")
	// ErrClosed is what a cache answers that was closed before it had an answer.
	ErrClosed = errors.New("discovery is closed")
)

// CacheConfig says how a [Cache] asks. Only Source is required.
type CacheConfig struct {
	// Source is what is asked. It has to heed its context.
	Source Source
	// Every is the time within which a change of the source is noticed while discovery works. The time from one question to the
	// next is drawn between 70 and 90 % of it, so that many clients do not ask at once and a slow answer still comes in time.
	// Default: 5 s.
	Every time.Duration
	// Timeout ends one question. Default: 2 s, or Every if that is shorter.
	Timeout time.Duration
	// MaxBackoff bounds the wait after failures. It starts at a tenth of Every, doubles, and half of it is jitter.
	// Default: 30 s, or Every if that is longer.
	MaxBackoff time.Duration
	// FirstWait is how long callers wait, from the cache's start, while there is no answer yet; their own contexts may end it
	// earlier. After it they get the last failure at once. Default: 10 s.
	FirstWait time.Duration
	// Expiry is the age from which [Status] calls the answer expired. Default: 5 min.
	Expiry time.Duration
	// RefuseExpired makes the cache answer ErrExpired instead of an expired answer. Default: an old answer is better than none.
	RefuseExpired bool
	// AcceptEmpty makes the cache believe an answer without endpoints. Default: it counts as a failure with ErrEmpty, and the last
	// good answer stays: nothing can be called with an empty one, and empty is what broken discovery often answers.
	AcceptEmpty bool
	// OnResult is told how each question ended, by the cache's own goroutine. It must not block. Default: nobody is told.
	OnResult func(Answer, error)
}

func (c CacheConfig) withDefaults() CacheConfig {
	c.Every = positive(c.Every, 5*time.Second)
	c.Timeout = positive(c.Timeout, min(2*time.Second, c.Every))
	c.MaxBackoff = positive(c.MaxBackoff, max(30*time.Second, c.Every))
	c.FirstWait = positive(c.FirstWait, 10*time.Second)
	c.Expiry = positive(c.Expiry, 5*time.Minute)
	return c
}

func positive(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

func (c CacheConfig) check() error {
	var problems []error
	if c.Source == nil {
		problems = append(problems, errors.New("a cache needs a source, got none; set Source"))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"Every", c.Every}, {"Timeout", c.Timeout}, {"MaxBackoff", c.MaxBackoff}, {"FirstWait", c.FirstWait}, {"Expiry", c.Expiry}} {
		if d.value < 0 {
			problems = append(problems, fmt.Errorf("%s is negative, got %v; leave it out for the default", d.name, d.value))
		}
	}
	if full := c.withDefaults(); len(problems) == 0 {
		if full.Expiry <= full.Every {
			problems = append(problems, fmt.Errorf("every answer would expire before the next is asked for, got Expiry %v and Every %v; "+
				"raise Expiry above Every", full.Expiry, full.Every))
		}
		if full.MaxBackoff < full.Every/10 {
			problems = append(problems, fmt.Errorf("MaxBackoff is below the first wait after a failure, got %v; give at least a tenth of Every, %v",
				full.MaxBackoff, full.Every/10))
		}
	}
	return errors.Join(problems...)
}

// Cache asks a source again and again in one goroutine of its own and answers from memory. It keeps the last good answer however
// long discovery fails, and says how old it is. No call waits for discovery once there is an answer.
type Cache struct {
	config  CacheConfig
	started time.Time
	current atomic.Pointer[state]
	first   chan struct{} // closed with the first good answer
	nudge   chan struct{} // holds one wish to ask soon
	stop    context.CancelFunc
	done    chan struct{} // closed when the goroutine has ended

	notify      sync.Mutex // held while subscribers are called
	subscribers map[*func(Answer)]struct{}
}

// state is immutable: readers need one load.
type state struct {
	answer   Answer
	at       time.Time // of the last good answer; zero while there is none
	failures int       // since then
	err      error     // the last failure, nil after a success
}

// NewCache starts asking at once. Close it to end its goroutine.
func NewCache(config CacheConfig) (*Cache, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Cache{
		config: config.withDefaults(), started: time.Now(), first: make(chan struct{}), nudge: make(chan struct{}, 1),
		stop: cancel, done: make(chan struct{}), subscribers: map[*func(Answer)]struct{}{},
	}
	c.current.Store(&state{})
	go c.run(ctx)
	return c, nil
}

// Discover returns the last good answer. It blocks only while there has never been one: until the first, until ctx ends, or until
// FirstWait after the cache's start. A Cache is a Source itself.
func (c *Cache) Discover(ctx context.Context) (Answer, error) {
	if s := c.current.Load(); !s.at.IsZero() {
		return c.give(s)
	}
	patience := time.NewTimer(c.config.FirstWait - time.Since(c.started))
	defer patience.Stop()
	select {
	case <-c.first:
		return c.give(c.current.Load())
	case <-ctx.Done():
		return Answer{}, c.noAnswer(ctx.Err())
	case <-patience.C:
		return Answer{}, c.noAnswer(nil)
	case <-c.done:
		return Answer{}, c.noAnswer(ErrClosed)
	}
}

func (c *Cache) give(s *state) (Answer, error) {
	if age := time.Since(s.at); c.config.RefuseExpired && age > c.config.Expiry {
		return Answer{}, errors.Join(fmt.Errorf("%w, got %v; the limit is %v", ErrExpired, age.Round(time.Millisecond), c.config.Expiry), s.err)
	}
	return s.answer, nil
}

// noAnswer says why there is none: what ended the wait, and the last failure of discovery.
func (c *Cache) noAnswer(why error) error {
	failure := c.current.Load().err
	if failure == nil && why == nil {
		failure = fmt.Errorf("discovery has not answered, got nothing after %v", c.config.FirstWait)
	}
	return fmt.Errorf("no endpoint is known yet: %w", errors.Join(why, failure))
}

// Peek returns the last good answer, whatever its age, and whether there is one. It never blocks.
func (c *Cache) Peek() (Answer, bool) {
	s := c.current.Load()
	return s.answer, !s.at.IsZero()
}

// Status is how well discovery works.
type Status struct {
	// At is when the last good answer came; zero while there is none.
	At time.Time
	// Age is the time since then, or since the cache's start while there is no answer.
	Age time.Duration
	// Expired says that Age is beyond the cache's Expiry.
	Expired bool
	// Failures counts the questions that failed since the last good answer, and Err is the last failure.
	Failures int
	Err      error
	// Doubts are the last good answer's.
	Doubts []string
}

// Status returns how well discovery works now.
func (c *Cache) Status() Status {
	s := c.current.Load()
	since := s.at
	if since.IsZero() {
		since = c.started
	}
	age := time.Since(since)
	return Status{At: s.at, Age: age, Expired: age > c.config.Expiry, Failures: s.failures, Err: s.err, Doubts: s.answer.Doubts}
}

// Subscribe has f called with the current answer now, if there is one, and with every changed one later, in order and one at a time.
// f must not block, nor call Subscribe, stop or Close. After stop has returned f is not called any more.
func (c *Cache) Subscribe(f func(Answer)) (stop func()) {
	c.notify.Lock()
	defer c.notify.Unlock()
	key := &f
	c.subscribers[key] = struct{}{}
	if answer, ok := c.Peek(); ok {
		f(answer)
	}
	return func() {
		c.notify.Lock()
		defer c.notify.Unlock()
		delete(c.subscribers, key)
	}
}

// Close ends the cache's goroutine and waits for it. The last answer stays readable.
func (c *Cache) Close() error {
	c.stop()
	<-c.done
	return nil
}
