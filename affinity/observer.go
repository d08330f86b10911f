package affinity

import (
	"context"
	"net/http"
	"time"

	"github.com/pathproof/pathproof/affinity/breaker"
	"github.com/pathproof/pathproof/affinity/discover"
)

// Observer is told what a service does. Its methods are called in the caller's goroutine and must be quick and safe for concurrent
// use; they must not call the service's Close or Subscribe, nor its cache's. The contexts that the Start methods return are used from
// there on, so that spans nest; they must derive from the given one.
type Observer interface {
	CallStart(ctx context.Context, c Call) context.Context
	CallEnd(ctx context.Context, c CallEnd)
	AttemptStart(ctx context.Context, a Attempt) context.Context
	AttemptEnd(ctx context.Context, a AttemptEnd)
	// Event is what is not part of a call: a breaker's transition, a zone left. Ctx is the call in which it was noticed.
	Event(ctx context.Context, e Event)
}

// HeaderInjector is an Observer that adds headers to each HTTP attempt, such as traceparent.
type HeaderInjector interface {
	InjectHeaders(ctx context.Context, h http.Header)
}

// Call is one call of the service.
type Call struct {
	Service string // Config.Name
	Zone    string // the own AZ ID, "" if unknown
	Method  string // HTTP method, or ""
}

// CallEnd is how a call ended.
type CallEnd struct {
	Call
	Attempts int
	Duration time.Duration
	Outcome  Outcome
	Err      error // nil: it succeeded, or its answer says how it failed
}

// Attempt is one attempt of a call.
type Attempt struct {
	Service   string
	Endpoint  discover.Endpoint
	Number    int  // 1 is the first
	CrossZone bool // it leaves the own zone
	Hedge     bool // it races with an earlier attempt
	Trial     bool // it tries a zone or endpoint whose breaker is not closed
	Breaker   State
}

// AttemptEnd is how an attempt ended.
type AttemptEnd struct {
	Attempt
	Outcome  Outcome
	Duration time.Duration
	Status   int // HTTP status, 0 if there was none
	Err      error
}

// State is a breaker's.
type State = breaker.State

// A breaker's states.
const (
	Closed   = breaker.Closed   // calls pass
	Open     = breaker.Open     // none pass
	HalfOpen = breaker.HalfOpen // one at a time passes, to try
)

// EventKind says what an Event is about.
type EventKind uint8

// Kinds of events, with the fields they have.
const (
	ZoneUnknown     EventKind = iota // the own zone is unknown or has no endpoints; once
	BreakerChanged                   // From, To, Zone, and Endpoint if it is an endpoint's
	RetryDenied                      // the budget is spent
	CallShed                         // a call was refused locally
	ZoneSuspect                      // Zone answers slower than usual; other zones are compared
	ZoneCleared                      // Zone is no longer suspect
	ZoneEvacuated                    // Zone is to get nothing
	ZoneReturned                     // Zone is no longer evacuated
	DiscoveryFailed                  // Err; the last good answer is kept
)

// Event is something noticed about a service, outside of any one call.
type Event struct {
	Kind     EventKind
	Service  string
	Zone     string
	Endpoint string // host:port
	From, To State
	Reason   string
	Err      error
}
