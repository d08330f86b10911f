package affinityotel

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/pathproof/pathproof/affinity"
)

// Attributes that the semantic conventions have no name for.
const (
	// OwnZoneKey is the AZ ID that the caller runs in.
	OwnZoneKey = attribute.Key("affinity.own_zone")
	// ZoneKey is the AZ ID of an attempt's endpoint, or the zone that an event is about.
	ZoneKey = attribute.Key("affinity.zone")
	// CrossZoneKey says whether an attempt left the own zone.
	CrossZoneKey = attribute.Key("affinity.cross_zone")
	// EndpointIDKey is the ID of an attempt's endpoint, where discovery has one.
	EndpointIDKey = attribute.Key("affinity.endpoint.id")
	// AttemptKey is an attempt's number in its call, from 1; of a call it is how many there were.
	AttemptKey = attribute.Key("affinity.attempt")
	// KindKey is first, retry or hedge.
	KindKey = attribute.Key("affinity.attempt.kind")
	// TrialKey says whether an attempt tries a zone or an endpoint whose breaker is not closed.
	TrialKey = attribute.Key("affinity.trial")
	// BreakerKey is the state of the zone's breaker, or of the endpoint's: closed, half-open, open.
	BreakerKey = attribute.Key("affinity.breaker.state")
	// OutcomeKey is success, failure, throttled or canceled.
	OutcomeKey = attribute.Key("affinity.outcome")
	// ReasonKey is why something happened.
	ReasonKey = attribute.Key("affinity.reason")
)

// startOptions keeps what spans start with, which samplers see: of calls by affinity.Call, of attempts by the service's name. Both are
// as few as services and methods.
type startOptions struct{ options sync.Map }

func (o *startOptions) of(key any) []trace.SpanStartOption {
	if options, ok := o.options.Load(key); ok {
		return options.([]trace.SpanStartOption)
	}
	var options []trace.SpanStartOption
	switch k := key.(type) {
	case affinity.Call:
		options = append(options, trace.WithSpanKind(trace.SpanKindInternal), trace.WithAttributes(callAttributes(k)...))
	case string:
		options = append(options, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(semconv.ServerAddress(k)))
	}
	o.options.Store(key, options)
	return options
}

func callAttributes(c affinity.Call) []attribute.KeyValue {
	attributes := []attribute.KeyValue{semconv.ServicePeerName(c.Service), OwnZoneKey.String(c.Zone)}
	if c.Method != "" {
		attributes = append(attributes, semconv.HTTPRequestMethodKey.String(c.Method))
	}
	return attributes
}

func endCall(span trace.Span, c affinity.CallEnd) {
	if !span.IsRecording() {
		span.End()
		return
	}
	span.SetAttributes(AttemptKey.Int(c.Attempts), OutcomeKey.String(c.Outcome.String()))
	if c.Err != nil {
		span.SetAttributes(errorType(c.Err, 0))
		span.SetStatus(codes.Error, c.Err.Error())
	} else if c.Outcome != affinity.Success {
		span.SetStatus(codes.Error, "the last answer was no success")
	}
	span.End()
}

func attemptAttributes(a affinity.Attempt) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		ZoneKey.String(a.Endpoint.Zone), CrossZoneKey.Bool(a.CrossZone),
		AttemptKey.Int(a.Number), KindKey.String(kind(a)), TrialKey.Bool(a.Trial), BreakerKey.String(a.Breaker.String()),
	}
	if host, port, err := net.SplitHostPort(a.Endpoint.Addr); err == nil {
		attributes = append(attributes, semconv.NetworkPeerAddress(host))
		if n, err := strconv.Atoi(port); err == nil {
			attributes = append(attributes, semconv.NetworkPeerPort(n))
		}
	}
	if a.Endpoint.ID != "" {
		attributes = append(attributes, EndpointIDKey.String(a.Endpoint.ID))
	}
	return attributes
}

func endAttempt(span trace.Span, a affinity.AttemptEnd) {
	span.SetAttributes(OutcomeKey.String(a.Outcome.String()))
	if a.Status != 0 {
		span.SetAttributes(semconv.HTTPResponseStatusCode(a.Status))
		if a.Number > 1 {
			span.SetAttributes(semconv.HTTPRequestResendCount(a.Number - 1))
		}
	}
	switch {
	case a.Err != nil && a.Outcome == affinity.Canceled: // nobody's fault
		span.SetAttributes(errorType(a.Err, a.Status))
	case a.Err != nil:
		span.SetAttributes(errorType(a.Err, a.Status))
		span.SetStatus(codes.Error, a.Err.Error())
	case a.Status >= http.StatusBadRequest: // as the conventions have it for clients
		span.SetAttributes(errorType(nil, a.Status))
		span.SetStatus(codes.Error, "")
	case a.Outcome == affinity.Failure, a.Outcome == affinity.Throttled:
		span.SetStatus(codes.Error, a.Outcome.String())
	}
	span.End()
}

// errorType is of a small set of values, as the conventions ask.
func errorType(err error, status int) attribute.KeyValue {
	switch {
	case status >= http.StatusBadRequest:
		return semconv.ErrorTypeKey.String(strconv.Itoa(status))
	case errors.Is(err, affinity.ErrShed):
		return semconv.ErrorTypeKey.String("shed")
	case errors.Is(err, affinity.ErrNoEndpoint):
		return semconv.ErrorTypeKey.String("no_endpoint")
	case errors.Is(err, affinity.ErrAttemptTimeout):
		return semconv.ErrorTypeKey.String("attempt_timeout")
	case errors.Is(err, context.DeadlineExceeded):
		return semconv.ErrorTypeKey.String("deadline_exceeded")
	case errors.Is(err, context.Canceled):
		return semconv.ErrorTypeKey.String("canceled")
	}
	return semconv.ErrorType(err)
}

func kind(a affinity.Attempt) string {
	switch {
	case a.Hedge:
		return "hedge"
	case a.Number > 1:
		return "retry"
	}
	return "first"
}

func eventName(k affinity.EventKind) string {
	switch k {
	case affinity.ZoneUnknown:
		return "own zone unknown"
	case affinity.BreakerChanged:
		return "breaker changed"
	case affinity.RetryDenied:
		return "retry denied"
	case affinity.CallShed:
		return "call shed"
	case affinity.ZoneSuspect:
		return "zone suspect"
	case affinity.ZoneCleared:
		return "zone cleared"
	case affinity.ZoneEvacuated:
		return "zone evacuated"
	case affinity.ZoneReturned:
		return "zone returned"
	case affinity.DiscoveryFailed:
		return "discovery failed"
	}
	return "event " + strconv.Itoa(int(k))
}

func eventAttributes(e affinity.Event) []attribute.KeyValue {
	attributes := []attribute.KeyValue{semconv.ServicePeerName(e.Service)}
	if e.Zone != "" {
		attributes = append(attributes, ZoneKey.String(e.Zone))
	}
	if e.Endpoint != "" {
		attributes = append(attributes, attribute.String("affinity.endpoint.address", e.Endpoint))
	}
	if e.Kind == affinity.BreakerChanged {
		attributes = append(attributes, attribute.String("affinity.breaker.from", e.From.String()), BreakerKey.String(e.To.String()))
	}
	if e.Reason != "" {
		attributes = append(attributes, ReasonKey.String(e.Reason))
	}
	if e.Err != nil {
		attributes = append(attributes, semconv.ExceptionMessage(e.Err.Error()))
	}
	return attributes
}
