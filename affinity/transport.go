package affinity

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/affinity/retry"
)

// Transport returns a RoundTripper whose connections go to the service's endpoints, each with a pool of its own, so that no connection to
// a zone is used that gets no calls. The Host header and the TLS server name stay those of the request's URL. Requests for hosts that
// are not in Config.Hosts take base unchanged.
//
// Base is cloned for each endpoint: its TLS configuration, limits and HTTP/2 settings hold for each; its Proxy is not used, and its dial
// functions are called with the endpoint's address. Nil means http.DefaultTransport with room for 100 idle connections an endpoint.
// The same base gives the same RoundTripper again.
func (s *Service) Transport(base *http.Transport) http.RoundTripper {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.transports, func(t *transport) bool { return t.given == base }); i >= 0 {
		return s.transports[i]
	}
	t := &transport{s: s, base: base, given: base}
	if base == nil {
		t.base = http.DefaultTransport.(*http.Transport).Clone()
		t.base.MaxIdleConns, t.base.MaxIdleConnsPerHost = 0, 100
	}
	t.http2 = wantsHTTP2(t.base)
	for _, h := range s.cfg.Hosts {
		t.hosts = append(t.hosts, hostKey(h))
	}
	s.transports = append(slices.Clone(s.transports), t)
	return t
}

// transport is the RoundTripper.
type transport struct {
	s     *Service
	base  *http.Transport
	given *http.Transport // what Transport was called with
	http2 bool            // base would use HTTP/2 by itself
	hosts []string
	pools sync.Map // *endpoint to *pool
}

// pool is an endpoint's connections. When its endpoint or zone fails, a new one takes over: connections that hang may never be told.
type pool struct {
	generation uint32
	transport  *http.Transport
	users      atomic.Int32 // attempts that are under way, their bodies included
	retired    atomic.Bool  // no further attempt will use it
}

// retire closes the pool's connections: those that are idle now, the others after their last attempt. HTTP/2 would keep these.
func (p *pool) retire() {
	p.retired.Store(true)
	p.transport.CloseIdleConnections()
}

// leave ends an attempt's use of the pool.
func (p *pool) leave() {
	if p.users.Add(-1) == 0 && p.retired.Load() {
		time.AfterFunc(idleAfter, p.transport.CloseIdleConnections)
	}
}

// idleAfter is when a connection is idle after its last attempt, for sure.
const idleAfter = 100 * time.Millisecond

// RoundTrip makes the request, and again where that is safe and may help.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !slices.Contains(t.hosts, hostKey(req.URL.Hostname())) {
		return t.base.RoundTrip(req)
	}
	if t.s.cfg.Hedge.On {
		req = req.Clone(req.Context()) // the attempt that loses may end after the caller has its request back
	}
	c := &httpCall{t: t, req: req, rewindable: retry.Rewindable(req)}
	if !c.rewindable {
		c.once = &onceBody{ReadCloser: req.Body}
	}
	v, err := c.run(req.Context(), t.s, c, req.Method, c.rewindable && retry.Idempotent(req))
	c.closeUnused(v != nil)
	if v == nil {
		return nil, err
	}
	return v.(*http.Response), err
}

// close ends all pools, also those that calls under way make from now on.
func (t *transport) close() {
	t.base.CloseIdleConnections()
	t.pools.Range(func(_, p any) bool {
		p.(*pool).retire()
		return true
	})
}

// hostKey is a host as it is compared: names are the same in any case, and with the dot that makes them absolute.
func hostKey(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the pools.
func (t *transport) CloseIdleConnections() {
	t.base.CloseIdleConnections()
	t.pools.Range(func(_, p any) bool {
		p.(*pool).transport.CloseIdleConnections()
		return true
	})
}

// poolOf returns the endpoint's pool, a new one if the old one is not to be trusted.
func (t *transport) poolOf(e *endpoint) *pool {
	generation := e.generation.Load()
	old, ok := t.pools.Load(e)
	if ok && old.(*pool).generation == generation {
		return old.(*pool)
	}
	fresh := &pool{generation: generation, transport: t.newPool(e)}
	switch {
	case ok && t.pools.CompareAndSwap(e, old, fresh):
		old.(*pool).retire()
	case ok:
		return t.poolOf(e)
	default:
		if now, loaded := t.pools.LoadOrStore(e, fresh); loaded {
			return now.(*pool)
		}
	}
	if t.s.closed.Load() {
		fresh.retired.Store(true)
	}
	return fresh
}

// sweep closes the pools of endpoints that are gone, and of those that failed.
func (t *transport) sweep(known map[*endpoint]bool) {
	t.pools.Range(func(k, v any) bool {
		e, p := k.(*endpoint), v.(*pool)
		if (!known[e] || p.generation != e.generation.Load()) && t.pools.CompareAndDelete(k, v) {
			p.retire()
		}
		return true
	})
}

func (t *transport) newPool(e *endpoint) *http.Transport {
	c := t.base.Clone()
	c.Proxy = nil
	if t.http2 {
		c.ForceAttemptHTTP2 = true
	}
	if c.TLSNextProto["h2"] != nil { // of x/net/http2, whose one pool would serve all endpoints
		c.TLSNextProto, c.ForceAttemptHTTP2 = nil, true
	}
	if c.HTTP2 == nil {
		// A connection that hangs holds all its requests: ask after 5 s of silence whether the other side is there.
		c.HTTP2 = &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 2 * time.Second}
	}
	c.DialContext = t.s.dialTo(e, dialPlain(t.base))
	if dial := dialTLS(t.base); dial != nil {
		c.DialTLSContext = t.s.dialTo(e, dial)
	}
	return c
}

// wantsHTTP2 says whether base would use HTTP/2 by itself, which a dial function turns off. It is asked before the first clone, which sets
// the fields that it reads; a base that was used before has them set already, HTTP/2's among them.
func wantsHTTP2(base *http.Transport) bool {
	if base.TLSNextProto["h2"] != nil {
		return true
	}
	return dialPlain(base) == nil && dialTLS(base) == nil && base.TLSClientConfig == nil && base.TLSNextProto == nil
}

// dialPlain is base's own way to connect, nil for the usual one.
func dialPlain(base *http.Transport) dialFunc {
	return orOld(base.DialContext, base.Dial) //nolint:staticcheck // it still works, so it has to here
}

func dialTLS(base *http.Transport) dialFunc {
	return orOld(base.DialTLSContext, base.DialTLS) //nolint:staticcheck // it still works, so it has to here
}

func orOld(dial dialFunc, old func(network, address string) (net.Conn, error)) dialFunc {
	if dial == nil && old != nil {
		return func(_ context.Context, network, address string) (net.Conn, error) { return old(network, address) }
	}
	return dial
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)
