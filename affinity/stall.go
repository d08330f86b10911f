package affinity

import (
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
	stallTicks   = 2                      // in so many judgements in a row: a pause of the caller itself looks the same in one
)

// waiting is how many attempts have no answer yet.
func (z *zoneState) waiting() (n int) {
	for _, e := range z.endpoints {
		n += int(e.inFlight.Load() - e.reading.Load())
	}
	return n
}

// stalled finds silent zones and opens their breakers.
func (s *Service) stalled(z *zoneState, now time.Duration) bool {
	heard := time.Duration(z.heard.Load())
	quiet := heard < z.ticked && z.waiting() >= stallWaiting
	z.ticked = now
	if !quiet {
		z.silent = 0
		return false
	}
	z.silent++
	usual, silence := time.Duration(z.expect.Load()), now-heard
	if usual == 0 || z.silent < stallTicks || silence < max(stallLeast, stallTimes*usual, stallRare*time.Duration(z.rare.Load())) {
		return false
	}
	s.openZone(z, now, fmt.Sprintf("%d calls wait, and none was answered for %v", z.waiting(), short(silence)))
	return true
}
