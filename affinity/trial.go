package affinity

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// overdue is when a trial is left to calls that cannot be repeated, because no other has come.
const overdue = time.Second

// pickTrial gives the call to whatever is due for a trial, if it can bear a failure: it can be made again, and the budget has
// room, unless calls fail anyway.
func (s *Service) pickTrial(ctx context.Context, o *PickOptions, now time.Duration) (Pick, bool) {
	late := int64(now) >= s.nextTrial.Load()+int64(overdue)
	bearable := late || o.Replayable && (s.budget.Has(now) || s.failing.Load())
	if len(o.tried) > 0 || !bearable && !promising(s.routes.Load(), now) {
		return Pick{}, false
	}
	if !s.mu.TryLock() {
		return Pick{}, false
	}
	defer s.unlock(ctx)
	r := s.routes.Load()
	for _, z := range r.tries {
		if !bearable && !z.promising(now) {
			continue
		}
		e, kind := z.trial(o, now)
		if e == nil {
			continue
		}
		s.noticeTrial(z, e, kind)
		s.route(now)
		return s.begin(Pick{service: s, endpoint: e, start: now, trial: kind, stream: o.Stream}), true
	}
	if bearable {
		s.route(now) // whatever was due is not any more
	}
	return Pick{}, false
}

// promising says whether a trial is due of what has passed one already: then any call may make the next.
func promising(r *routes, now time.Duration) bool {
	return slices.ContainsFunc(r.tries, func(z *zoneState) bool { return z.promising(now) })
}

func (z *zoneState) promising(now time.Duration) bool {
	if z.breaker.State() != Closed {
		return z.breaker.Due() <= now && z.breaker.Promising()
	}
	e := z.trialEndpoint(now, nil)
	return e != nil && e.breaker.Promising()
}

// trial takes a trial of the zone, or of one of its endpoints if the zone itself is well.
func (z *zoneState) trial(o *PickOptions, now time.Duration) (*endpoint, trialKind) {
	fits := func(e *endpoint) bool {
		return (o.Usable == nil || o.Usable(e.Endpoint)) && (o.worth == nil || o.worth(e.Endpoint))
	}
	if z.breaker.State() == Closed {
		if e := z.trialEndpoint(now, fits); e != nil && e.breaker.TryTrial(now) {
			return e, endpointTrial
		}
		return nil, noTrial
	}
	if z.breaker.Due() > now {
		return nil, noTrial
	}
	if e := z.candidate(fits); e != nil && z.breaker.TryTrial(now) {
		return e, zoneTrial
	}
	return nil, noTrial
}

// candidate is the endpoint that stands for its zone in a trial: any whose own breaker is closed, or the one that failed longest ago. One
// that fails the trial has its breaker opened, so that a zone with a single good endpoint is found to have it.
func (z *zoneState) candidate(fits func(*endpoint) bool) (best *endpoint) {
	from := rand.IntN(max(len(z.endpoints), 1))
	for i := range z.endpoints {
		e := z.endpoints[(i+from)%len(z.endpoints)]
		switch {
		case !fits(e):
		case e.breaker.State() == Closed:
			return e
		case best == nil || e.breaker.Due() < best.breaker.Due():
			best = e
		}
	}
	return best
}

func (s *Service) noticeTrial(z *zoneState, e *endpoint, kind trialKind) {
	if kind == zoneTrial {
		s.noteZone(z, "a call tries it")
		return
	}
	e.reason = "a call tries it"
	s.noticeEndpoints(z)
}

// endTrial takes a trial's result to the breaker it is about.
func (s *Service) endTrial(ctx context.Context, p Pick, o Outcome, took, now time.Duration) {
	s.mu.Lock()
	defer s.unlock(ctx)
	z, e := p.endpoint.zone, p.endpoint
	b := z.breaker
	if p.trial == endpointTrial {
		b = e.breaker
	}
	ok := (o == Success || o == Throttled) && s.timely(z, took, now)
	if p.trial == zoneTrial && o != Canceled {
		judgeCandidate(e, ok, now)
	}
	switch {
	case o == Canceled && p.trial != panicTrial && (z.expect.Load() == 0 || int64(took) <= z.late.Load()):
		b.DropTrial(now)
	case p.trial == panicTrial && (!ok || z.breaker.State() == Closed):
	case b.EndTrial(now, ok) && p.trial != endpointTrial:
		s.closeZone(z, now, "trials succeeded", false)
	case p.trial == endpointTrial:
		e.reason = "its trial failed"
		if ok {
			e.reason = "its trial succeeded"
		}
		s.noticeEndpoints(z)
	default:
		reason := "its trial failed"
		if o == Success && !ok {
			reason = "its trial was slow: " + short(took).String()
		}
		s.noteZone(z, reason)
	}
	s.route(now)
}

// judgeCandidate takes a zone's trial down for the endpoint as well.
func judgeCandidate(e *endpoint, ok bool, now time.Duration) {
	switch {
	case ok:
		e.breaker.Reset(now)
		e.reason = "its trial succeeded"
	case e.breaker.State() == Closed:
		e.breaker.Trip(now)
		e.reason = "its trial failed"
	default:
		e.breaker.EndTrial(now, false)
	}
}

// timely says whether a trial's answer came as fast as usual, or as fast as other zones answer now.
func (s *Service) timely(z *zoneState, took, now time.Duration) bool {
	if int64(took) <= z.late.Load() {
		return true
	}
	other, at := s.bestOther(z, 0, now, fewOther)
	return other != nil && took <= max(2*at, at+s.cfg.Slow.Excess)
}
