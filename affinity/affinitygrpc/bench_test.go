package affinitygrpc_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/affinitygrpc"
)

// BenchmarkUnary is a call over loopback, by gRPC alone and by this package.
func BenchmarkUnary(b *testing.B) {
	s := newServer(b, "apne2-az1")
	for _, bb := range []struct {
		name   string
		client func(b *testing.B) *grpc.ClientConn
	}{
		{"grpc", func(b *testing.B) *grpc.ClientConn {
			cc, err := grpc.NewClient(s.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { cc.Close() })
			return cc
		}},
		{"affinitygrpc", func(b *testing.B) *grpc.ClientConn {
			service, err := affinity.New(affinity.Config{Name: "echo.internal", Zone: "apne2-az1", Source: sourceOf(s)})
			if err != nil {
				b.Fatal(err)
			}
			cc, err := affinitygrpc.NewClient(service, affinitygrpc.Options{}, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { cc.Close(); service.Close() })
			return cc
		}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			cc := bb.client(b)
			out := new(wrapperspb.StringValue)
			b.ReportAllocs()
			for b.Loop() {
				if err := cc.Invoke(b.Context(), get, wrapperspb.String("hello"), out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
