package affinity

import (
	"context"
	"errors"
	"slices"
	"time"
)

// errNoMore: there is no further attempt, for a reason that needs no words.
var errNoMore = errors.New("no more attempts")

// mayRetry says why there is no further attempt, or takes one out of the budget and returns nil.
func (k *call) mayRetry(ctx context.Context, v *verdict) error {
	s := k.s
	switch {
	case !v.again || k.number >= s.cfg.Retry.MaxAttempts:
		return errNoMore
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case v.wait > s.cfg.Retry.Max: // it asks for more patience than a call has
		return errNoMore
	case !k.time(ctx, v.wait, k.tried[len(k.tried)-1].zone):
		return ErrNoTime
	case !s.takeRetry() && !k.wait(ctx):
		s.deny(ctx)
		return ErrBudget
	}
	s.retries.Add(1)
	return nil
}

// wait waits for the budget to have a retry again, for at most Retry.Max. It does so only while the call's zone is sick and another is well:
// the retry will then succeed, as a client must experience that begins while its zone is dead and has no calls to its account yet.
// Where retries have nowhere better to go, waiting would only add to the load.
func (k *call) wait(ctx context.Context) bool {
	s, z := k.s, k.tried[len(k.tried)-1].zone
	for n, until := 3, s.now()+s.cfg.Retry.Max; s.now() < until; n++ {
		delay := min(s.backoff.Delay(n), until-s.now())
		if z.breaker.State() == Closed || s.routes.Load().allSick || !k.time(ctx, delay, z) {
			return false
		}
		if sleep(ctx, delay) != nil {
			return false
		}
		if s.takeRetry() {
			return true
		}
	}
	return false
}

// sleep waits for d, or returns the cause of the context's end.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// time says whether an attempt in a zone after a wait can end before the call's deadline.
func (k *call) time(ctx context.Context, wait time.Duration, z *zoneState) bool {
	deadline, has := ctx.Deadline()
	return !has || time.Until(deadline) > wait+time.Duration(z.expect.Load())
}

// pause waits before a retry: what the last endpoint asked for, and the backoff unless the retry goes to a zone that the call has not
// tried: its endpoints have done nothing to be spared for, and the budget bounds how many such retries there are.
func (k *call) pause(ctx context.Context, p Pick, asked time.Duration) (Pick, error) {
	wait := asked
	if k.number > 0 && slices.ContainsFunc(k.tried, func(e *endpoint) bool { return e.zone == p.endpoint.zone }) {
		wait = max(wait, k.s.backoff.Delay(k.number))
	}
	if wait <= 0 {
		return p, nil
	}
	if !k.time(ctx, wait, p.endpoint.zone) {
		p.done(ctx, Canceled, 0, k.s.now())
		return p, ErrNoTime
	}
	if err := sleep(ctx, wait); err != nil {
		p.done(ctx, Canceled, 0, k.s.now())
		return p, err
	}
	p.start = k.s.now()
	return p, nil
}

// limit is how long an attempt may take, 0 if the call's own deadline says it all. An attempt that can be repeated leaves half of the
// remaining time to the next one, so that a short deadline does not mean a single chance. But it never gets less than answers are known to
// take, the rare ones included, and all that remains while nothing is known: otherwise slow services would never answer.
func (s *Service) limit(ctx context.Context, p Pick, number int, replayable bool) time.Duration {
	limit := max(s.cfg.AttemptTimeout, 0)
	deadline, has := ctx.Deadline()
	if !has {
		return limit
	}
	left := time.Until(deadline)
	if replayable && number < s.cfg.Retry.MaxAttempts {
		z := p.endpoint.zone
		half := max(left/2, time.Duration(z.late.Load()), 2*time.Duration(z.rare.Load()))
		if z.expect.Load() > 0 && (limit == 0 || half < limit) {
			limit = half
		}
	}
	if limit >= left {
		return 0
	}
	return limit
}

// abandoned says what an attempt means that ended with its caller's context. A deadline counts against the endpoint if answers
// usually come sooner: callers with short deadlines must find out about dead zones as well.
func (s *Service) abandoned(ctx context.Context, p Pick, took time.Duration) Outcome {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Canceled
	}
	unusual := abandonedAfter
	if p.endpoint.zone.expect.Load() > 0 {
		unusual = time.Duration(p.endpoint.zone.late.Load())
	}
	if took >= unusual {
		return Failure
	}
	return Canceled
}

// abandonedAfter is what abandoned goes by while nothing is known of the zone: no service of a low-latency network takes longer to say
// anything, and one that does becomes known with its first 20 answers.
const abandonedAfter = 100 * time.Millisecond
