// Package breaker stops calls to what keeps failing, and lets single calls try whether it is back.
//
// A breaker is closed while calls pass, open while none do, and half-open while one call at a time tries. It has no clock: callers
// pass the time since any fixed moment, so that one reading serves several breakers and tests need none.
package breaker

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/affinity/internal/rolling"
)

// State is a breaker's.
type State uint32

// A breaker's states.
const (
	Closed   State = iota // calls pass
	Open                  // none pass
	HalfOpen              // one at a time passes, to try
)

// String is the state's name: "closed", "open", "half-open".
func (s State) String() string {
	return [...]string{"closed", "open", "half-open"}[s]
}

// Config says when a breaker opens and closes. Zero values are the defaults.
type Config struct {
	// Window is how far FailureRatio looks back. Default: 2 s.
	Window time.Duration
	// FailureRatio of the calls in Window opens the breaker, once there are MinCalls. Defaults: 0.5, 10. Above 1: never.
	FailureRatio float64
	MinCalls     int
	// Consecutive failures open it at once. Default: 5.
	Consecutive int
	// OpenFor passes before the first trial; each failed trial doubles it, up to MaxOpen. Up to a fifth is taken off at random,
	// so that clients do not try together. Defaults: 1 s, 3 s.
	OpenFor, MaxOpen time.Duration
	// Trials is how many trials must succeed in a row to close it. Default: 3.
	Trials int
	// Lease is when a trial that nobody ended counts as lost, and another may begin. Default: 30 s.
	Lease time.Duration
}

// Breaker is safe for concurrent use. Make it with New.
type Breaker struct {
	cfg      Config
	counts   *rolling.Counts
	state    atomic.Uint32
	row      atomic.Int32 // failures in a row
	rowSince atomic.Int64 // when the first of them came
	due      atomic.Int64 // when the next trial may begin, while not closed

	mu     sync.Mutex // guards what follows, and every change of state
	opened int        // times it opened since it was closed
	passed int        // trials that succeeded in a row
	since  time.Duration
}

// Kinds of calls in a breaker's window.
const (
	good = iota
	failed
	slow
)

// slots is how many parts the window has.
const slots = 10

// New returns a closed breaker.
func New(c Config) *Breaker {
	c = c.withDefaults()
	return &Breaker{cfg: c, counts: rolling.NewCounts(c.Window, slots)}
}

// State is the breaker's state.
func (b *Breaker) State() State { return State(b.state.Load()) }

// Success records a call that was let through. Late says that its answer took suspiciously long.
func (b *Breaker) Success(now time.Duration, late bool) {
	b.Alive()
	if late {
		b.counts.Add(now, slow)
	} else {
		b.counts.Add(now, good)
	}
}

// Alive ends a row of failures without counting a call: for a breaker that something else counts for.
func (b *Breaker) Alive() {
	if b.row.Load() != 0 {
		b.row.Store(0)
	}
}

// Failure records a call that failed, and says whether that opened the breaker.
func (b *Breaker) Failure(now time.Duration) bool {
	row := b.row.Add(1)
	if row == 1 {
		b.rowSince.Store(int64(now))
	}
	b.counts.Add(now, failed)
	if b.State() != Closed {
		return false
	}
	if int(row) >= b.cfg.Consecutive {
		return b.Trip(now)
	}
	if n, bad, _ := b.Ratios(now); n >= b.cfg.MinCalls && bad >= b.cfg.FailureRatio {
		return b.Trip(now)
	}
	return false
}

// Row is how many calls in a row have failed, the last one included.
func (b *Breaker) Row() int { return int(b.row.Load()) }

// RowSince is when the first of them failed.
func (b *Breaker) RowSince() time.Duration { return time.Duration(b.rowSince.Load()) }

// Ratios says how many calls the window has, and which shares of them failed or were slow.
func (b *Breaker) Ratios(now time.Duration) (n int, bad, late float64) {
	c := b.counts.Sum(now, 0)
	if n = c[good] + c[failed] + c[slow]; n == 0 {
		return 0, 0, 0
	}
	return n, float64(c[failed]) / float64(n), float64(c[slow]) / float64(n)
}

// Trip opens a closed breaker, whatever its counts say, and reports whether it was closed.
func (b *Breaker) Trip(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.State() != Closed {
		return false
	}
	b.open(now)
	return true
}

// Reset closes the breaker and forgets everything. It reports whether the breaker was not closed.
func (b *Breaker) Reset(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.State() != Closed
	b.close(now)
	return was
}

// Due is when the next trial may begin. It is meaningless while the breaker is closed.
func (b *Breaker) Due() time.Duration { return time.Duration(b.due.Load()) }

// Since is when the state last changed between closed and not closed.
func (b *Breaker) Since() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since
}

// Promising says whether a trial has succeeded since the breaker opened.
func (b *Breaker) Promising() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.passed > 0
}

// Promise has one more successful trial close the breaker, and lets it begin at once: what it was opened for is over elsewhere.
func (b *Breaker) Promise(now time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.State() != Closed {
		b.passed = b.cfg.Trials - 1
		b.due.Store(int64(now))
	}
}

// TryTrial begins a trial if one may begin now. Whoever gets one ends it with EndTrial or DropTrial.
func (b *Breaker) TryTrial(now time.Duration) bool {
	if b.State() == Closed || int64(now) < b.due.Load() {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.State() == Closed || int64(now) < b.due.Load() {
		return false
	}
	b.state.Store(uint32(HalfOpen))
	b.due.Store(int64(now + b.cfg.Lease))
	return true
}

// EndTrial says how a trial ended: a failed one opens the breaker for longer, the last of Trials closes it. It reports whether the
// breaker is now closed.
func (b *Breaker) EndTrial(now time.Duration, ok bool) (closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.State() == Closed:
		return false
	case !ok:
		b.open(now)
		return false
	}
	if b.passed++; b.passed < b.cfg.Trials {
		b.state.Store(uint32(HalfOpen))
		b.due.Store(int64(now))
		return false
	}
	b.close(now)
	return true
}

// DropTrial ends a trial that says nothing: another may begin after OpenFor.
func (b *Breaker) DropTrial(now time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.State() == HalfOpen {
		b.due.Store(int64(now + b.cfg.OpenFor))
	}
}

// open needs the lock.
func (b *Breaker) open(now time.Duration) {
	if b.State() == Closed {
		b.since = now
	}
	wait := b.cfg.MaxOpen
	if doubled := min(b.opened, 20); b.cfg.OpenFor <= wait>>doubled { // in this order nothing overflows
		wait = b.cfg.OpenFor << doubled
	}
	b.opened++
	b.passed = 0
	b.due.Store(int64(now + wait - time.Duration(rand.Int64N(int64(wait)/5+1))))
	b.state.Store(uint32(Open))
}

// close needs the lock.
func (b *Breaker) close(now time.Duration) {
	b.opened, b.passed, b.since = 0, 0, now
	b.row.Store(0)
	b.counts.Reset()
	b.state.Store(uint32(Closed))
}

func (c Config) withDefaults() Config {
	or := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	or(&c.Window, 2*time.Second)
	or(&c.OpenFor, time.Second)
	or(&c.MaxOpen, max(3*time.Second, c.OpenFor))
	or(&c.Lease, 30*time.Second)
	if c.FailureRatio == 0 {
		c.FailureRatio = 0.5
	}
	if c.MinCalls == 0 {
		c.MinCalls = 10
	}
	if c.Consecutive == 0 {
		c.Consecutive = 5
	}
	if c.Trials == 0 {
		c.Trials = 3
	}
	return c
}
