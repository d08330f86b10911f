package affinity

import (
	"fmt"
	"time"
)

// Failures make an endpoint or a zone sick; but it is left only for something better. Where all are overloaded, leaving one after the
// other would lose what they still can do.
const (
	rowLeast = 5 * time.Millisecond // a zone's failures in a row take this long
	rowMany  = 4                    // or there are so many times Breaker.Consecutive

	dead   = 0.9 // a share of failures from which nothing needs to be better
	better = 0.5 // so many times the failures, at most, has whatever is better
	some   = 5   // calls that tell something; fewer are taken to be well unless one failed
)

// judgeEndpoints leaves out endpoints that fail while a neighbour does not, or that do nothing else.
func (s *Service) judgeEndpoints(z *zoneState, now time.Duration) {
	var others *neighbours
	for _, e := range z.endpoints {
		if e.breaker.State() != Closed {
			continue
		}
		n, bad, _ := e.breaker.Ratios(now)
		row := e.breaker.Row()
		switch {
		case row >= s.cfg.Breaker.Consecutive:
			e.reason = fmt.Sprintf("%d failures in a row", row)
		case n >= s.cfg.Breaker.MinCalls && bad >= s.cfg.Breaker.FailureRatio:
			e.reason = fmt.Sprintf("%.0f %% of %d calls failed", 100*bad, n)
		default:
			continue
		}
		if others == nil {
			others = z.neighbours(now)
		}
		if !others.better(n, bad) && !(bad >= dead && n >= s.cfg.Breaker.MinCalls) {
			e.reason = ""
			continue
		}
		e.breaker.Trip(now)
	}
}

// neighbours sums up a zone's endpoints, so that each can be compared with the others.
type neighbours struct {
	endpoints, n int
	failed       float64
	least        float64 // the least share of failures of any endpoint that is known
	well         bool    // one has answered and not failed, however few calls it had
}

func (z *zoneState) neighbours(now time.Duration) *neighbours {
	all := &neighbours{least: 1}
	for _, e := range z.endpoints {
		if e.breaker.State() != Closed {
			continue
		}
		n, bad, _ := e.breaker.Ratios(now)
		all.endpoints, all.n, all.failed = all.endpoints+1, all.n+n, all.failed+bad*float64(n)
		if n >= some {
			all.least = min(all.least, bad)
		}
		all.well = all.well || n > 0 && bad == 0
	}
	return all
}

// better says whether a neighbour of an endpoint with n calls, of which a share bad failed, fails clearly less. One that is not known yet is
// taken to be like all neighbours together: where all are overloaded, one that has just come back would make the others look bad.
func (all *neighbours) better(n int, bad float64) bool {
	if all.endpoints < 2 {
		return false
	}
	if all.least < better*bad || all.well && bad >= dead { // one that does nothing but fail is not overloaded
		return true
	}
	rest := all.n - n
	return fewer(rest, (all.failed-bad*float64(n))/float64(max(rest, 1)), bad)
}

// judgeFailures opens a zone's breaker for its failures.
func (s *Service) judgeFailures(z *zoneState, usable []*endpoint, now time.Duration) bool {
	n, bad := failures(usable, now)
	var reason string
	switch {
	case s.inARow(z, now):
		reason = fmt.Sprintf("%d failures in a row", z.breaker.Row())
	case n >= 2*s.cfg.Breaker.MinCalls && bad >= s.cfg.Breaker.FailureRatio:
		reason = fmt.Sprintf("%.0f %% of %d calls failed", 100*bad, n)
	default:
		return false
	}
	if !s.betterZone(z, bad, now) && !(bad >= dead && n >= s.cfg.Breaker.MinCalls) {
		return false
	}
	s.openZone(z, now, reason)
	return true
}

// inARow says whether a zone's calls have failed Consecutive times in a row, and not just those to one of its endpoints: one that fails
// fast seems the least busy and draws calls, and must not take its zone with it. Nor must a few that time out together.
func (s *Service) inARow(z *zoneState, now time.Duration) bool {
	row, most := z.breaker.Row(), 0
	if len(z.endpoints) > 1 && now-z.breaker.RowSince() < rowLeast && row < rowMany*s.cfg.Breaker.Consecutive {
		return false
	}
	for _, e := range z.endpoints {
		most = max(most, e.breaker.Row())
	}
	return row >= s.cfg.Breaker.Consecutive && (len(z.endpoints) == 1 || row-most >= min(2, s.cfg.Breaker.Consecutive/2))
}

// betterZone says whether another zone can take calls and fails clearly less, as far as is known. One that is just getting its calls back
// proves nothing: it carries little.
func (s *Service) betterZone(than *zoneState, bad float64, now time.Duration) bool {
	for _, z := range s.zones {
		usable := z.usable(false)
		if z == than || z.evacuated || z.back >= 0 || z.breaker.State() != Closed || len(usable) == 0 {
			continue
		}
		if n, b := failures(usable, now); fewer(n, b, bad) {
			return true
		}
	}
	return false
}

// fewer says whether n calls with a share b of failures are clearly better than a share bad.
func fewer(n int, b, bad float64) bool {
	if n < some {
		return b < 1e-9
	}
	return b < better*bad
}

// failures adds up what endpoints' windows hold.
func failures(of []*endpoint, now time.Duration) (n int, bad float64) {
	failed := 0.0
	for _, e := range of {
		k, b, _ := e.breaker.Ratios(now)
		n, failed = n+k, failed+b*float64(k)
	}
	if n == 0 {
		return 0, 0
	}
	return n, failed / float64(n)
}
