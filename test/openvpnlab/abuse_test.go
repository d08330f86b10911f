//go:build linux

package openvpnlab

import (
	"crypto/rand"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

// standsAbuse: while a stranger sends garbage, scans ports and holds half-open handshakes, who is connected stays connected, and
// somebody else gets in.
func (s *show) standsAbuse(t *testing.T) {
	bad, other := namespace(t), namespace(t)
	s.connect(t, bad, stranger, time.Millisecond, "203.0.113.0/24")
	s.connect(t, other, "198.51.100.4", 2*time.Millisecond, "203.0.113.0/24")
	alice := dial(t, s.person, s.profile("alice", "seoul", overTCP))
	alice.up(1, patience)
	before := s.server.must("sh", "-c", "systemctl show -p NRestarts --value pathproof-openvpn@tcp pathproof-openvpn@udp")
	a := &abuse{t: t, from: bad}
	a.halfOpen(400)
	a.datagrams(5000)
	a.scan(1500)
	t.Logf("a stranger opened %d connections, sent %d datagrams and %d bytes of garbage, and scanned %d ports", a.opened.Load(), a.datagram.Load(), a.bytes.Load(), a.scanned.Load())
	if a.opened.Load() < 100 {
		t.Errorf("only %d connections were open: that is no flood", a.opened.Load())
	}
	carol := dial(t, other, s.profile("carol", "seoul", overTCP))
	t.Logf("carol is in after %s", carol.up(1, patience).Round(time.Millisecond))
	dave := dial(t, other, s.profile("dave", "seoul", overUDP), "--dev", "tun1")
	t.Logf("dave is in over UDP after %s", dave.up(1, patience).Round(time.Millisecond))
	check(t, reach(t, s.person), reach(t, other))
	if n := alice.said(connected); n != 1 {
		t.Errorf("alice had to connect %d times", n)
	}
	if after := s.server.must("sh", "-c", "systemctl show -p NRestarts --value pathproof-openvpn@tcp pathproof-openvpn@udp"); after != before {
		t.Errorf("OpenVPN was restarted: %s, before %s", strings.Fields(after), strings.Fields(before))
	}
	for _, c := range []*client{alice, carol, dave} {
		c.stop()
	}
	a.end()
}

// abuse is what a stranger does.
type abuse struct {
	t                                *testing.T
	from                             *lab.Namespace
	open                             []net.Conn
	opened, datagram, bytes, scanned atomic.Int64
}

// halfOpen opens connections, sends garbage on every other one, and leaves them open.
func (a *abuse) halfOpen(n int) {
	garbage := make([]byte, 300)
	_, _ = rand.Read(garbage)
	garbage[0], garbage[1] = 0, 100 // a length that OpenVPN would believe
	check(a.t, a.from.Do(func() error {
		for i := range n {
			c, err := net.DialTimeout("tcp", elastic+":1194", 300*time.Millisecond)
			if err != nil {
				continue // the packet filter has had enough of this address
			}
			a.open = append(a.open, c)
			a.opened.Add(1)
			if i%2 == 0 {
				_, _ = c.Write(garbage)
				a.bytes.Add(int64(len(garbage)))
			}
		}
		return nil
	}))
}

func (a *abuse) datagrams(n int) {
	garbage := make([]byte, 400)
	check(a.t, a.from.Do(func() error {
		c, err := net.Dial("udp", elastic+":1194")
		if err != nil {
			return err
		}
		defer c.Close()
		for range n {
			_, _ = rand.Read(garbage)
			garbage[0] = 0x50 // P_CONTROL_HARD_RESET_CLIENT_V3, which begins a tls-crypt-v2 handshake
			if _, err := c.Write(garbage); err == nil {
				a.datagram.Add(1)
			}
		}
		return nil
	}))
}

func (a *abuse) scan(ports int) {
	check(a.t, a.from.Do(func() error {
		for port := 1; port <= ports; port++ {
			c, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", elastic, port), 20*time.Millisecond)
			if err == nil {
				_ = c.Close()
			}
			a.scanned.Add(1)
		}
		return nil
	}))
}

func (a *abuse) end() {
	for _, c := range a.open {
		_ = c.Close()
	}
}

// standsFloodOfAnEdge: everybody who comes by one edge of an accelerator has its address. One of them begins 400 connections a second and
// goes no further with any of them; another one gets in all the same.
func (s *show) standsFloodOfAnEdge(t *testing.T) {
	edge := namespace(t)
	s.connect(t, edge, "198.51.100.7", time.Millisecond, "203.0.113.0/24")
	f := &flood{t: t, from: edge, to: elastic + ":1195", each: 8, every: 20 * time.Millisecond}
	f.start()
	// By then it has used up what one address may begin at once, here and elsewhere.
	before := eventually(t, "1000 connections are open", within, func() bool { return f.opened.Load() >= 1000 })
	through := overTCP
	through.Port = 1195
	began := time.Now()
	c := dial(t, edge, s.profile("alice", "seoul", through))
	took := c.up(1, within)
	check(t, reach(t, edge))
	memory := s.server.must("sh", "-c", "grep VmRSS /proc/$(systemctl show -p MainPID --value pathproof-openvpn@tcp)/status")
	opened := f.stop()
	t.Logf("from the same address %d connections were tried and %d were begun in %s; alice was in after %s; OpenVPN had %s", f.tried.Load(), opened, (time.Since(began) + before).Round(time.Second),
		took.Round(time.Millisecond), memory)
	c.stop()
}

// flood begins connections at a steady rate and leaves them open.
type flood struct {
	t     *testing.T
	from  *lab.Namespace
	to    string
	each  int
	every time.Duration

	tried, opened atomic.Int64
	done          chan struct{}
	all           sync.WaitGroup
}

func (f *flood) start() {
	f.done = make(chan struct{})
	f.all.Go(func() {
		tick := time.NewTicker(f.every)
		defer tick.Stop()
		for {
			select {
			case <-f.done:
				return
			case <-tick.C:
				for range f.each {
					f.tried.Add(1)
					f.all.Go(f.one)
				}
			}
		}
	})
}

// one opens one connection and waits for the end.
func (f *flood) one() {
	var c net.Conn
	if err := f.from.Do(func() (err error) { c, err = net.DialTimeout("tcp", f.to, 300*time.Millisecond); return err }); err != nil {
		return
	}
	f.opened.Add(1)
	<-f.done
	_ = c.Close()
}

func (f *flood) stop() int64 {
	close(f.done)
	f.all.Wait()
	return f.opened.Load()
}
