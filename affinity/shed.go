package affinity

import (
	"context"
	"math/rand/v2"
	"time"
)

// Calls are refused by what the last 3 s were like: short enough that a service that is back has all its calls within a few seconds,
// long enough that a handful of failures refuses nothing.
const (
	shedWindow = 3 * time.Second
	shedSlots  = 12
	shedLeast  = 20 // calls in the window below which none is refused
)

// Kinds of ends in Service.ended.
const (
	endedWell = iota
	endedBadly
	endedRefused
)

// Admit begins a call: it counts it for the budget, or refuses it with ErrShed when most calls fail. It belongs to the low-level way,
// where the caller uses Pick; Do, the transport and the dialer call it themselves. Whoever is admitted calls Settle at the end.
func (s *Service) Admit(ctx context.Context) error {
	now := s.now()
	return s.admit(ctx, now)
}

// Settle ends a call that was admitted.
func (s *Service) Settle(ok bool) { s.settle(ok, s.now()) }

// TryRetry takes one retry, or one hedge, out of the budget, or says that there is none left.
func (s *Service) TryRetry(ctx context.Context) bool {
	if s.takeRetry() {
		s.retries.Add(1)
		return true
	}
	s.deny(ctx)
	return false
}

// takeRetry takes one out of the budget; without its floor while every zone is sick.
func (s *Service) takeRetry() bool {
	if r := s.routes.Load(); r != nil && r.allSick {
		return s.budget.TakeStrict(s.now())
	}
	return s.budget.Take(s.now())
}

func (s *Service) admit(ctx context.Context, now time.Duration) error {
	s.calls.Add(1)
	if s.refuse(now) {
		s.shed.Add(1)
		s.ended.Add(now, endedRefused)
		if s.cfg.Observer != nil {
			s.cfg.Observer.Event(ctx, Event{Kind: CallShed, Service: s.cfg.Name, Reason: "most calls fail"})
		}
		return ErrShed
	}
	s.budget.Call(now)
	return nil
}

// refuse is the client-side throttling of Google's SRE book: the share of calls beyond Multiplier times those that succeed. Refused
// calls count as calls, so that the rate that passes settles at what the service can do.
func (s *Service) refuse(now time.Duration) bool {
	if s.cfg.Shed.Multiplier < 0 || !s.failing.Load() {
		return false
	}
	n := s.ended.Sum(now, 0)
	well, all := float64(n[endedWell]), float64(n[endedWell]+n[endedBadly]+n[endedRefused])
	if all < shedLeast || n[endedBadly]+n[endedRefused] == 0 {
		s.failing.Store(n[endedBadly]+n[endedRefused] != 0)
		return false
	}
	p := min((all-s.cfg.Shed.Multiplier*well)/(all+1), s.cfg.Shed.MaxRatio)
	return p > 0 && rand.Float64() < p
}

func (s *Service) settle(ok bool, now time.Duration) {
	if ok {
		s.ended.Add(now, endedWell)
		return
	}
	s.ended.Add(now, endedBadly)
	if !s.failing.Load() {
		s.failing.Store(true)
	}
}

func (s *Service) deny(ctx context.Context) {
	s.denied.Add(1)
	if s.cfg.Observer != nil {
		s.cfg.Observer.Event(ctx, Event{Kind: RetryDenied, Service: s.cfg.Name, Reason: "the budget of retries is spent"})
	}
}
