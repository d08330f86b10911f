package affinity

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
)

// PickOptions narrow a choice.
type PickOptions struct {
	// Replayable says that the call can be made again if this attempt fails. Such calls try what may still be sick; the others do
	// only when no such call has come for a while.
	Replayable bool
	// Usable, if not nil, refuses endpoints that the caller cannot use now, such as connections not yet ready.
	Usable func(discover.Endpoint) bool
	// Stream says that the attempt may be silent for long although all is well, as streams of events are: waiting for it is no sign of a
	// sick zone.
	Stream bool

	tried []*endpoint                  // by earlier attempts of the same call: other zones come first, then other endpoints
	near  bool                         // another endpoint will do, in the same zone
	worth func(discover.Endpoint) bool // DoOptions.WorthTrial
}

// Pick is a chosen endpoint, and the attempt's accounting. It is a small value: copy it freely, but call Done once.
type Pick struct {
	service  *Service
	endpoint *endpoint
	start    time.Duration
	trial    trialKind
	stream   bool
}

// trialKind says whose breaker the attempt decides about.
type trialKind uint8

const (
	noTrial trialKind = iota
	zoneTrial
	endpointTrial
	panicTrial // nothing better is left: success counts as a trial's, failure changes nothing
)

// Endpoint is where the attempt goes.
func (p Pick) Endpoint() discover.Endpoint { return p.endpoint.Endpoint }

// CrossZone says whether the endpoint is in another zone than this process. It is false while the own zone is unknown.
func (p Pick) CrossZone() bool { return p.service.cfg.Zone != "" && !p.endpoint.zone.own }

// Trial says whether the attempt tries a zone or an endpoint that was sick.
func (p Pick) Trial() bool { return p.trial != noTrial }

// Breaker is the state of the zone's breaker, or of the endpoint's if the zone's is closed.
func (p Pick) Breaker() State {
	if z := p.endpoint.zone.breaker.State(); z != Closed {
		return z
	}
	return p.endpoint.breaker.State()
}

// Pick chooses an endpoint for one attempt. Whoever picks calls Done once on the result. It waits only while discovery has never
// answered.
func (s *Service) Pick(ctx context.Context, o PickOptions) (Pick, error) {
	return s.pick(ctx, &o, s.now())
}

func (s *Service) pick(ctx context.Context, o *PickOptions, now time.Duration) (Pick, error) {
	r := s.routes.Load()
	if r == nil || int64(now) >= s.nextJudge.Load() {
		if err := s.prepare(ctx, now); err != nil {
			return Pick{}, err
		}
		if r == nil {
			now = s.now() // it may have waited
		}
		r = s.routes.Load()
	}
	if int64(now) >= s.nextTrial.Load() {
		if p, ok := s.pickTrial(ctx, o, now); ok {
			return p, nil
		}
	}
	var e *endpoint
	sick := r.allSick
	if zr := r.choose(); zr == nil {
		return Pick{}, s.nothing()
	} else if o.Usable == nil && len(o.tried) == 0 {
		e = lessBusy(zr.usable)
	} else {
		var trial bool
		e, trial = r.among(zr, o)
		sick = sick || trial
	}
	if e == nil {
		return Pick{}, s.nothing()
	}
	p := Pick{service: s, endpoint: e, start: now, stream: o.Stream}
	if sick {
		p.trial = panicTrial
	}
	return s.begin(p), nil
}

// prepare waits for the first answer of discovery, and judges if it is time.
func (s *Service) prepare(ctx context.Context, now time.Duration) error {
	if s.closed.Load() {
		return ErrClosed
	}
	if s.routes.Load() == nil {
		if _, err := s.cache.Discover(ctx); err != nil {
			return fmt.Errorf("%w of %s: %w", ErrNoEndpoint, s.cfg.Name, err)
		}
		s.catchUp(ctx)
	}
	s.judgeIfDue(ctx, now)
	if refused := s.refused.Load(); refused != nil {
		// Judged again with every call, so that it ends as soon as discovery answers.
		s.nextJudge.Store(0)
		return fmt.Errorf("%w of %s: %w", ErrNoEndpoint, s.cfg.Name, *refused)
	}
	return nil
}

func (s *Service) begin(p Pick) Pick {
	p.endpoint.inFlight.Add(1)
	if p.stream {
		p.reading()
	}
	s.attempts.Add(1)
	if p.CrossZone() {
		s.crossZone.Add(1)
	}
	return p
}

func (s *Service) nothing() error {
	return fmt.Errorf("%w of %s can be used", ErrNoEndpoint, s.cfg.Name)
}

// among is the slower way: some endpoints are not wanted. The chosen zone comes first, then the others in random order; but zones that were
// tried come after those that were not, then untried endpoints whatever their breakers say, of which a success counts as a trial's. An
// endpoint that was tried comes again only if there is nothing else.
func (r *routes) among(chosen *zoneRoute, o *PickOptions) (e *endpoint, sick bool) {
	order := shuffled([]*zoneRoute{chosen}, r.zones, chosen)
	order = shuffled(order, r.spare, chosen)
	if e = firstOf(o, order, func(e *endpoint) bool { return !o.near && !triedZone(o.tried, e) }); e != nil {
		return e, false
	}
	untried := func(e *endpoint) bool { return !slices.Contains(o.tried, e) }
	if e = firstOf(o, order, untried); e != nil {
		return e, false
	}
	if !o.near {
		if e = firstOf(o, shuffled(nil, r.rest, nil), untried); e != nil {
			return e, true
		}
	}
	return firstOf(o, order, func(*endpoint) bool { return true }), false
}

// shuffled appends zones but one, beginning with any.
func shuffled(order []*zoneRoute, zones []zoneRoute, but *zoneRoute) []*zoneRoute {
	from := rand.IntN(len(zones) + 1)
	for i := range zones {
		if zr := &zones[(i+from)%len(zones)]; zr != but {
			order = append(order, zr)
		}
	}
	return order
}

func triedZone(tried []*endpoint, e *endpoint) bool {
	return slices.ContainsFunc(tried, func(t *endpoint) bool { return t.zone == e.zone })
}

// firstOf takes the least busy endpoint that passes, of the first zone that has any.
func firstOf(o *PickOptions, order []*zoneRoute, pass func(*endpoint) bool) *endpoint {
	for _, zr := range order {
		var fit []*endpoint
		for _, e := range zr.usable {
			if pass(e) && (o.Usable == nil || o.Usable(e.Endpoint)) {
				fit = append(fit, e)
			}
		}
		if e := lessBusy(fit); e != nil {
			return e
		}
	}
	return nil
}
