package affinity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

// Do calls fn with an endpoint until it returns nil, its error is not worth a retry, or attempts, budget or time run out. Any error of
// fn counts against the endpoint and is retried unless it is marked by Permanent, NotSent or MaybeSent; so fn must be idempotent, or mark
// its errors. The context given to fn ends with the attempt's time limit,
// which its Deadline does not tell: fn has to heed Done.
func (s *Service) Do(ctx context.Context, fn func(ctx context.Context, ep discover.Endpoint) error) error {
	c := &doCaller{s: s, fn: fn}
	_, err := c.run(ctx, s, c, "", true)
	return err
}

type doCaller struct {
	call
	s  *Service
	fn func(context.Context, discover.Endpoint) error
}

func (c *doCaller) discard(any) {}

func (c *doCaller) try(a *attempt) verdict {
	returned := false
	defer func() {
		if !returned { // it panics, or ends its goroutine
			a.pick.done(a.ctx, Canceled, 0, c.s.now())
			a.end()
		}
	}()
	err := c.fn(a.ctx, a.pick.Endpoint())
	returned = true
	now := c.s.now()
	v := verdict{err: err, took: now - a.started, ended: now}
	v.outcome, v.again = c.s.judgeError(a, err, markOf(err), true, v.took)
	v.err = a.explain(err)
	a.pick.done(a.ctx, v.outcome, v.took, now)
	a.end()
	return v
}

// judgeError says what an error means for the endpoint, and whether another attempt may follow.
func (s *Service) judgeError(a *attempt, err error, m mark, replayable bool, took time.Duration) (o Outcome, again bool) {
	switch {
	case err == nil:
		return Success, false
	case m == permanent:
		return Success, false
	case a.parent.Err() != nil:
		return s.abandoned(a.parent, a.pick, took), false
	case errors.Is(context.Cause(a.ctx), errOutrun):
		return Canceled, false
	case m == notSent:
		return Failure, true
	}
	return Failure, replayable && m != maybeSent
}

// newAttempt begins the call's next attempt and its time limit.
func (k *call) newAttempt(ctx context.Context, p Pick) *attempt {
	k.number++
	a := &k.first
	if k.number > 1 {
		a = &attempt{}
	}
	a.pick, a.number, a.parent, a.ctx, a.started = p, k.number, ctx, ctx, p.start
	limit := k.s.limit(ctx, p, k.number, k.replayable)
	if limit == 0 && !k.s.cfg.Hedge.On {
		return a
	}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	if limit > 0 {
		a.limit = limit
		a.timer = time.AfterFunc(limit, a.expire)
	}
	return a
}

func (a *attempt) expire() { a.cancel(ErrAttemptTimeout) }

// stopTimer lifts the time limit: the answer has begun.
func (a *attempt) stopTimer() {
	if a.timer != nil {
		a.timer.Stop()
	}
}

// end releases the attempt's context.
func (a *attempt) end() {
	a.stopTimer()
	if a.cancel != nil {
		a.cancel(nil)
	}
	if a.pool != nil {
		a.pool.leave()
	}
}

// explain names the time limit when that is what ended the attempt.
func (a *attempt) explain(err error) error {
	if err == nil || a.parent.Err() != nil || !errors.Is(context.Cause(a.ctx), ErrAttemptTimeout) {
		return err
	}
	if errors.Is(err, ErrAttemptTimeout) {
		return fmt.Errorf("%w after %v", err, a.limit)
	}
	if errors.Is(err, context.Canceled) { // which would say that the caller went away
		return fmt.Errorf("%w after %v: %s", ErrAttemptTimeout, a.limit, err.Error())
	}
	return fmt.Errorf("%w after %v: %w", ErrAttemptTimeout, a.limit, err)
}
