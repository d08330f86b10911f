package affinity

import (
	"context"
	"fmt"
	"time"
)

// A zone that swallows packets fails no call before AttemptTimeout, and all that are sent to it until then are lost in it. Silence tells
// earlier: calls wait, and for much longer than usual none has been answered.
const (
	stallWaiting = 10                     // so many calls wait at least
	stallTimes   = 20                     // times the usual median pass without any answer
	stallRare    = 3                      // and as many times the 99th percentile: some calls may always take long
	stallLeast   = 200 * time.Millisecond // and this long
	stallUnknown = 100 * time.Millisecond // which is shorter where nothing ever answered: there is nothing to lose yet
	stallTicks   = 2                      // in so many judgements in a row: a pause of the caller itself looks the same in one
)

// waiting is how many attempts have no answer yet.
func (z *zoneState) waiting() (n int) {
	for _, e := range z.endpoints {
		n += int(e.inFlight.Load() - e.reading.Load())
	}
	return n
}

// stalled finds silent zones and opens their breakers, if there is another zone to try.
func (s *Service) stalled(z *zoneState, now time.Duration) bool {
	heard := time.Duration(z.heard.Load())
	quiet := heard <= z.ticked && z.waiting() >= stallWaiting
	z.ticked = now
	if !quiet {
		z.silent = 0
		return false
	}
	if z.silent++; z.silent == 1 {
		z.quiet = now
	}
	silence, needed := now-heard, stallLeast
	if usual := time.Duration(z.expect.Load()); usual > 0 {
		needed = max(stallLeast, stallTimes*usual, stallRare*time.Duration(z.rare.Load()))
	} else if heard == 0 {
		silence, needed = now-z.quiet, stallUnknown
	}
	if z.silent < stallTicks || silence < needed || !s.comparable(z) {
		return false
	}
	s.openZone(z, now, fmt.Sprintf("%d calls wait, and none was answered for %v", z.waiting(), short(silence)))
	z.stall.Store(true)
	return true
}

// unstall closes a breaker that silence opened, because a call that had been waiting was answered: the zone was slow, and is there.
func (s *Service) unstall(ctx context.Context, z *zoneState, now time.Duration) {
	s.mu.Lock()
	defer s.unlock(ctx)
	if z.stall.Load() && z.breaker.State() != Closed {
		s.closeZone(z, now, "it answers after all", true)
		z.back = -1 // it never stopped working: nothing has to be warmed up
		s.route(now)
	}
}
