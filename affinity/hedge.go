package affinity

import (
	"context"
	"time"
)

// leastHedge is the shortest wait before a hedge: below it, a second attempt would rarely be faster than what is left of the first.
const leastHedge = time.Millisecond

// raced is an attempt that ended while others may go on.
type raced struct {
	a *attempt
	v verdict
}

// race makes an attempt, and a second one elsewhere if the first takes long and the budget allows. The first success wins and the other
// attempt is canceled; failures are waited for as long as there is another attempt to hope for.
func (k *call) race(ctx context.Context, p Pick) verdict {
	results, over := make(chan raced), make(chan struct{})
	defer close(over)
	running := []*attempt{k.launch(ctx, p, false, results, over)}
	var hedge <-chan time.Time
	if after := k.s.hedgeAfter(p.endpoint.zone); after > 0 && k.number < k.s.cfg.Retry.MaxAttempts {
		timer := time.NewTimer(after)
		defer timer.Stop()
		hedge = timer.C
	}
	left := 1
	for {
		select {
		case <-hedge:
			hedge = nil
			if second, ok := k.second(ctx, p); ok {
				running = append(running, k.launch(ctx, second, true, results, over))
				left++
			}
		case r := <-results:
			left--
			k.remember(r.a.pick, r.a.number, r.v)
			success := r.v.err == nil && !r.v.again
			if !success && left > 0 {
				k.caller.discard(r.v.value)
				continue
			}
			for _, a := range running {
				if a != r.a {
					a.cancel(errOutrun)
				}
			}
			return r.v
		}
	}
}

// launch makes an attempt in its own goroutine. A result that comes after the race is given back.
func (k *call) launch(ctx context.Context, p Pick, hedge bool, results chan<- raced, over <-chan struct{}) *attempt {
	a := k.newAttempt(ctx, p)
	a.hedge = hedge
	go func() {
		v := k.s.observed(a, k.caller)
		select {
		case results <- raced{a, v}:
		case <-over:
			k.caller.discard(v.value)
		}
	}()
	return a
}

// second picks where the hedge goes: another endpoint, in the same zone if there is one.
func (k *call) second(ctx context.Context, first Pick) (Pick, bool) {
	s := k.s
	if !s.takeRetry() {
		s.deny(ctx)
		return Pick{}, false
	}
	o := PickOptions{tried: append(k.tried[:len(k.tried):len(k.tried)], first.endpoint), near: true}
	p, err := s.pick(ctx, &o, s.now())
	switch {
	case err != nil:
		return Pick{}, false
	case p.endpoint == first.endpoint:
		p.done(ctx, Canceled, 0, s.now())
		return Pick{}, false
	}
	s.hedges.Add(1)
	return p, true
}

// hedgeAfter is the wait before a hedge, 0 for none.
func (s *Service) hedgeAfter(z *zoneState) time.Duration {
	if s.cfg.Hedge.After > 0 {
		return s.cfg.Hedge.After
	}
	if tail := time.Duration(z.tail.Load()); tail > 0 {
		return max(tail, leastHedge)
	}
	return 0
}
