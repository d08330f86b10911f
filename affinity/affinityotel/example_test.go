package affinityotel_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/affinityotel"
	"github.com/pathproof/pathproof/affinity/discover"
)

func Example() {
	// An exporter in memory stands in for OTLP's.
	spans := tracetest.NewInMemoryExporter()
	observer, err := affinityotel.New(affinityotel.Config{
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)),
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(metric.NewManualReader())),
		Propagator:     propagation.TraceContext{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	source, err := discover.Static(discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"}, discover.Endpoint{Addr: "10.0.2.9:80", Zone: "apne2-az2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	service, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source, Observer: observer})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	stop, err := observer.Watch(service)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = stop() }()

	// The own zone is down.
	err = service.Do(context.Background(), func(_ context.Context, e discover.Endpoint) error {
		if e.Zone == "apne2-az1" {
			return fmt.Errorf("connection refused")
		}
		return nil
	})
	fmt.Println("error:", err)
	for _, span := range spans.GetSpans() {
		fmt.Print(span.Name)
		for _, a := range span.Attributes {
			switch a.Key {
			case affinityotel.ZoneKey, affinityotel.CrossZoneKey, affinityotel.OutcomeKey:
				fmt.Printf(" %s=%s", a.Key, a.Value.String())
			}
		}
		fmt.Println()
	}
	// Output:
	// error: <nil>
	// attempt affinity.zone=apne2-az1 affinity.cross_zone=false affinity.outcome=failure
	// attempt affinity.zone=apne2-az2 affinity.cross_zone=true affinity.outcome=success
	// affinity foo.internal affinity.outcome=success
}
