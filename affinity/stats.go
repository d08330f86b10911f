package affinity

import "time"

// Stats is a copy of what a service knows.
type Stats struct {
	Calls, Attempts, Retries, Hedges uint64      // Retries are those that the budget granted, hedges apart
	CrossZone                        uint64      // attempts that left the own zone
	Failures                         uint64      // attempts that failed
	Shed, RetriesDenied              uint64      // refused by Shed, and by the budget
	Zones                            []ZoneStats // the own zone first, then by AZ ID
}

// ZoneStats is what a service knows about one zone.
type ZoneStats struct {
	Zone      string
	Own       bool
	Breaker   State
	Suspect   bool
	Evacuated bool
	Share     float64       // of new calls
	Median    time.Duration // of the last answers, 0 if there were too few
	Usual     time.Duration // the median that is usual, 0 if unknown
	Endpoints []EndpointStats
}

// EndpointStats is what a service knows about one endpoint.
type EndpointStats struct {
	Addr     string
	ID       string
	Breaker  State
	InFlight int
}

// Stats is what the service knows now.
func (s *Service) Stats() Stats {
	st := Stats{
		Calls: s.calls.Load(), Attempts: s.attempts.Load(), Retries: s.retries.Load(), Hedges: s.hedges.Load(),
		CrossZone: s.crossZone.Load(), Failures: s.failures.Load(), Shed: s.shed.Load(), RetriesDenied: s.denied.Load(),
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.routes.Load()
	for _, z := range s.zones {
		st.Zones = append(st.Zones, z.stats(r, now))
	}
	return st
}

func (z *zoneState) stats(r *routes, now time.Duration) ZoneStats {
	zs := ZoneStats{Zone: z.id, Own: z.own, Breaker: z.breaker.State(), Suspect: z.suspect, Evacuated: z.evacuated, Usual: z.usual}
	if recent := z.answers.Recent(now, 0, enough); recent.N >= enough {
		zs.Median = recent.Quantile(0.5)
	}
	for i := range r.zones {
		if r.zones[i].zone == z {
			zs.Share = r.zones[i].share
		}
	}
	for _, e := range z.endpoints {
		zs.Endpoints = append(zs.Endpoints, EndpointStats{Addr: e.Addr, ID: e.ID, Breaker: e.breaker.State(), InFlight: int(e.inFlight.Load())})
	}
	return zs
}
