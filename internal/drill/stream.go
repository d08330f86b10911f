package drill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// Limits of a stream: what it records stays in memory, and a source answers by default at most 200 requests a second.
const (
	MaxFlows  = 256
	MaxProbes = 2_000_000
)

// StreamConfig says what a Stream sends. Zero values are the defaults given here.
type StreamConfig struct {
	// Target is a UDP echo server: pathproof probe serve --udp, or probe.Server. Required. It must allow as many requests
	// a second as all flows send together (its --rate and --burst).
	Target netip.AddrPort

	// Source is the address that the flows come from (the kernel's choice).
	Source netip.Addr

	// Ports are the source ports, one for each flow (consecutive ones from FirstPort, or else such that the kernel gives
	// out). They stay the same for the whole measurement.
	Ports     []uint16
	FirstPort uint16

	// Flows is how many flows there are (as many as Ports, or 16), at most MaxFlows.
	Flows int

	// Interval is the time from one probe of a flow to its next (100ms). Flows take turns, evenly spread over it, or all send
	// at once if Together is set: that wakes the machine less often, where it is slow to wake.
	Interval time.Duration
	Together bool

	// Most is the longest that Run sends (10m). Flows, Interval and Most together are at most MaxProbes.
	Most time.Duration

	// Wait is how long Run waits for answers after the last probe (1s).
	Wait time.Duration
}

func (c StreamConfig) withDefaults() StreamConfig {
	setDefault(&c.Flows, len(c.Ports))
	setDefault(&c.Flows, 16)
	setDefault(&c.Interval, 100*time.Millisecond)
	setDefault(&c.Most, 10*time.Minute)
	setDefault(&c.Wait, time.Second)
	return c
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

func (c StreamConfig) check() error {
	switch {
	case !c.Target.IsValid() || c.Target.Port() == 0:
		return errors.New("stream: no target; give the address and port of a UDP echo server")
	case c.Flows < 1 || c.Flows > MaxFlows:
		return fmt.Errorf("stream: flows out of range, got %d; use 1 to %d", c.Flows, MaxFlows)
	case len(c.Ports) > 0 && len(c.Ports) != c.Flows:
		return fmt.Errorf("stream: one source port for each flow, got %d ports for %d flows; leave one of them out", len(c.Ports), c.Flows)
	case c.FirstPort > 0 && int(c.FirstPort)+c.Flows > 1<<16:
		return fmt.Errorf("stream: source ports end at 65535, got %d flows from %d; begin lower", c.Flows, c.FirstPort)
	case c.Interval < time.Millisecond:
		return fmt.Errorf("stream: interval too short, got %s; use 1ms or more", c.Interval)
	case c.Most < c.Interval || c.Wait < 0:
		return fmt.Errorf("stream: nothing would be sent or awaited, got %s in all and %s at the end; use longer times", c.Most, c.Wait)
	case int64(c.Flows)*int64(c.Most/c.Interval) > MaxProbes:
		return fmt.Errorf("stream: more than %d probes, got %d flows every %s for %s; measure for less time", MaxProbes, c.Flows, c.Interval, c.Most)
	}
	return nil
}

// Stream is a set of UDP flows. Its sockets belong to the network namespace that Open was called in. They are not connected:
// packets of a connected socket carry a random hash of it, by which Linux routers on the same machine choose next hops in
// place of addresses and ports.
type Stream struct {
	config StreamConfig
	conns  []*net.UDPConn
	nonce  uint64 // upper half of all nonces: an answer to an earlier stream is none to this one
	flows  []series

	skipped, limited atomic.Int64
	lag              time.Duration // the latest that a probe was; of the sender
}

// series is one flow. Times are since the stream started; an index is a sequence number.
type series struct {
	mu   sync.Mutex
	sent []time.Duration
	got  []time.Duration // 0: no answer
}

// Open makes the sockets.
func Open(config StreamConfig) (*Stream, error) {
	c := config.withDefaults()
	c.Target = netip.AddrPortFrom(c.Target.Addr().Unmap(), c.Target.Port())
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Stream{config: c, nonce: uint64(rand.Uint32()) << 32, flows: make([]series, c.Flows)}
	for i := range c.Flows {
		conn, err := net.ListenUDP(c.network(), &net.UDPAddr{IP: c.Source.AsSlice(), Port: c.port(i)})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("stream: flow %d: %w", i+1, err), s.Close())
		}
		s.conns = append(s.conns, conn)
	}
	return s, nil
}

func (c StreamConfig) network() string {
	if c.Target.Addr().Is4() {
		return "udp4"
	}
	return "udp6"
}

// port returns the source port of a flow, 0 for whichever is free.
func (c StreamConfig) port(flow int) int {
	switch {
	case len(c.Ports) > 0:
		return int(c.Ports[flow])
	case c.FirstPort > 0:
		return int(c.FirstPort) + flow
	}
	return 0
}

// Close closes the sockets.
func (s *Stream) Close() error {
	var errs []error
	for _, c := range s.conns {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Run sends until ctx is done or the longest time has passed, waits for late answers, and closes the sockets. That ctx
// is done is no error: it is how a measurement ends.
func (s *Stream) Run(ctx context.Context) *Recording {
	start := time.Now()
	var wg sync.WaitGroup
	for i := range s.conns {
		wg.Go(func() { s.receive(i, start) })
	}
	s.send(ctx, start)
	for _, c := range s.conns {
		_ = c.SetReadDeadline(time.Now().Add(s.config.Wait))
	}
	wg.Wait()
	_ = s.Close()
	return s.recording(start)
}

// send sends by a schedule that does not drift: probe k is due k spacings after the start, however late the one before
// was. What is late by a whole interval is left out: a burst would tell nothing about the path.
func (s *Stream) send(ctx context.Context, start time.Time) {
	turns := len(s.conns)
	if s.config.Together {
		turns = 1
	}
	spacing := s.config.Interval / time.Duration(turns)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for k := 0; ; k++ {
		due := time.Duration(k) * spacing
		if due >= s.config.Most {
			return
		}
		timer.Reset(time.Until(start.Add(due)))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		for flow := k % turns; flow < len(s.conns); flow += turns {
			late := time.Since(start) - due
			s.lag = max(s.lag, late)
			if late > s.config.Interval {
				s.skipped.Add(1)
				continue
			}
			s.probe(flow, start)
		}
	}
}

func (s *Stream) probe(flow int, start time.Time) {
	f := &s.flows[flow]
	f.mu.Lock()
	sequence := len(f.sent)
	f.sent = append(f.sent, time.Since(start))
	f.got = append(f.got, 0)
	f.mu.Unlock()
	// An error is what it is to an application: the probe does not arrive.
	_, _ = s.conns[flow].WriteToUDPAddrPort(probe.NewEchoRequest(s.nonce|uint64(sequence)), s.config.Target)
}

// receive notes answers until the deadline that Run sets at the end.
func (s *Stream) receive(flow int, start time.Time) {
	f := &s.flows[flow]
	b := make([]byte, probe.EchoSize+1) // one byte more shows what is too long
	for {
		n, peer, err := s.conns[flow].ReadFromUDPAddrPort(b)
		at := time.Since(start)
		if err != nil {
			return
		}
		nonce, limited, ok := probe.EchoNonce(b[:n])
		if !ok || peer != s.config.Target || nonce&^(1<<32-1) != s.nonce {
			continue
		}
		if limited {
			s.limited.Add(1)
			continue
		}
		f.mu.Lock()
		if i := int(uint32(nonce)); i < len(f.got) && f.got[i] == 0 { // a duplicate is no second answer
			f.got[i] = at
		}
		f.mu.Unlock()
	}
}
