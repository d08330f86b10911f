// Package affinitygrpc has gRPC clients call a service as package affinity does: in the own zone first, elsewhere as far as needed.
//
// NewClient, or DialOptions for those who call grpc.NewClient themselves, brings four parts:
//   - a resolver, scheme affinity, that takes endpoints from the service's discovery;
//   - a balancer, policy affinity, that keeps connections to the own zone's endpoints, makes those to other zones when they are needed,
//     and replaces connections whose calls time out one after the other;
//   - an interceptor for unary calls, which are service.Do's: attempts with time limits, retries within the budget, breakers,
//     hedging, load shedding, observers;
//   - an interceptor for streams, which choose their endpoint once and count how they ended, but are never retried.
//
// It is a package of its own so that only programs that use gRPC link it.
package affinitygrpc
