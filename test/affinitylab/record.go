package affinitylab

import (
	"sync"
	"time"
)

// call is one call as its caller felt it. Times are since the cell's start.
type call struct {
	Begin, End time.Duration
	Late       time.Duration // how much later than planned it began: the load generator's own fault
	Failed     bool
	Cause      string // of a failure
	Error      string // its whole text
	Zone       string // that answered
	ID         string // by which servers know it; empty: a control's
}

// attempt is one attempt of a client.
type attempt struct {
	Begin time.Duration
	Zone  string
	Cross bool
	Again bool // a retry or a hedge
}

// recorder keeps what one client does.
type recorder struct {
	start time.Time

	mu       sync.Mutex
	calls    []call
	attempts []attempt
}

func (r *recorder) now() time.Duration { return time.Since(r.start) }

func (r *recorder) call(c call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

func (r *recorder) attempt(a attempt) {
	a.Begin = r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts = append(r.attempts, a)
}
