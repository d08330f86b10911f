package affinityotel

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/pathproof/pathproof/affinity"
)

// boundaries of histograms, in seconds: an answer inside a zone takes 0.1 to 1 ms, which the usual boundaries cannot tell from 4 ms.
var boundaries = []float64{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// instruments are what calls count themselves in.
type instruments struct {
	calls    metric.Float64Histogram // how long calls took; its count is the number of calls
	attempts metric.Float64Histogram // the same for attempts
	refused  metric.Int64Counter     // calls shed and retries denied
	changes  metric.Int64Counter     // breakers' transitions
}

func newInstruments(m metric.Meter) (in instruments, err error) {
	var errs [4]error
	in.calls, errs[0] = m.Float64Histogram("affinity.client.call.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of calls, all attempts and waits included."), metric.WithExplicitBucketBoundaries(boundaries...))
	in.attempts, errs[1] = m.Float64Histogram("affinity.client.attempt.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of attempts until the answer began. The share of its count with affinity.cross_zone is the cross-zone share."),
		metric.WithExplicitBucketBoundaries(boundaries...))
	in.refused, errs[2] = m.Int64Counter("affinity.client.refused", metric.WithUnit("{refusal}"),
		metric.WithDescription("Calls refused locally (shed), and retries that the budget denied (retry_budget)."))
	in.changes, errs[3] = m.Int64Counter("affinity.client.breaker.changes", metric.WithUnit("{change}"),
		metric.WithDescription("Transitions of breakers, by zone, what the breaker is for, and new state."))
	for _, e := range errs {
		if e != nil {
			return in, e
		}
	}
	return in, nil
}

// attributeSets keeps the few sets of attributes that metrics use: making one for each call would cost more than counting it.
type attributeSets struct{ sets sync.Map }

func (a *attributeSets) of(key any, make func() []attribute.KeyValue) metric.MeasurementOption {
	if set, ok := a.sets.Load(key); ok {
		return set.(metric.MeasurementOption)
	}
	set, _ := a.sets.LoadOrStore(key, metric.WithAttributeSet(attribute.NewSet(make()...)))
	return set.(metric.MeasurementOption)
}

type callSet struct {
	service string
	outcome affinity.Outcome
}

func (o *Observer) countCall(ctx context.Context, c affinity.CallEnd) {
	set := o.sets.of(callSet{c.Service, c.Outcome}, func() []attribute.KeyValue {
		return []attribute.KeyValue{semconv.ServicePeerName(c.Service), OutcomeKey.String(c.Outcome.String())}
	})
	o.instruments.calls.Record(ctx, c.Duration.Seconds(), set)
}

type attemptSet struct {
	service, zone, kind string
	crossZone           bool
	outcome             affinity.Outcome
}

func (o *Observer) countAttempt(ctx context.Context, a affinity.AttemptEnd) {
	key := attemptSet{a.Service, a.Endpoint.Zone, kind(a.Attempt), a.CrossZone, a.Outcome}
	set := o.sets.of(key, func() []attribute.KeyValue {
		return []attribute.KeyValue{semconv.ServicePeerName(a.Service), ZoneKey.String(a.Endpoint.Zone), CrossZoneKey.Bool(a.CrossZone),
			KindKey.String(key.kind), OutcomeKey.String(a.Outcome.String())}
	})
	o.instruments.attempts.Record(ctx, a.Duration.Seconds(), set)
}

func (o *Observer) countEvent(ctx context.Context, e affinity.Event) {
	switch e.Kind {
	case affinity.CallShed:
		o.instruments.refused.Add(ctx, 1, metric.WithAttributes(semconv.ServicePeerName(e.Service), ReasonKey.String("shed")))
	case affinity.RetryDenied:
		o.instruments.refused.Add(ctx, 1, metric.WithAttributes(semconv.ServicePeerName(e.Service), ReasonKey.String("retry_budget")))
	case affinity.BreakerChanged:
		of := "zone"
		if e.Endpoint != "" {
			of = "endpoint"
		}
		o.instruments.changes.Add(ctx, 1, metric.WithAttributes(semconv.ServicePeerName(e.Service), ZoneKey.String(e.Zone),
			attribute.String("affinity.breaker.of", of), BreakerKey.String(e.To.String())))
	}
}

// Watch adds metrics of what a service knows, read whenever metrics are collected: each zone's share of calls, breaker, median and
// endpoints, and how old discovery's answer is. Call stop when the service is closed.
func (o *Observer) Watch(s *affinity.Service) (stop func() error, err error) {
	g, err := newGauges(o.meter)
	if err != nil {
		return nil, err
	}
	registration, err := o.meter.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		g.observe(to, s)
		return nil
	}, g.all()...)
	if err != nil {
		return nil, err
	}
	return registration.Unregister, nil
}

type gauges struct {
	share, median, age                     metric.Float64ObservableGauge
	breaker, evacuated, endpoints, failing metric.Int64ObservableGauge
}

func newGauges(m metric.Meter) (g gauges, err error) {
	whole := func(name, unit, description string) (i metric.Int64ObservableGauge) {
		if err == nil {
			i, err = m.Int64ObservableGauge("affinity.client."+name, metric.WithUnit(unit), metric.WithDescription(description))
		}
		return i
	}
	real := func(name, unit, description string) (f metric.Float64ObservableGauge) {
		if err == nil {
			f, err = m.Float64ObservableGauge("affinity.client."+name, metric.WithUnit(unit), metric.WithDescription(description))
		}
		return f
	}
	return gauges{
		share:     real("zone.share", "1", "Share of new calls that a zone gets."),
		median:    real("zone.median", "s", "Median duration of a zone's last attempts; none while there were too few."),
		age:       real("discovery.age", "s", "Time since discovery's last good answer."),
		breaker:   whole("breaker.state", "1", "State of a zone's breaker: 0 closed, 1 half-open, 2 open."),
		evacuated: whole("zone.evacuated", "1", "1 while a zone is evacuated."),
		endpoints: whole("endpoints", "{endpoint}", "Endpoints of a zone by the state of their breakers."),
		failing:   whole("discovery.failures", "{failure}", "Failed discoveries since the last good answer."),
	}, err
}

func (g gauges) all() []metric.Observable {
	return []metric.Observable{g.share, g.median, g.age, g.breaker, g.evacuated, g.endpoints, g.failing}
}

func (g gauges) observe(to metric.Observer, s *affinity.Service) {
	name := semconv.ServicePeerName(s.Name())
	discovery := s.Discovery()
	to.ObserveFloat64(g.age, discovery.Age.Seconds(), metric.WithAttributes(name))
	to.ObserveInt64(g.failing, int64(discovery.Failures), metric.WithAttributes(name))
	for _, z := range s.Stats().Zones {
		in := metric.WithAttributes(name, ZoneKey.String(z.Zone))
		to.ObserveFloat64(g.share, z.Share, in)
		to.ObserveInt64(g.breaker, level(z.Breaker), in)
		to.ObserveInt64(g.evacuated, oneIf(z.Evacuated), in)
		if z.Median > 0 {
			to.ObserveFloat64(g.median, z.Median.Seconds(), in)
		}
		count := map[affinity.State]int64{affinity.Closed: 0, affinity.HalfOpen: 0, affinity.Open: 0}
		for _, e := range z.Endpoints {
			count[e.Breaker]++
		}
		for state, n := range count {
			to.ObserveInt64(g.endpoints, n, metric.WithAttributes(name, ZoneKey.String(z.Zone), BreakerKey.String(state.String())))
		}
	}
}

func level(s affinity.State) int64 {
	switch s {
	case affinity.Open:
		return 2
	case affinity.HalfOpen:
		return 1
	}
	return 0
}

func oneIf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
