package vpntest

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
)

// Path is a way to a UDP echo server that can lose flows, as a tunnel that is replaced does.
type Path struct {
	// Addr is where flows go to.
	Addr netip.AddrPort

	front  *net.UDPConn
	server netip.AddrPort
	dead   atomic.Bool
	mu     sync.Mutex
	flows  map[netip.AddrPort]*flow
}

// flow is a client of a path.
type flow struct {
	index int
	back  *net.UDPConn
}

// NewPath makes a path on the loopback interface until the test ends.
func NewPath(t *testing.T) *Path {
	t.Helper()
	s, err := probe.Listen(probe.ServerConfig{UDP: "127.0.0.1:0", Rate: 1e6, Burst: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &Path{Addr: front.LocalAddr().(*net.UDPAddr).AddrPort(), front: front, server: s.UDPAddr(), flows: map[netip.AddrPort]*flow{}}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Serve(ctx) }) // it ends by stop
	running.Go(p.forward)
	t.Cleanup(func() {
		stop()
		_ = front.Close()
		p.mu.Lock()
		for _, f := range p.flows {
			_ = f.back.Close()
		}
		p.mu.Unlock()
		running.Wait()
	})
	return p
}

// Fail makes the path lose every second flow, or carry all again.
func (p *Path) Fail(dead bool) { p.dead.Store(dead) }

// forward carries packets there, until the socket is closed.
func (p *Path) forward() {
	b := make([]byte, 2048)
	for {
		n, from, err := p.front.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		f := p.flow(from)
		if f == nil || p.dead.Load() && f.index%2 == 1 {
			continue
		}
		_, _ = f.back.Write(b[:n]) // a path loses what it cannot carry
	}
}

// flow finds or makes the flow of a client, nil if that fails.
func (p *Path) flow(from netip.AddrPort) *flow {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.flows[from]; f != nil {
		return f
	}
	back, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(p.server))
	if err != nil {
		return nil
	}
	f := &flow{len(p.flows), back}
	p.flows[from] = f
	go func() {
		b := make([]byte, 2048)
		for {
			n, err := back.Read(b)
			if err != nil {
				return
			}
			_, _ = p.front.WriteToUDPAddrPort(b[:n], from)
		}
	}()
	return f
}
