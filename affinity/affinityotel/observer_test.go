package affinityotel_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/affinityotel"
	"github.com/pathproof/pathproof/affinity/discover"
)

// rig is a service that is observed, and what was observed.
type rig struct {
	*affinity.Service
	observer *affinityotel.Observer
	spans    *tracetest.InMemoryExporter
	tracer   *sdktrace.TracerProvider
	reader   *metric.ManualReader
}

func newRig(t *testing.T, config affinity.Config, endpoints ...discover.Endpoint) *rig {
	t.Helper()
	r := &rig{spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	r.tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.spans))
	observer, err := affinityotel.New(affinityotel.Config{
		TracerProvider: r.tracer, MeterProvider: metric.NewMeterProvider(metric.WithReader(r.reader)), Propagator: propagation.TraceContext{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if config.Source == nil {
		if config.Source, err = discover.Static(endpoints...); err != nil {
			t.Fatal(err)
		}
	}
	config.Retry.Base, config.Retry.Max = time.Microsecond, time.Microsecond // nobody waits in tests
	config.Name, config.Zone, config.Observer = "foo.internal", "apne2-az1", observer
	r.observer = observer
	if r.Service, err = affinity.New(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func attributes(list []attribute.KeyValue) string {
	var out []string
	set := attribute.NewSet(list...)
	for _, kv := range set.ToSlice() {
		out = append(out, fmt.Sprintf("%s=%s", kv.Key, kv.Value.String()))
	}
	return strings.Join(out, " ")
}

// has checks that a span has attributes, each given as key=value.
func has(t *testing.T, s tracetest.SpanStub, want ...string) {
	t.Helper()
	all := " " + attributes(s.Attributes) + " "
	for _, w := range want {
		if !strings.Contains(all, " "+w+" ") {
			t.Errorf("span %s lacks %s; it has%s", s.Name, w, all)
		}
	}
}

func TestSpans_ACallAndItsAttempts(t *testing.T) {
	var headers []string
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header.Get("traceparent"))
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer sick.Close()
	well := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { headers = append(headers, r.Header.Get("traceparent")) }))
	defer well.Close()
	host := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	r := newRig(t, affinity.Config{}, discover.Endpoint{Addr: host(sick), Zone: "apne2-az1", ID: "i-1"}, discover.Endpoint{Addr: host(well), Zone: "apne2-az2"})

	ctx, mine := r.tracer.Tracer("test").Start(t.Context(), "mine")
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://foo.internal/", nil)
	resp, err := r.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if !mine.IsRecording() {
		t.Error("the caller's span was ended")
	}
	mine.End()

	spans := r.spans.GetSpans()
	if len(spans) != 4 {
		t.Fatalf("%d spans; want two attempts, the call, the caller's: %v", len(spans), spans)
	}
	first, second, call, caller := spans[0], spans[1], spans[2], spans[3]
	if call.Name != "affinity foo.internal" || call.SpanKind != trace.SpanKindInternal || call.Parent.SpanID() != caller.SpanContext.SpanID() || call.Status.Code != codes.Unset {
		t.Errorf("call: %+v", call)
	}
	has(t, call, "service.peer.name=foo.internal", "affinity.own_zone=apne2-az1", "http.request.method=GET", "affinity.attempt=2", "affinity.outcome=success")
	for i, attempt := range []tracetest.SpanStub{first, second} {
		if attempt.Name != "GET" || attempt.SpanKind != trace.SpanKindClient || attempt.Parent.SpanID() != call.SpanContext.SpanID() {
			t.Errorf("attempt %d: %+v", i+1, attempt)
		}
		if want := fmt.Sprintf("00-%s-%s-01", attempt.SpanContext.TraceID(), attempt.SpanContext.SpanID()); headers[i] != want {
			t.Errorf("attempt %d sent traceparent %q; want %q", i+1, headers[i], want)
		}
	}
	port := sick.URL[strings.LastIndex(sick.URL, ":")+1:]
	has(t, first, "affinity.zone=apne2-az1", "affinity.cross_zone=false", "affinity.attempt=1", "affinity.attempt.kind=first", "affinity.outcome=failure", "affinity.trial=false",
		"affinity.endpoint.id=i-1", "affinity.breaker.state=closed", "network.peer.address=127.0.0.1", "network.peer.port="+port, "http.response.status_code=503", "error.type=503",
		"server.address=foo.internal")
	has(t, second, "affinity.zone=apne2-az2", "affinity.cross_zone=true", "affinity.attempt=2", "affinity.attempt.kind=retry", "affinity.outcome=success",
		"http.response.status_code=200", "http.request.resend_count=1")
	if first.Status.Code != codes.Error || second.Status.Code != codes.Unset {
		t.Errorf("status of attempts: %v, %v", first.Status, second.Status)
	}
}

func TestSpans_WhatFailed(t *testing.T) {
	for _, tt := range []struct {
		name      string
		err       error
		attempts  int
		errorType string
	}{
		{"no answer in time", affinity.ErrAttemptTimeout, 2, "attempt_timeout"},
		{"an error of some type", &customError{}, 2, "*affinityotel_test.customError"},
		{"an error that is the caller's fault", affinity.Permanent(errors.New("no such order")), 1, "errors.errorString"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, affinity.Config{Retry: affinity.Retry{MaxAttempts: 2}},
				discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
			err := r.Do(t.Context(), func(context.Context, discover.Endpoint) error { return tt.err })
			spans := r.spans.GetSpans()
			if err == nil || len(spans) != tt.attempts+1 {
				t.Fatalf("%v, %d spans", err, len(spans))
			}
			for _, s := range spans[:tt.attempts] {
				if s.Name != "attempt" || s.Status.Code != codes.Error || !strings.Contains(s.Status.Description, tt.err.Error()) {
					t.Errorf("attempt: %+v", s)
				}
			}
			call := spans[tt.attempts]
			if call.Status.Code != codes.Error || !strings.Contains(call.Status.Description, "attempt 1 in apne2-az1 at 10.0.1.9:80") {
				t.Errorf("the call's status does not say what failed: %+v", call.Status)
			}
			if tt.attempts == 2 {
				has(t, spans[0], "error.type="+tt.errorType)
			}
		})
	}
}

type customError struct{}

func (*customError) Error() string { return "custom" }

func TestSpans_EventsOfTheCall(t *testing.T) {
	r := newRig(t, affinity.Config{}, discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"},
		discover.Endpoint{Addr: "10.0.1.10:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
	for range 50 { // one of the own zone's two endpoints is down
		_ = r.Do(t.Context(), func(_ context.Context, e discover.Endpoint) error {
			if e.Addr == "10.0.1.9:80" {
				return errors.New("down")
			}
			return nil
		})
	}
	var events []string
	for _, s := range r.spans.GetSpans() {
		for _, e := range s.Events {
			events = append(events, e.Name+" "+attributes(e.Attributes))
		}
	}
	found := strings.Join(events, "\n")
	for _, want := range []string{"affinity: breaker changed", "affinity.breaker.from=closed", "affinity.breaker.state=open", "affinity.endpoint.address=10.0.1.9:80", "affinity.zone=apne2-az1"} {
		if !strings.Contains(found, want) {
			t.Errorf("no event says %s:\n%s", want, found)
		}
	}
}

// Without a tracer the calls go on, and nobody else's span is touched.
func TestSpans_WithoutATracer(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	users := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	observer, err := affinityotel.New(affinityotel.Config{TracerProvider: noop.NewTracerProvider()})
	if err != nil {
		t.Fatal(err)
	}
	source, _ := discover.Static(discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"})
	s, err := affinity.New(affinity.Config{Name: "foo.internal", Source: source, Observer: observer})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, mine := users.Tracer("test").Start(t.Context(), "mine")
	if err := s.Do(ctx, func(context.Context, discover.Endpoint) error { return nil }); err != nil || !mine.IsRecording() {
		t.Errorf("%v; the caller's span is recording: %v", err, mine.IsRecording())
	}
	mine.End()
}

// points returns what metrics hold, as name{attributes} = value; histograms show their count.
func (r *rig) points(t *testing.T) map[string]float64 {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := r.reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			add := func(set attribute.Set, v float64) {
				out[strings.TrimPrefix(m.Name, "affinity.client.")+"{"+strings.TrimPrefix(attributes(set.ToSlice()), "service.peer.name=foo.internal ")+"}"] = v
			}
			switch d := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					add(p.Attributes, float64(p.Count))
				}
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					add(p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[int64]:
				for _, p := range d.DataPoints {
					add(p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[float64]:
				for _, p := range d.DataPoints {
					add(p.Attributes, p.Value)
				}
			}
		}
	}
	return out
}

// zone finds a value whose key has all of the parts.
func value(points map[string]float64, parts ...string) (sum float64) {
next:
	for key, v := range points {
		for _, p := range parts {
			if !strings.Contains(key, p) {
				continue next
			}
		}
		sum += v
	}
	return sum
}

func TestMetrics_CallsAttemptsAndCrossZone(t *testing.T) {
	r := newRig(t, affinity.Config{}, discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
	stop, err := r.observer.Watch(r.Service)
	if err != nil {
		t.Fatal(err)
	}
	for range 90 {
		if err := r.Do(t.Context(), func(context.Context, discover.Endpoint) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	var failures atomic.Int64
	for range 4 { // in the own zone only, so that each is retried elsewhere
		if err := r.Do(t.Context(), func(_ context.Context, e discover.Endpoint) error {
			if e.Zone == "apne2-az1" {
				failures.Add(1)
				return errors.New("down")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	p := r.points(t)
	for _, tt := range []struct {
		want  float64
		parts []string
	}{
		{94, []string{"call.duration{", "affinity.outcome=success"}},
		{90, []string{"attempt.duration{", "affinity.zone=apne2-az1", "affinity.outcome=success", "affinity.attempt.kind=first", "affinity.cross_zone=false"}},
		{4, []string{"attempt.duration{", "affinity.zone=apne2-az1", "affinity.outcome=failure"}},
		{4, []string{"attempt.duration{", "affinity.zone=apne2-az2", "affinity.outcome=success", "affinity.attempt.kind=retry", "affinity.cross_zone=true"}},
		{98, []string{"attempt.duration{"}},
		{1, []string{"zone.share{", "affinity.zone=apne2-az1"}},
		{0, []string{"breaker.state{", "affinity.zone=apne2-az1"}},
		{1, []string{"endpoints{", "affinity.zone=apne2-az1", "affinity.breaker.state=closed"}},
		{0, []string{"discovery.failures{"}},
	} {
		if got := value(p, tt.parts...); got != tt.want {
			t.Errorf("%v = %v; want %v", tt.parts, got, tt.want)
		}
	}
	if failures.Load() != 4 {
		t.Errorf("%d failures were made", failures.Load())
	}
	if _, has := p["discovery.age{service.peer.name=foo.internal}"]; !has {
		t.Errorf("no age of discovery in %v", p)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got := value(r.points(t), "zone.share{"); got != 0 {
		t.Error("a service is watched although that was stopped")
	}
}

func TestMetrics_AZoneThatDies(t *testing.T) {
	r := newRig(t, affinity.Config{}, discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
	if _, err := r.observer.Watch(r.Service); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		_ = r.Do(t.Context(), func(_ context.Context, e discover.Endpoint) error {
			if e.Zone == "apne2-az1" {
				return errors.New("down")
			}
			return nil
		})
	}
	p := r.points(t)
	if got := value(p, "breaker.state{", "apne2-az1"); got != 2 {
		t.Errorf("the breaker of the dead zone is at %v; want 2, open", got)
	}
	if got := value(p, "breaker.changes{", "apne2-az1", "affinity.breaker.of=zone", "affinity.breaker.state=open"); got < 1 {
		t.Errorf("no change of the zone's breaker was counted: %v", p)
	}
	if got := value(p, "zone.share{", "apne2-az2"); got != 1 {
		t.Errorf("the other zone's share is %v; want 1", got)
	}
	var refused float64
	for range 400 { // everything fails now: the budget denies, and calls are shed
		_ = r.Do(t.Context(), func(context.Context, discover.Endpoint) error { return errors.New("down") })
	}
	p = r.points(t)
	if refused = value(p, "refused{", "affinity.reason=retry_budget"); refused == 0 {
		t.Errorf("no denied retry was counted: %v", p)
	}
	if s := r.Stats(); value(p, "refused{", "affinity.reason=shed") != float64(s.Shed) || refused != float64(s.RetriesDenied) {
		t.Errorf("refused: %v and %v; the service counted %d and %d", value(p, "refused{", "shed"), refused, s.Shed, s.RetriesDenied)
	}
}

// The number of time series must not grow with endpoints, errors or calls.
func TestMetrics_StayFew(t *testing.T) {
	var endpoints []discover.Endpoint
	for i := range 300 {
		endpoints = append(endpoints, discover.Endpoint{Addr: fmt.Sprintf("10.0.%d.%d:80", i%3, i/3), Zone: fmt.Sprintf("apne2-az%d", i%3+1), ID: fmt.Sprint("i-", i)})
	}
	r := newRig(t, affinity.Config{Shed: affinity.Shed{Multiplier: -1}}, endpoints...)
	if _, err := r.observer.Watch(r.Service); err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		_ = r.Do(t.Context(), func(context.Context, discover.Endpoint) error {
			if i%3 == 0 {
				return nil
			}
			return fmt.Errorf("error %d", i)
		})
	}
	p := r.points(t)
	if len(p) > 100 {
		t.Errorf("%d time series after 3,000 calls of 300 endpoints", len(p))
	}
	for key := range p {
		if strings.Contains(key, "10.0.") || strings.Contains(key, "i-") && !strings.Contains(key, "half-open") || strings.Contains(key, "error ") {
			t.Errorf("a metric has an attribute that grows: %s", key)
		}
	}
}
