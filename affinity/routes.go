package affinity

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// routes is where calls go for now. It is immutable; judge replaces it.
type routes struct {
	zones   []zoneRoute
	spare   []zoneRoute   // zones that get nothing now, but can take a retry
	only    *zoneRoute    // the zone that gets everything, nil if there are several
	rest    []zoneRoute   // zones that are not evacuated, with all their endpoints: for calls that have tried everything usable
	allSick bool          // every zone is sick: calls go everywhere, and what succeeds counts as a trial
	due     time.Duration // when the next trial may begin
	tries   []*zoneState  // zones worth trials, or trials of their endpoints
}

// zoneRoute is a zone's part in routes.
type zoneRoute struct {
	zone   *zoneState
	share  float64
	upTo   uint32 // cumulative share in 1/2^32
	usable []*endpoint
}

const never = time.Duration(math.MaxInt64)

// route decides anew. It needs the lock.
func (s *Service) route(now time.Duration) {
	r := &routes{due: never}
	shares, calm := s.shares(now)
	if calm == 0 {
		shares, r.allSick = s.sickShares(now), true
	}
	sum := 0.0
	for i, z := range s.zones {
		if !z.evacuated {
			r.rest = append(r.rest, zoneRoute{zone: z, usable: z.endpoints})
		}
		if shares[i] <= 0 {
			if usable := z.usable(false); len(usable) > 0 && !z.evacuated && z.breaker.State() == Closed {
				r.spare = append(r.spare, zoneRoute{zone: z, usable: usable})
			}
			continue
		}
		sum += shares[i]
		r.zones = append(r.zones, zoneRoute{zone: z, share: shares[i], usable: z.usable(r.allSick)})
	}
	upTo := 0.0
	for i := range r.zones {
		r.zones[i].share /= sum
		upTo += r.zones[i].share
		r.zones[i].upTo = uint32(min(upTo*(1<<32), math.MaxUint32))
	}
	if n := len(r.zones); n > 0 {
		r.zones[n-1].upTo = math.MaxUint32
		if n == 1 {
			r.only = &r.zones[0]
		}
	}
	s.planTrials(r, shares, now)
	s.nextTrial.Store(int64(r.due))
	s.routes.Store(r)
}

// shares says which part of the calls each zone gets, and how many zones can take any.
//
// A zone can take health x gate of its load: health is the usable part of its endpoints times Overprovision, at most 1, and gate is 0
// while its breaker is not closed and rises to 1 after. The own zone gets what it can take, the others the rest by what they can.
// While the own zone is suspect, they get Compare of all calls at least.
func (s *Service) shares(now time.Duration) (shares []float64, calm int) {
	shares = make([]float64, len(s.zones))
	own, others := -1, 0.0
	ignoreEvacuated := !slices.ContainsFunc(s.zones, func(z *zoneState) bool { return !z.evacuated })
	for i, z := range s.zones {
		if z.evacuated && !ignoreEvacuated {
			continue
		}
		able := s.health(z) * s.gate(z, now)
		if able > 0 {
			calm++
		}
		if z.own {
			own, shares[i] = i, able
			continue
		}
		shares[i] = able * float64(len(z.endpoints))
		others += shares[i]
	}
	if own < 0 || shares[own] == 0 || others == 0 {
		return shares, calm
	}
	if s.zones[own].suspect {
		shares[own] = min(shares[own], 1-s.cfg.Slow.Compare)
	}
	for i := range shares {
		if i != own {
			shares[i] *= (1 - shares[own]) / others
		}
	}
	return shares, calm
}

// sickShares is for when every zone is sick: each gets calls by its endpoints and by what share of its calls still succeeds.
func (s *Service) sickShares(now time.Duration) []float64 {
	shares := make([]float64, len(s.zones))
	ignoreEvacuated := !slices.ContainsFunc(s.zones, func(z *zoneState) bool { return !z.evacuated })
	for i, z := range s.zones {
		if !z.evacuated || ignoreEvacuated {
			n, bad := failures(z.endpoints, now)
			well := float64(n) * (1 - bad)
			if s.inARow(z, now) { // what succeeded was before
				n, well = z.breaker.Row(), 0
			}
			shares[i] = float64(len(z.endpoints)) * (well + 1) / (float64(n) + 2) // nobody has none, so that all are found well again
		}
	}
	return shares
}

func (s *Service) health(z *zoneState) float64 {
	if len(z.endpoints) == 0 {
		return 0
	}
	return min(1, s.cfg.Spill.Overprovision*float64(len(z.usable(false)))/float64(len(z.endpoints)))
}

// least is what a zone gets at once when it is back.
const least = 0.1

func (s *Service) gate(z *zoneState, now time.Duration) float64 {
	if z.breaker.State() != Closed {
		return 0
	}
	if z.back < 0 {
		return 1
	}
	passed := float64(now-z.back) / float64(s.cfg.Spill.Back)
	if passed >= 1 {
		z.back = -1
		return 1
	}
	return least + (1-least)*passed
}

// usable are the endpoints whose breakers are closed, or all.
func (z *zoneState) usable(all bool) []*endpoint {
	if all {
		return z.endpoints
	}
	return slices.DeleteFunc(slices.Clone(z.endpoints), func(e *endpoint) bool { return e.breaker.State() != Closed })
}

// planTrials finds out where trials are worth their risk: in the own zone always, elsewhere while calls go there or would have to.
// Another zone's breaker that is due while nobody needs the zone closes by itself: the first failures would open it again.
func (s *Service) planTrials(r *routes, shares []float64, now time.Duration) {
	ownServes := r.only != nil && r.only.zone.own
	for i, z := range s.zones {
		if z.evacuated && shares[i] == 0 {
			continue
		}
		worth := z.own || !ownServes
		if z.breaker.State() != Closed {
			switch {
			case worth:
				r.due = min(r.due, z.breaker.Due())
				r.tries = append(r.tries, z)
			case now >= z.breaker.Due():
				s.closeZone(z, now, "not needed now", true)
			}
			continue
		}
		if open := z.trialEndpoint(never, nil); open != nil && worth && len(z.endpoints) > 1 || open != nil && z.own {
			r.due = min(r.due, open.breaker.Due())
			r.tries = append(r.tries, z)
		}
	}
}

// trialEndpoint is the endpoint whose trial is due first, if that is until then, of those that fit; all do if fits is nil.
func (z *zoneState) trialEndpoint(until time.Duration, fits func(*endpoint) bool) (first *endpoint) {
	for _, e := range z.endpoints {
		if (fits == nil || fits(e)) && e.breaker.State() != Closed && e.breaker.Due() <= until && (first == nil || e.breaker.Due() < first.breaker.Due()) {
			first = e
		}
	}
	return first
}

// choose picks the zone by share.
func (r *routes) choose() *zoneRoute {
	if r.only != nil {
		return r.only
	}
	x := rand.Uint32()
	for i := range r.zones {
		if x <= r.zones[i].upTo {
			return &r.zones[i]
		}
	}
	return nil
}

// least busy of two chosen at random: a slow endpoint gets less without anyone measuring it.
func lessBusy(of []*endpoint) *endpoint {
	switch len(of) {
	case 0:
		return nil
	case 1:
		return of[0]
	}
	x := rand.Uint64()
	n := uint64(len(of))
	i := (x >> 32) * n >> 32
	j := (x & math.MaxUint32) * (n - 1) >> 32
	if j >= i {
		j++
	}
	a, b := of[i], of[j]
	if b.inFlight.Load() < a.inFlight.Load() {
		return b
	}
	return a
}
