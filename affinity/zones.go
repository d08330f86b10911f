package affinity

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/affinity/breaker"
	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/internal/rolling"
)

// cacheLine keeps apart what many cores write from what they read.
const cacheLine = 64

// zoneState is what the service knows about one zone. It lives as long as discovery knows the zone.
type zoneState struct {
	id      string
	own     bool
	breaker *breaker.Breaker
	expect  atomic.Int64 // the usual median, in ns; 0 while unknown
	tail    atomic.Int64 // the 95th percentile, in ns, of about a second ago; 0 while unknown
	rare    atomic.Int64 // the 99th percentile of the last minute or so, in ns; 0 while unknown
	stall   atomic.Bool  // silence opened the breaker
	late    atomic.Int64 // an answer slower than this, in ns, is slow; MaxInt64 while nothing is known

	_       [cacheLine]byte   // what follows is written with every call, what precedes read
	heard   atomic.Int64      // when an attempt last ended, in ns, give or take a millisecond
	answers rolling.Latencies // of successful attempts

	// Guarded by Service.mu.
	endpoints []*endpoint
	ticked    time.Duration // when it was last judged
	silent    int           // judgements in a row without an answer
	quiet     time.Duration // the first of them
	evacuated bool
	usual     time.Duration // the median that is usual; 0 while unknown
	learned   time.Duration // when usual was last brought up to date
	suspect   bool
	suspected time.Duration // since when
	back      time.Duration // since when its calls come back; <0 if it has them all
	told      State         // what Observer knows of the breaker
}

// endpoint is what the service knows about one endpoint.
type endpoint struct {
	discover.Endpoint
	zone    *zoneState
	breaker *breaker.Breaker
	_       [cacheLine]byte // as in zoneState

	inFlight atomic.Int32
	reading  atomic.Int32 // of them, those that have their answer and read its body
	// pool is what the HTTP transport keeps for the endpoint; generation counts the times it must start anew.
	generation atomic.Uint32

	// Guarded by Service.mu.
	told   State  // what Observer knows of the breaker
	reason string // why the breaker is about to change
}

func (s *Service) newZone(id string) *zoneState {
	z := &zoneState{id: id, own: id != "" && id == s.cfg.Zone, back: -1}
	z.breaker = breaker.New(s.breakerConfig())
	z.late.Store(math.MaxInt64)
	if s.cfg.Slow.Duration > 0 {
		z.late.Store(int64(s.cfg.Slow.Duration))
	}
	return z
}

func (s *Service) newEndpoint(e discover.Endpoint, z *zoneState) *endpoint {
	return &endpoint{Endpoint: e, zone: z, breaker: breaker.New(s.breakerConfig())}
}

// breakerConfig leaves opening to judge, which compares.
func (s *Service) breakerConfig() breaker.Config {
	c := s.cfg.Breaker
	return breaker.Config{
		Window: c.Window, FailureRatio: 2, Consecutive: math.MaxInt32, OpenFor: c.OpenFor, MaxOpen: c.MaxOpen, Trials: c.Trials,
	}
}

// update takes over an answer of discovery. What stays in it keeps its history; what is gone is forgotten.
func (s *Service) update(a discover.Answer) {
	s.mu.Lock()
	defer s.unlock(context.Background())
	now := s.now()
	before := s.zones
	s.zones = nil
	for _, e := range a.Endpoints {
		z := s.zoneFor(e.Zone, before)
		i := slices.IndexFunc(z.endpoints, func(x *endpoint) bool { return x.Addr == e.Addr })
		if i < 0 {
			z.endpoints = append(z.endpoints, s.newEndpoint(e, z))
		} else if z.endpoints[i].ID != e.ID {
			z.endpoints[i] = s.newEndpoint(e, z)
		}
	}
	known := map[endpointKey]bool{}
	for _, e := range a.Endpoints {
		known[endpointKey{e.Zone, e.Addr}] = true
	}
	for _, z := range s.zones {
		z.endpoints = slices.DeleteFunc(z.endpoints, func(e *endpoint) bool { return !known[endpointKey{z.id, e.Addr}] })
		s.evacuate(z, slices.Contains(a.Evacuated, z.id))
	}
	slices.SortFunc(s.zones, func(x, y *zoneState) int {
		if x.own != y.own {
			return map[bool]int{true: -1, false: 1}[x.own]
		}
		return cmp.Compare(x.id, y.id)
	})
	s.sweep = true
	s.tellIfUnknown()
	s.route(now)
}

// endpointKey tells endpoints apart: an address may be in two zones.
type endpointKey struct{ zone, addr string }

func (s *Service) zoneFor(id string, before []*zoneState) *zoneState {
	same := func(z *zoneState) bool { return z.id == id }
	if i := slices.IndexFunc(s.zones, same); i >= 0 {
		return s.zones[i]
	}
	z := &zoneState{}
	if i := slices.IndexFunc(before, same); i >= 0 {
		z = before[i]
	} else {
		z = s.newZone(id)
	}
	s.zones = append(s.zones, z)
	return z
}

func (s *Service) evacuate(z *zoneState, gone bool) {
	if z.evacuated == gone {
		return
	}
	z.evacuated = gone
	kind := ZoneReturned
	if gone {
		kind = ZoneEvacuated
		s.renewPools(z)
	} else {
		z.back = s.now()
	}
	s.note(Event{Kind: kind, Zone: z.id})
}

// renewPools has the HTTP transport drop its connections to the zone.
func (s *Service) renewPools(z *zoneState) {
	s.sweep = true
	for _, e := range z.endpoints {
		e.generation.Add(1)
	}
}

// tellIfUnknown says once that calls cannot stay in the own zone, because it is unknown or has no endpoints.
func (s *Service) tellIfUnknown() {
	if s.toldUnknown || slices.ContainsFunc(s.zones, func(z *zoneState) bool { return z.own }) {
		return
	}
	s.toldUnknown = true
	reason := "the own zone is not known; calls are spread over all zones"
	if s.cfg.Zone != "" {
		reason = "discovery knows no endpoint in the own zone; calls are spread over all zones"
	}
	s.note(Event{Kind: ZoneUnknown, Zone: s.cfg.Zone, Reason: reason})
}
