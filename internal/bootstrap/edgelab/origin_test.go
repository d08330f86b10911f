//go:build linux

package edgelab_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

const (
	originName = "api.example.com"
	originPort = 80
	// work is how long the origin thinks about a request.
	work = 3 * time.Millisecond
)

// node is the nth address of the origin.
func node(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 30, 0, byte(10 + n)}) }

func nodes(n ...int) (a []netip.Addr) {
	for _, i := range n {
		a = append(a, node(i))
	}
	return a
}

// world is a proxy's machine and an origin, joined by a cable, with a DNS server beside the proxy.
type world struct {
	edge, origin *lab.Namespace
	cable        *lab.Relay
	dns          *nameServer
	handler      http.Handler
	tls          *tls.Config // of nodes that are added from now on; nil: they speak plain HTTP

	mu       sync.Mutex
	running  map[netip.Addr]*http.Server
	accepted int
	conns    map[net.Conn]netip.Addr
}

// newWorld has nodes 1 and 2 as origin, which are what DNS says. Handler nil answers with the node's address.
func newWorld(t *testing.T, oneWay time.Duration, handler http.Handler) *world {
	t.Helper()
	w := &world{running: map[netip.Addr]*http.Server{}, conns: map[net.Conn]netip.Addr{}, handler: handler}
	if handler == nil {
		w.handler = http.HandlerFunc(answerAddress)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	w.edge, err = lab.NewNamespace()
	must(err)
	w.origin, err = lab.NewNamespace()
	must(err)
	t.Cleanup(func() { _ = w.edge.Close(); _ = w.origin.Close() })
	w.cable, err = lab.Cable{A: w.edge, B: w.origin, Device: "t0", Delay: oneWay}.Connect()
	must(err)
	t.Cleanup(func() { _ = w.cable.Close() })
	must(w.edge.IP("address add 10.30.0.1/24 dev t0"))
	must(w.origin.IP("address add 10.30.0.2/24 dev t0"))
	w.dns = newNameServer(t, w.edge, originName)
	w.dns.say(willing, nodes(1, 2)...)
	must(w.add(1))
	must(w.add(2))
	t.Cleanup(func() {
		for n := range 10 {
			_ = w.kill(n)
		}
	})
	return w
}

func answerAddress(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	time.Sleep(work)
	_, _ = fmt.Fprintln(w, r.Context().Value(http.LocalAddrContextKey))
}

// add brings a node into service.
func (w *world) add(n int) error {
	if err := w.origin.IP(fmt.Sprintf("address add %s/24 dev t0", node(n))); err != nil {
		return err
	}
	var l net.Listener
	err := w.origin.Do(func() (err error) {
		l, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp4", netip.AddrPortFrom(node(n), originPort).String())
		return err
	})
	if err != nil {
		return err
	}
	s := &http.Server{Handler: w.handler, ConnState: func(c net.Conn, state http.ConnState) { w.note(n, c, state) }, ReadHeaderTimeout: time.Minute}
	w.mu.Lock()
	w.running[node(n)] = s
	w.mu.Unlock()
	if w.tls != nil {
		l = tls.NewListener(l, w.tls)
	}
	go func() { _ = s.Serve(l) }()
	return nil
}

func (w *world) note(n int, c net.Conn, state http.ConnState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch state {
	case http.StateNew:
		w.accepted++
		w.conns[c] = node(n)
	case http.StateClosed, http.StateHijacked:
		delete(w.conns, c)
	}
}

// kill takes a node out of this world: its connections are reset, and nothing answers at its address any more.
func (w *world) kill(n int) error {
	w.mu.Lock()
	s := w.running[node(n)]
	delete(w.running, node(n))
	for c, a := range w.conns {
		if tcp, ok := c.(*net.TCPConn); ok && a == node(n) {
			_ = tcp.SetLinger(0)
		}
	}
	w.mu.Unlock()
	if s == nil {
		return nil
	}
	_ = s.Close()
	return w.origin.IP(fmt.Sprintf("address del %s/24 dev t0", node(n)))
}

// connections is how many the origin has accepted.
func (w *world) connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.accepted
}

// client talks to the proxy from beside it.
func (w *world) client() *http.Client {
	t := &http.Transport{MaxIdleConnsPerHost: 1000, DialContext: w.dial}
	return &http.Client{Transport: t, Timeout: 8 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (w *world) dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	err = w.edge.Do(func() (err error) {
		c, err = (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, address)
		return err
	})
	return c, err
}
