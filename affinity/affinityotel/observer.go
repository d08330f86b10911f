package affinityotel

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/pathproof/pathproof/affinity"
)

// scope is the instrumentation's name.
const scope = "github.com/pathproof/pathproof/affinity/affinityotel"

// Config says where spans and metrics go. Every default is the global one at the time of New.
type Config struct {
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	// Propagator writes the trace's headers into every attempt, such as propagation.TraceContext. The global default writes none.
	Propagator propagation.TextMapPropagator
}

// Observer is what affinity.Config.Observer takes. One observer serves any number of services, and is safe for concurrent use.
type Observer struct {
	tracer      trace.Tracer
	meter       metric.Meter
	propagator  propagation.TextMapPropagator
	instruments instruments
	sets        attributeSets
	starts      startOptions
}

var (
	_ affinity.Observer       = (*Observer)(nil)
	_ affinity.HeaderInjector = (*Observer)(nil)
)

// New returns an observer.
func New(config Config) (*Observer, error) {
	if config.TracerProvider == nil {
		config.TracerProvider = otel.GetTracerProvider()
	}
	if config.MeterProvider == nil {
		config.MeterProvider = otel.GetMeterProvider()
	}
	if config.Propagator == nil {
		config.Propagator = otel.GetTextMapPropagator()
	}
	o := &Observer{tracer: config.TracerProvider.Tracer(scope), meter: config.MeterProvider.Meter(scope), propagator: config.Propagator}
	var err error
	o.instruments, err = newInstruments(o.meter)
	return o, err
}

// CallStart begins the call's span.
func (o *Observer) CallStart(ctx context.Context, c affinity.Call) context.Context {
	ctx, span := o.tracer.Start(ctx, "affinity "+c.Service, o.starts.of(c)...)
	return context.WithValue(ctx, callKey{}, &call{span: span, method: c.Method})
}

// CallEnd ends the call's span and counts the call.
func (o *Observer) CallEnd(ctx context.Context, c affinity.CallEnd) {
	o.countCall(ctx, c)
	if k, ok := ctx.Value(callKey{}).(*call); ok {
		endCall(k.span, c)
	}
}

// AttemptStart begins the attempt's span.
func (o *Observer) AttemptStart(ctx context.Context, a affinity.Attempt) context.Context {
	name := "attempt"
	if k, ok := ctx.Value(callKey{}).(*call); ok && k.method != "" {
		name = k.method
	}
	ctx, span := o.tracer.Start(ctx, name, o.starts.of(a.Service)...)
	if !span.IsRecording() {
		return ctx
	}
	span.SetAttributes(attemptAttributes(a)...)
	return context.WithValue(ctx, attemptKey{}, span)
}

// AttemptEnd ends the attempt's span and counts the attempt.
func (o *Observer) AttemptEnd(ctx context.Context, a affinity.AttemptEnd) {
	o.countAttempt(ctx, a)
	if span, ok := ctx.Value(attemptKey{}).(trace.Span); ok {
		endAttempt(span, a)
	}
}

// Event adds to the call's span what was noticed during it, and counts what was refused.
func (o *Observer) Event(ctx context.Context, e affinity.Event) {
	o.countEvent(ctx, e)
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.AddEvent("affinity: "+eventName(e.Kind), trace.WithAttributes(eventAttributes(e)...))
	}
}

// InjectHeaders writes the attempt's trace headers.
func (o *Observer) InjectHeaders(ctx context.Context, h http.Header) {
	o.propagator.Inject(ctx, propagation.HeaderCarrier(h))
}

// call is what a call's attempts need of it. It is kept apart from the context's span, so that nobody's else span is ever ended.
type call struct {
	span   trace.Span
	method string
}

type (
	callKey    struct{}
	attemptKey struct{}
)
