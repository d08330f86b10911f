package affinity

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

// Reasons why a call ended without success, beside its attempts' own errors. Compare with errors.Is.
var (
	// ErrNoEndpoint: discovery knows no endpoint of the service.
	ErrNoEndpoint = errors.New("no endpoint")
	// ErrShed: the call was refused locally because most calls fail.
	ErrShed = errors.New("refused locally, since most calls fail")
	// ErrBudget: a retry would have exceeded the budget.
	ErrBudget = errors.New("the retry budget is spent")
	// ErrNoTime: the call's deadline comes before another attempt could end.
	ErrNoTime = errors.New("no time is left for another attempt")
	// ErrAttemptTimeout: the attempt took longer than Config.AttemptTimeout. It is a timeout in the sense of net.Error.
	ErrAttemptTimeout error = attemptTimeout{}
	// ErrClosed: the service was closed.
	ErrClosed = errors.New("the service was closed")
)

type attemptTimeout struct{}

func (attemptTimeout) Error() string   { return "the attempt timed out" }
func (attemptTimeout) Timeout() bool   { return true }
func (attemptTimeout) Temporary() bool { return true }

// errOutrun is why the slower of two hedged attempts was canceled.
var errOutrun = errors.New("another attempt was faster")

// CallError is a call that failed for good: every attempt with its zone, endpoint and cause. Errors.Is and errors.As find the causes.
type CallError struct {
	Service  string
	Attempts []AttemptError
	Stopped  error // why there was no further attempt; nil if the last one's error needs none, or MaxAttempts were made
}

// AttemptError is one failed attempt.
type AttemptError struct {
	Number   int
	Endpoint discover.Endpoint
	Duration time.Duration
	Err      error
}

// Error names every attempt.
func (e *CallError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "calling %s failed: ", e.Service)
	for i, a := range e.Attempts {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(a.Error())
	}
	if e.Stopped != nil {
		if len(e.Attempts) > 0 {
			b.WriteString("; no further attempt: ")
		}
		b.WriteString(e.Stopped.Error())
	}
	return b.String()
}

// Unwrap returns every cause.
func (e *CallError) Unwrap() []error {
	all := make([]error, 0, len(e.Attempts)+1)
	for _, a := range e.Attempts {
		all = append(all, a.Err)
	}
	if e.Stopped != nil {
		all = append(all, e.Stopped)
	}
	return all
}

// Timeout says whether the last attempt timed out, as net.Error and url.Error have it.
func (e *CallError) Timeout() bool {
	if len(e.Attempts) == 0 {
		return isTimeout(e.Stopped)
	}
	return isTimeout(e.Attempts[len(e.Attempts)-1].Err)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// Error is one line: number, zone, endpoint, time, cause.
func (a AttemptError) Error() string {
	zone := a.Endpoint.Zone
	if zone == "" {
		zone = "an unknown zone"
	}
	return fmt.Sprintf("attempt %d in %s at %s after %v: %v", a.Number, zone, a.Endpoint.Addr, short(a.Duration), a.Err)
}

// Unwrap returns the cause.
func (a AttemptError) Unwrap() error { return a.Err }

// marked says how an error of a function given to Do is to be taken.
type marked struct {
	error
	mark mark
}

type mark uint8

const (
	unmarked  mark = iota
	permanent      // not the endpoint's fault
	notSent
	maybeSent
)

func (m marked) Unwrap() error { return m.error }

// Permanent marks an error that no other endpoint would answer differently: no retry, and nothing against the endpoint.
func Permanent(err error) error { return markAs(err, permanent) }

// NotSent marks an error of an attempt that never reached the endpoint: a retry is safe whatever the call does.
func NotSent(err error) error { return markAs(err, notSent) }

// MaybeSent marks an error after which a retry could repeat what was already done: no retry, but it counts against the endpoint.
func MaybeSent(err error) error { return markAs(err, maybeSent) }

func markAs(err error, m mark) error {
	if err == nil {
		return nil
	}
	return marked{err, m}
}

func markOf(err error) mark {
	var m marked
	if errors.As(err, &m) {
		return m.mark
	}
	return unmarked
}

// StatusError is an attempt whose answer was an HTTP status that counts as a failure, or that asks for another attempt.
type StatusError int

// Error is the status in words.
func (s StatusError) Error() string {
	return fmt.Sprintf("status %d %s", int(s), http.StatusText(int(s)))
}
