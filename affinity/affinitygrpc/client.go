package affinitygrpc

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/pacing"
)

// Options change how calls are taken. The zero value is fine.
type Options struct {
	// Idempotent says of a method, such as /shop.Orders/Get, whether it may be carried out twice. Default: what the method's
	// idempotency_level says, where its descriptor is linked into the program. retry.WithIdempotent marks a single call's context.
	Idempotent func(fullMethod string) bool
	// Classify says what an error of a method means. Default: Classify.
	Classify func(fullMethod string, err error) Meaning
}

func (o Options) withDefaults() Options {
	if o.Idempotent == nil {
		o.Idempotent = IdempotentByDescriptor
	}
	if o.Classify == nil {
		o.Classify = func(_ string, err error) Meaning { return Classify(err) }
	}
	return o
}

// NewClient returns a client of the service. Opts need credentials, as for grpc.NewClient; the server name of TLS is the service's name.
// Close the client before the service.
func NewClient(s *affinity.Service, options Options, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	return grpc.NewClient(Target(s), append(DialOptions(s, options), opts...)...)
}

// Target is what to dial: affinity:/// and the service's name.
func Target(s *affinity.Service) string { return Scheme + ":///" + s.Name() }

// Backoff of connections: one that recovers is there again within 2.4 s, where gRPC's own default may take two minutes.
var reconnect = backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second}

// DialOptions are what NewClient adds. Options given after them win; a service config of one's own needs
// {"loadBalancingConfig": [{"affinity": {}}]} as well.
func DialOptions(s *affinity.Service, options Options) []grpc.DialOption {
	options = options.withDefaults()
	config := s.Config()
	outages := &outages{down: map[string]int{}}
	dialer := &net.Dialer{Control: pacing.Control(config.PacingRate)}
	return []grpc.DialOption{
		grpc.WithResolvers(resolvers{s, outages}),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"` + Policy + `": {}}]}`),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: config.ConnectTimeout}),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return dialer.DialContext(ctx, "tcp", addr) }),
		grpc.WithChainUnaryInterceptor((&unary{service: s, config: config, options: options, outages: outages}).intercept),
		grpc.WithChainStreamInterceptor((&streams{options: options}).intercept),
	}
}
