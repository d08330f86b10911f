package affinityotel_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/affinityotel"
	"github.com/pathproof/pathproof/affinity/discover"
)

// BenchmarkDo is what a call of Do costs unobserved, with metrics, with spans that are not sampled, and with spans that are.
func BenchmarkDo(b *testing.B) {
	meter := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	for _, bb := range []struct {
		name   string
		config *affinityotel.Config
	}{
		{"unobserved", nil},
		{"metrics", &affinityotel.Config{TracerProvider: noop.NewTracerProvider(), MeterProvider: meter}},
		{"metrics,unsampled", &affinityotel.Config{TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())), MeterProvider: meter}},
		{"metrics,sampled", &affinityotel.Config{TracerProvider: sdktrace.NewTracerProvider(), MeterProvider: meter}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			source, _ := discover.Static(discover.Endpoint{Addr: "10.0.1.9:80", Zone: "apne2-az1"})
			config := affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source}
			if bb.config != nil {
				observer, err := affinityotel.New(*bb.config)
				if err != nil {
					b.Fatal(err)
				}
				config.Observer = observer
			}
			s, err := affinity.New(config)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Do(b.Context(), func(context.Context, discover.Endpoint) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
