package affinitygrpc

import (
	"errors"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// picker finds the connection for a call: to the endpoint that the interceptor chose, or to one that it has the service choose.
type picker struct {
	service *affinity.Service
	conns   map[string]*conn
	err     error // why there may be no connection
}

func (p *picker) Pick(info balancer.PickInfo) (balancer.PickResult, error) {
	if r, ok := info.Ctx.Value(routeKey{}).(*route); ok {
		return p.follow(r)
	}
	if p.service == nil || len(p.conns) == 0 {
		return balancer.PickResult{}, p.nothing()
	}
	return p.choose(info)
}

func (p *picker) nothing() error {
	if p.err == nil {
		return balancer.ErrNoSubConnAvailable // the first answer of discovery is awaited
	}
	return p.err
}

// route is an attempt of the unary interceptor: where it goes, and how far it got.
type route struct {
	endpoint       discover.Endpoint
	conn           atomic.Pointer[conn]
	sent, received atomic.Bool
}

type routeKey struct{}

// follow does not wait where connecting failed: the interceptor goes elsewhere, also for calls that wait for ready.
func (p *picker) follow(r *route) (balancer.PickResult, error) {
	c := p.conns[r.endpoint.Addr]
	if c == nil {
		if p.service == nil && p.err == nil {
			return balancer.PickResult{}, balancer.ErrNoSubConnAvailable
		}
		return balancer.PickResult{}, status.Errorf(codes.Unavailable, "%s is no endpoint any more", r.endpoint.Addr)
	}
	switch sub, err := c.use(); {
	case errors.Is(err, errDown):
		return balancer.PickResult{}, status.Errorf(codes.Unavailable, "%s cannot be reached: %v", c.addr, p.err)
	case err != nil:
		return balancer.PickResult{}, err
	default:
		r.conn.Store(c)
		return balancer.PickResult{SubConn: sub, Done: r.done}, nil
	}
}

func (r *route) done(d balancer.DoneInfo) {
	if d.BytesSent {
		r.sent.Store(true)
	}
	if d.BytesReceived {
		r.received.Store(true)
	}
}

// use returns the connection if it is there, and has it made if it is not.
func (c *conn) use() (balancer.SubConn, error) {
	switch connectivity.State(c.state.Load()) {
	case connectivity.Ready:
		return *c.sub.Load(), nil
	case connectivity.TransientFailure:
		return nil, errDown
	case connectivity.Idle:
		c.connect()
	}
	return nil, balancer.ErrNoSubConnAvailable
}

var errDown = errors.New("connecting failed")

// choose has the service choose among endpoints that are not known to be out of reach. Streams come here, and unary calls of clients
// without the interceptor.
func (p *picker) choose(info balancer.PickInfo) (balancer.PickResult, error) {
	reachable := func(e discover.Endpoint) bool {
		c := p.conns[e.Addr]
		return c != nil && !c.is(connectivity.TransientFailure)
	}
	streaming, _ := info.Ctx.Value(streamKey{}).(*stream)
	chosen, err := p.service.Pick(info.Ctx, affinity.PickOptions{Usable: reachable, Stream: streaming != nil})
	if err != nil {
		return balancer.PickResult{}, errors.Join(err, p.err)
	}
	sub, err := p.conns[chosen.Endpoint().Addr].use()
	if err != nil {
		chosen.Done(affinity.Canceled)
		return balancer.PickResult{}, balancer.ErrNoSubConnAvailable
	}
	w := &watched{pick: chosen, method: info.FullMethodName, begin: time.Now(), stream: streaming}
	return balancer.PickResult{SubConn: sub, Done: w.done}, nil
}

// watched is a call of which the balancer alone knows.
type watched struct {
	pick   affinity.Pick
	method string
	begin  time.Time
	stream *stream // nil for unary calls
}

func (w *watched) done(d balancer.DoneInfo) {
	if d.Err == nil && !d.BytesReceived { // the connection was lost before it was used
		w.pick.Done(affinity.Canceled)
		return
	}
	took, classify := time.Since(w.begin), func(_ string, err error) Meaning { return Classify(err) }
	answered := false
	if w.stream != nil {
		classify = w.stream.classify
		took, answered = w.stream.latency(w.begin, took)
	}
	w.pick.DoneAfter(ended(classify(w.method, d.Err), d.Err, took, answered), took)
}
