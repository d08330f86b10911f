package affinity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

// every is how often health is judged, by whoever makes a call then: a service has no goroutine but discovery's.
const (
	every = 100 * time.Millisecond
	pause = 2 * time.Millisecond // and at most, after failures
)

// judgeIfDue judges unless somebody else does.
func (s *Service) judgeIfDue(ctx context.Context, now time.Duration) {
	if int64(now) < s.nextJudge.Load() || !s.mu.TryLock() {
		return
	}
	s.judge(now)
	s.unlock(ctx)
}

// judgeNow judges because something has failed row times in a row. When that is nothing new, it does so only if nobody just has: failures
// come in crowds.
func (s *Service) judgeNow(ctx context.Context, now time.Duration, row int) {
	if row > rowMany*s.cfg.Breaker.Consecutive && int64(now) < s.nextJudge.Load()-int64(every-pause) {
		return
	}
	s.mu.Lock()
	s.judge(now)
	s.unlock(ctx)
}

// judge needs the lock.
func (s *Service) judge(now time.Duration) {
	s.nextJudge.Store(int64(now + every))
	s.checkExpiry()
	r := s.routes.Load()
	changed := r != nil && r.allSick
	for _, z := range s.zones {
		changed = s.judgeZone(z, now) || changed
		changed = changed || z.back >= 0
	}
	if changed || s.dirty {
		s.dirty = false
		s.route(now)
	}
}

// checkExpiry lets calls fail if discovery refuses to answer with what is too old.
func (s *Service) checkExpiry() {
	if _, known := s.cache.Peek(); !known {
		return
	}
	_, err := s.cache.Discover(context.Background())
	if err == nil {
		s.refused.Store(nil)
		return
	}
	if s.refused.Swap(&err) == nil && errors.Is(err, discover.ErrExpired) {
		s.note(Event{Kind: DiscoveryFailed, Reason: "the last good answer is too old", Err: err})
	}
}

func (s *Service) judgeZone(z *zoneState, now time.Duration) (changed bool) {
	if z.breaker.State() != Closed {
		return s.noticeEndpoints(z)
	}
	s.judgeEndpoints(z, now)
	changed = s.noticeEndpoints(z)
	usable := z.usable(false)
	if len(usable) == 0 && len(z.endpoints) > 0 {
		s.openZone(z, now, "no endpoint is left")
		return true
	}
	if s.judgeFailures(z, usable, now) || s.stalled(z, now) || s.judgeSlow(z, now) {
		return true
	}
	return s.ejectSlow(z, usable, now) || changed
}

// noticeEndpoints tells of endpoints whose breakers changed since last time.
func (s *Service) noticeEndpoints(z *zoneState) (changed bool) {
	for _, e := range z.endpoints {
		now := e.breaker.State()
		if now == e.told {
			continue
		}
		changed = true
		reason := e.reason
		if e.told == Closed {
			e.generation.Add(1)
			s.sweep = true
		}
		s.note(Event{Kind: BreakerChanged, Zone: z.id, Endpoint: e.Addr, From: e.told, To: now, Reason: reason})
		e.told, e.reason = now, ""
	}
	return changed
}

// openZone opens a zone's breaker for a reason that the breaker itself does not see.
func (s *Service) openZone(z *zoneState, now time.Duration, reason string) {
	if z.breaker.Trip(now) {
		s.opened(z, reason)
	}
}

// opened does what follows from an open breaker.
func (s *Service) opened(z *zoneState, reason string) {
	z.suspect = false
	s.renewPools(z)
	s.noteZone(z, reason)
}

// closeZone gives a zone its calls back, gradually. Endpoints that are left out come back after one trial each, or at once with all.
func (s *Service) closeZone(z *zoneState, now time.Duration, reason string, all bool) {
	z.breaker.Reset(now)
	z.stall.Store(false)
	z.back = now
	z.answers.Reset()
	for _, e := range z.endpoints {
		if all {
			e.breaker.Reset(now)
			e.reason = reason
		} else {
			e.breaker.Promise(now)
		}
	}
	s.noticeEndpoints(z)
	s.noteZone(z, reason)
}

func (s *Service) noteZone(z *zoneState, reason string) {
	if now := z.breaker.State(); now != z.told {
		s.note(Event{Kind: BreakerChanged, Zone: z.id, From: z.told, To: now, Reason: reason})
		z.told = now
	}
}

// ejectSlow leaves out endpoints that are slow while their neighbours are not, as many as Ejection allows.
func (s *Service) ejectSlow(z *zoneState, usable []*endpoint, now time.Duration) (changed bool) {
	if z.suspect || len(usable) < 2 {
		return false
	}
	room := max(1, int(s.cfg.Ejection.MaxRatio*float64(len(z.endpoints)))) - (len(z.endpoints) - len(usable))
	for _, e := range usable {
		n, _, late := e.breaker.Ratios(now)
		if room <= 0 || n < s.cfg.Breaker.MinCalls || late < s.cfg.Slow.Ratio || slowShare(usable, e, now) >= s.cfg.Slow.Ratio/2 {
			continue
		}
		e.reason = fmt.Sprintf("%.0f %% of %d answers are slow, its neighbours' are not", 100*late, n)
		if e.breaker.Trip(now) {
			room--
			changed = true
		}
	}
	if changed {
		s.noticeEndpoints(z)
	}
	return changed
}

// slowShare is the share of slow answers of all but one endpoint; all of them if there are none to compare with.
func slowShare(of []*endpoint, but *endpoint, now time.Duration) float64 {
	n, slow := 0, 0.0
	for _, e := range of {
		if e != but {
			k, _, late := e.breaker.Ratios(now)
			n, slow = n+k, slow+late*float64(k)
		}
	}
	if n == 0 {
		return 1
	}
	return slow / float64(n)
}

// note keeps an event until the lock is released.
func (s *Service) note(e Event) {
	if s.cfg.Observer != nil {
		e.Service = s.cfg.Name
		s.events = append(s.events, e)
	}
	s.dirty = true
}

// known needs the lock.
func (s *Service) known() map[*endpoint]bool {
	known := map[*endpoint]bool{}
	for _, z := range s.zones {
		for _, e := range z.endpoints {
			known[e] = true
		}
	}
	return known
}

// unlock releases the lock and tells the observer what was noticed under it.
func (s *Service) unlock(ctx context.Context) {
	events, sweep := s.events, s.sweep
	s.events, s.sweep = nil, false
	transports := s.transports
	var known map[*endpoint]bool
	if sweep && len(transports) > 0 {
		known = s.known()
	}
	s.mu.Unlock()
	for _, t := range transports {
		if sweep {
			t.sweep(known)
		}
	}
	for _, e := range events {
		s.cfg.Observer.Event(ctx, e)
	}
}
