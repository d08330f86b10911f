package affinitygrpc_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/affinitygrpc"
	"github.com/pathproof/pathproof/affinity/discover"
)

func Example() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(listener) }() // until Stop
	defer server.Stop()

	// discover.DNS or package cloudmap finds endpoints in AWS. Nobody listens at the first one.
	source, err := discover.Static(
		discover.Endpoint{Addr: "127.0.0.1:1", Zone: "apne2-az1"}, discover.Endpoint{Addr: listener.Addr().String(), Zone: "apne2-az2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	service, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: "apne2-az1", Source: source})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()

	cc, err := affinitygrpc.NewClient(service, affinitygrpc.Options{}, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cc.Close()
	answer, err := healthpb.NewHealthClient(cc).Check(context.Background(), &healthpb.HealthCheckRequest{})
	fmt.Println(answer.GetStatus(), err)
	fmt.Println("attempts in another zone:", service.Stats().CrossZone)
	// Output:
	// SERVING <nil>
	// attempts in another zone: 1
}
