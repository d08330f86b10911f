package affinitygrpc

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"

	"github.com/pathproof/pathproof/affinity"
)

// Policy is the balancer's name in service configs.
const Policy = "affinity"

func init() { balancer.Register(builder{}) }

type builder struct{}

func (builder) Name() string { return Policy }

func (builder) Build(cc balancer.ClientConn, _ balancer.BuildOptions) balancer.Balancer {
	return &lb{cc: cc, conns: map[string]*conn{}}
}

// lb keeps one connection for each endpoint's address. Endpoints are chosen by the service; the balancer says which can be reached.
type lb struct {
	cc balancer.ClientConn

	mu          sync.Mutex       // guards what follows
	from        resolvers        // where the addresses come from
	conns       map[string]*conn // by address
	resolverErr error
	connErr     error
	closed      bool
}

// conn is the connection to one address. Pickers read its state without a lock.
type conn struct {
	lb    *lb
	addr  string
	state atomic.Uint32 // connectivity.State
	sub   atomic.Pointer[balancer.SubConn]

	strikes  atomic.Int32 // attempts in a row that timed out after the request was written
	replaced atomic.Int64 // when the connection was last replaced, in ns since the epoch

	eager bool // kept up whether or not calls come; guarded by lb.mu
}

func (c *conn) is(s connectivity.State) bool { return connectivity.State(c.state.Load()) == s }

func (c *conn) connect() { (*c.sub.Load()).Connect() }

// UpdateClientConnState takes over the endpoints. Connections to those that stay are kept.
func (b *lb) UpdateClientConnState(s balancer.ClientConnState) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	from, ok := s.ResolverState.Attributes.Value(originKey{}).(resolvers)
	if !ok {
		b.resolverErr = errors.New("the addresses come from another resolver, got no service; dial affinitygrpc.Target with affinitygrpc.DialOptions")
		b.update()
		return balancer.ErrBadResolverState
	}
	b.from, b.resolverErr = from, nil
	wanted := map[string]bool{} // by address: whether it is in the own zone, which an address in two zones is as well
	for _, e := range s.ResolverState.Endpoints {
		in, _ := e.Attributes.Value(zoneKey{}).(string)
		for _, a := range e.Addresses {
			wanted[a.Addr] = wanted[a.Addr] || in != "" && in == from.service.Zone()
		}
	}
	for addr, own := range wanted {
		b.keep(addr, own)
	}
	for addr, c := range b.conns {
		if _, stays := wanted[addr]; !stays {
			b.set(c, connectivity.Shutdown)
			delete(b.conns, addr)
			(*c.sub.Load()).Shutdown()
		}
	}
	if len(b.conns) == 0 {
		b.resolverErr = affinity.ErrNoEndpoint
		b.update()
		return balancer.ErrBadResolverState
	}
	b.update()
	return nil
}

// keep makes sure that there is a connection's entry. It needs the lock, as do the methods below.
func (b *lb) keep(addr string, eager bool) {
	c := b.conns[addr]
	if c == nil {
		c = &conn{lb: b, addr: addr}
		c.state.Store(uint32(connectivity.Idle))
		if err := b.subConn(c); err != nil {
			b.connErr = err // gRPC is closing, or the address is not one
			return
		}
		b.conns[addr] = c
	}
	if c.eager = eager; eager && c.is(connectivity.Idle) {
		c.connect()
	}
}

func (b *lb) subConn(c *conn) error {
	var sub balancer.SubConn
	listener := func(s balancer.SubConnState) { b.changed(c, sub, s) }
	options := balancer.NewSubConnOptions{StateListener: listener, HealthCheckEnabled: true}
	sub, err := b.cc.NewSubConn([]resolver.Address{{Addr: c.addr}}, options) //nolint:staticcheck // one address, as the deprecation asks for
	if err != nil {
		return err
	}
	c.sub.Store(&sub)
	return nil
}

// changed notes a connection's new state. One that could not be made stays in TransientFailure until it can, or until nobody needs it:
// calls would wait again and again otherwise.
func (b *lb) changed(c *conn, sub balancer.SubConn, s balancer.SubConnState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if current := c.sub.Load(); b.closed || current == nil || *current != sub || b.conns[c.addr] != c {
		return
	}
	state := s.ConnectivityState
	if state == connectivity.TransientFailure {
		b.connErr = fmt.Errorf("connecting to %s: %w", c.addr, s.ConnectionError)
	}
	if state == connectivity.Idle && c.eager {
		c.connect()
	}
	if c.is(connectivity.TransientFailure) && (state == connectivity.Connecting || state == connectivity.Idle && c.eager) {
		return
	}
	if state == connectivity.Ready {
		c.strikes.Store(0)
	}
	b.set(c, state)
	b.update()
}

// set changes a connection's state, and keeps account of those that are down.
func (b *lb) set(c *conn, state connectivity.State) {
	was := connectivity.State(c.state.Swap(uint32(state)))
	if before, now := was == connectivity.TransientFailure, state == connectivity.TransientFailure; before != now {
		b.from.outages.note(c.addr, now)
	}
}

// update gives gRPC a new picker, with which calls that wait are looked at again.
func (b *lb) update() {
	if b.closed {
		return
	}
	conns := make(map[string]*conn, len(b.conns))
	count := map[connectivity.State]int{}
	for addr, c := range b.conns {
		conns[addr] = c
		count[connectivity.State(c.state.Load())]++
	}
	state := connectivity.TransientFailure
	for _, s := range []connectivity.State{connectivity.Ready, connectivity.Connecting, connectivity.Idle} {
		if count[s] > 0 {
			state = s
			break
		}
	}
	b.cc.UpdateState(balancer.State{ConnectivityState: state, Picker: &picker{service: b.from.service, conns: conns, err: errors.Join(b.resolverErr, b.connErr)}})
}

// ResolverError keeps the endpoints that are known.
func (b *lb) ResolverError(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.resolverErr = err
	if len(b.conns) == 0 {
		b.update()
	}
}

// A connection whose calls time out is of no more use although the kernel still tries: after a loss of packets it sends again after ever
// longer waits, and finds out about the recovery late. A new connection finds out at once.
const (
	mostStrikes  = 3
	replaceEvery = 5 * time.Second
)

// strike counts an attempt that timed out after its request was written.
func (c *conn) strike() {
	if c.strikes.Add(1) < mostStrikes {
		return
	}
	now, last := time.Now().UnixNano(), c.replaced.Load()
	if now-last < int64(replaceEvery) || !c.replaced.CompareAndSwap(last, now) {
		return
	}
	c.lb.replace(c)
}

// answered notes that the connection works.
func (c *conn) answered() {
	if c.strikes.Load() != 0 {
		c.strikes.Store(0)
	}
}

func (b *lb) replace(c *conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := *c.sub.Load()
	if b.closed || b.conns[c.addr] != c || !c.is(connectivity.Ready) || b.subConn(c) != nil {
		return
	}
	c.strikes.Store(0)
	b.set(c, connectivity.Connecting)
	c.connect()
	old.Shutdown() // calls that it still carries end by themselves
	b.update()
}

// UpdateSubConnState is never called: connections have listeners.
func (b *lb) UpdateSubConnState(balancer.SubConn, balancer.SubConnState) {}

// ExitIdle connects to the own zone's endpoints again.
func (b *lb) ExitIdle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.conns {
		if c.eager && c.is(connectivity.Idle) {
			c.connect()
		}
	}
}

// Close ends all connections.
func (b *lb) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, c := range b.conns {
		b.set(c, connectivity.Shutdown)
		(*c.sub.Load()).Shutdown()
	}
}
