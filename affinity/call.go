package affinity

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

// caller makes the attempts of one call.
type caller interface {
	// try makes one attempt, and records what its endpoint has to do with how it ended.
	try(a *attempt) verdict
	// discard gives back what an attempt returned that nobody wants.
	discard(value any)
}

// attempt is one attempt of a call.
type attempt struct {
	pick    Pick
	number  int
	hedge   bool
	parent  context.Context // the call's
	ctx     context.Context // the attempt's; ends with its time limit
	cancel  context.CancelCauseFunc
	timer   *time.Timer // ends ctx; nil if there is no limit
	reached atomic.Bool // a connection was there to write an HTTP request to; noted only where it matters
	body    body        // of an HTTP response
	pool    *pool       // of an HTTP request
	limit   time.Duration
	started time.Duration
}

// verdict is how an attempt ended.
type verdict struct {
	value       any
	err         error
	outcome     Outcome
	again       bool          // another attempt is safe and may do better
	wait        time.Duration // what the endpoint asked for before that
	status      int
	took, ended time.Duration
}

// call is the loop around all attempts of one call. Callers embed it, and it the first attempt, so that all is one allocation.
type call struct {
	s          *Service
	first      attempt
	caller     caller
	info       Call
	replayable bool                         // may be made again although it may have been carried out
	worth      func(discover.Endpoint) bool // of DoOptions; nil: all
	tried      []*endpoint
	failed     []AttemptError
	number     int
}

// run makes a call. What the last attempt returned is handed out even if it is no success, such as a response with status 503.
func (k *call) run(ctx context.Context, s *Service, c caller, method string, replayable bool) (any, error) {
	k.s, k.caller, k.replayable = s, c, replayable
	k.info = Call{Service: s.cfg.Name, Zone: s.cfg.Zone, Method: method}
	started := s.now()
	if s.cfg.Observer != nil {
		ctx = s.cfg.Observer.CallStart(ctx, k.info)
	}
	v, err := k.admitted(ctx, started)
	if s.cfg.Observer != nil {
		s.cfg.Observer.CallEnd(ctx, CallEnd{Call: k.info, Attempts: k.number, Duration: s.now() - started, Err: err, Outcome: v.outcome})
	}
	return v.value, err
}

func (k *call) admitted(ctx context.Context, now time.Duration) (verdict, error) {
	if k.s.closed.Load() {
		return verdict{outcome: Canceled}, k.fail(ErrClosed)
	}
	if err := k.s.admit(ctx, now); err != nil {
		return verdict{outcome: Failure}, k.fail(err)
	}
	v, err := k.loop(ctx, now)
	if v.outcome != Canceled {
		k.s.settle(v.outcome == Success, v.ended)
	}
	return v, err
}

func (k *call) loop(ctx context.Context, now time.Duration) (v verdict, err error) {
	var wait time.Duration
	for ; ; now = k.s.now() {
		if err := ctx.Err(); err != nil {
			return verdict{outcome: Canceled}, k.fail(context.Cause(ctx))
		}
		o := PickOptions{Replayable: k.replayable && k.number+1 < k.s.cfg.Retry.MaxAttempts, worth: k.worth, tried: k.tried}
		p, err := k.s.pick(ctx, &o, now)
		if err != nil {
			return verdict{outcome: Canceled}, k.fail(err)
		}
		if p, err = k.pause(ctx, p, wait); err != nil {
			return v, k.fail(err)
		}
		if v = k.attempt(ctx, p); v.err == nil && !v.again {
			return v, nil
		}
		stop := k.mayRetry(ctx, &v)
		switch {
		case stop == nil:
			k.caller.discard(v.value)
			wait = v.wait
			v.value = nil
		case v.err == nil:
			return v, nil
		case errors.Is(stop, errNoMore):
			return v, k.fail(nil)
		default:
			return v, k.fail(stop)
		}
	}
}

// attempt makes one attempt, or two that race.
func (k *call) attempt(ctx context.Context, p Pick) verdict {
	if k.s.cfg.Hedge.On && k.replayable {
		return k.race(ctx, p)
	}
	a := k.newAttempt(ctx, p)
	v := k.s.observed(a, k.caller)
	k.remember(p, a.number, v)
	return v
}

// observed makes an attempt and tells the observer.
func (s *Service) observed(a *attempt, c caller) verdict {
	o := s.cfg.Observer
	if o == nil {
		return c.try(a)
	}
	info := Attempt{Service: s.cfg.Name, Endpoint: a.pick.Endpoint(), Number: a.number, CrossZone: a.pick.CrossZone(), Hedge: a.hedge,
		Trial: a.pick.Trial(), Breaker: a.pick.Breaker()}
	a.ctx = o.AttemptStart(a.ctx, info)
	v := c.try(a)
	o.AttemptEnd(a.ctx, AttemptEnd{Attempt: info, Outcome: v.outcome, Duration: v.took, Status: v.status, Err: v.err})
	return v
}

// remember keeps a failed attempt for the error and for the next choice.
func (k *call) remember(p Pick, number int, v verdict) {
	if v.err == nil && !v.again {
		return
	}
	k.tried = append(k.tried, p.endpoint)
	err := v.err
	if err == nil {
		err = StatusError(v.status)
	}
	k.failed = append(k.failed, AttemptError{Number: number, Endpoint: p.endpoint.Endpoint, Duration: v.took, Err: err})
}

// fail is the one error of the call.
func (k *call) fail(stopped error) error {
	return &CallError{Service: k.s.cfg.Name, Attempts: k.failed, Stopped: stopped}
}
