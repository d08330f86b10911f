package affinitygrpc

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/attributes"
	"google.golang.org/grpc/resolver"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// Scheme is the resolver's: affinity:///foo.internal.
const Scheme = "affinity"

// resolvers builds resolvers of one service.
type resolvers struct {
	service *affinity.Service
	outages *outages
}

func (r resolvers) Scheme() string { return Scheme }

// Build is called again whenever the client leaves its idle mode.
func (r resolvers) Build(target resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	if target.Endpoint() != r.service.Name() {
		return nil, fmt.Errorf("another service's name, got %q; dial %s", target.Endpoint(), Target(r.service))
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{resolvers: r, cc: cc, cancel: cancel, done: make(chan struct{})}
	w.leave = r.service.Subscribe(w.update)
	go w.report(ctx)
	return w, nil
}

// watcher takes a service's endpoints to gRPC.
type watcher struct {
	resolvers
	cc     resolver.ClientConn
	leave  func()
	cancel context.CancelFunc
	done   chan struct{}
}

// originKey is the attribute by which the balancer finds what the addresses come from, as resolvers.
type originKey struct{}

func (w *watcher) update(answer discover.Answer) {
	endpoints := make([]resolver.Endpoint, 0, len(answer.Endpoints))
	for _, e := range answer.Endpoints {
		endpoints = append(endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: e.Addr}}, Attributes: attributes.New(zoneKey{}, e.Zone)})
	}
	// An error asks for a new answer, which comes by itself.
	_ = w.cc.UpdateState(resolver.State{Endpoints: endpoints, Attributes: attributes.New(originKey{}, w.resolvers)})
}

// zoneKey is the attribute of an endpoint's zone.
type zoneKey struct{}

// report tells gRPC what keeps discovery from its first answer, so that calls fail with it.
func (w *watcher) report(ctx context.Context) {
	defer close(w.done)
	for {
		_, err := w.service.Endpoints(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		w.cc.ReportError(err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
	}
}

// ResolveNow asks discovery sooner than planned.
func (w *watcher) ResolveNow(resolver.ResolveNowOptions) { w.service.Refresh() }

// Close ends updates.
func (w *watcher) Close() {
	w.cancel()
	w.leave()
	<-w.done
}
