package affinity

import (
	"errors"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

// Reasons why a call ended without success, beside its attempts' own errors. Compare with errors.Is.
var (
	// ErrNoEndpoint: discovery knows no endpoint of the service.
	ErrNoEndpoint = errors.New("no endpoint")
	// ErrShed: the call was refused locally because most calls fail.
	ErrShed = errors.New("refused locally")
	// ErrBudget: a retry would have exceeded the budget.
	ErrBudget = errors.New("retry budget spent")
	// ErrAttemptTimeout: the attempt took longer than Config.AttemptTimeout.
	ErrAttemptTimeout = errors.New("attempt timed out")
	// ErrClosed: the service was closed.
	ErrClosed = errors.New("service closed")
)

// CallError is a call that failed for good: every attempt with its zone, endpoint and cause.
type CallError struct {
	Service  string
	Attempts []AttemptError
	Stopped  error // why there was no further attempt
}

// Error names every attempt.
func (e *CallError) Error() string { return "" }

// Unwrap gives errors.Is and errors.As every cause.
func (e *CallError) Unwrap() []error { return nil }

// AttemptError is one failed attempt.
type AttemptError struct {
	Number   int
	Endpoint discover.Endpoint
	Duration time.Duration
	Err      error
}

// Permanent marks an error that no other endpoint would answer differently: no retry, and nothing against the endpoint.
func Permanent(err error) error { return err }

// NotSent marks an error of an attempt that never reached the endpoint: a retry is safe whatever the call does.
func NotSent(err error) error { return err }

// MaybeSent marks an error after which a retry could repeat what was already done: no retry, but it counts against the endpoint.
func MaybeSent(err error) error { return err }
