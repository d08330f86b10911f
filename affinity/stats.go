package affinity

import "time"

// Stats is a copy of what a service knows.
type Stats struct {
	Calls, Attempts, Retries, Hedges uint64
	CrossZone                        uint64 // attempts that left the own zone
	Failures                         uint64 // attempts that failed
	Shed, RetriesDenied              uint64
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
	Median    time.Duration // of the last seconds, 0 if unknown
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
