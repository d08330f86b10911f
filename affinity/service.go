package affinity

import (
	"context"
	"net"
	"net/http"

	"github.com/pathproof/pathproof/affinity/discover"
)

// Service is a service as one client sees it: its endpoints, their health, and how calls reach them. It is safe for concurrent use.
type Service struct{ cfg Config }

// New returns a service. All that is wrong with the configuration is in the one error. Close ends its discovery.
func New(cfg Config) (*Service, error) { return nil, nil }

// Close ends background discovery and closes idle connections. Calls after it fail with ErrClosed.
func (s *Service) Close() error { return nil }

// Stats is a copy of what the service knows now.
func (s *Service) Stats() Stats { return Stats{} }

// PickOptions narrow a choice.
type PickOptions struct {
	// Replayable says that the call can be repeated if it fails: only such calls try zones and endpoints that may still be sick.
	Replayable bool
	// Usable, if not nil, refuses endpoints that the caller cannot use now, such as connections not yet ready.
	Usable func(discover.Endpoint) bool
}

// Pick chooses an endpoint for one attempt. Whoever picks must call Done once on the result.
func (s *Service) Pick(ctx context.Context, o PickOptions) (Pick, error) { return Pick{}, nil }

// Pick is a chosen endpoint, and the attempt's accounting. It is a small value; copy it, but call Done once.
type Pick struct{ _ *Service }

// Endpoint is where the attempt goes.
func (p Pick) Endpoint() discover.Endpoint { return discover.Endpoint{} }

// CrossZone says whether the endpoint is in another zone than this process. It is false when the own zone is unknown.
func (p Pick) CrossZone() bool { return false }

// Done records how the attempt ended.
func (p Pick) Done(o Outcome) {}

// Outcome is what an attempt says about its endpoint.
type Outcome uint8

const (
	// Success: the endpoint did its work, whatever the answer was.
	Success Outcome = iota
	// Failure counts against endpoint and zone: no connection, no answer in time, a broken answer, 500, 502, 503, 504.
	Failure
	// Throttled: the endpoint works and refuses more (429). It is no sign of sickness, but of load.
	Throttled
	// Canceled says nothing about the endpoint: the caller gave up, or another attempt was faster.
	Canceled
)

// Do calls fn with an endpoint until it returns nil, its error is not worth a retry, or attempts, budget or time run out.
// See Retryable, Permanent and NotSent for what fn's errors say. fn must be idempotent unless every error is marked.
func (s *Service) Do(ctx context.Context, fn func(ctx context.Context, ep discover.Endpoint) error) error {
	return nil
}

// Transport returns a RoundTripper whose connections go to the service's endpoints, each endpoint with its own pool. The Host header
// and the TLS server name stay those of the request's URL. Base is cloned for each endpoint; nil means http.DefaultTransport.
func (s *Service) Transport(base *http.Transport) http.RoundTripper { return nil }

// HTTPClient returns a client with the service's transport.
func (s *Service) HTTPClient() *http.Client { return nil }

// DialContext connects to an endpoint of the service; network and address are ignored except for the family ("tcp4", "tcp6").
func (s *Service) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return nil, nil
}
