package affinitygrpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// open begins a stream and returns the address of its server after the first word.
func (c *client) open(ctx context.Context) (string, grpc.ClientStream, error) {
	s, err := c.NewStream(ctx, &desc.Streams[0], feed)
	if err != nil {
		return "", nil, err
	}
	addr, err := say(s)
	return addr, s, err
}

func say(s grpc.ClientStream) (string, error) {
	if err := s.SendMsg(wrapperspb.String("word")); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	out := new(wrapperspb.StringValue)
	err := s.RecvMsg(out)
	return out.GetValue(), err
}

func TestStreams_ChooseTheOwnZoneAndLeaveIt(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	c := newClient(t, sourceOf(own, other), affinity.Config{})
	var streams []grpc.ClientStream
	for range 20 {
		addr, s, err := c.open(t.Context())
		if err != nil || addr != own.addr {
			t.Fatalf("%s, %v", addr, err)
		}
		streams = append(streams, s)
	}
	if other.open.Load() != 0 {
		t.Error("a connection was made to another zone")
	}
	own.stop()
	if _, err := say(streams[0]); err == nil {
		t.Error("a stream outlives its server")
	}
	eventually(t, 5*time.Second, "streams in the other zone", func() bool {
		addr, _, err := c.open(t.Context())
		return err == nil && addr == other.addr
	})
	own.start()
	took := eventually(t, 20*time.Second, "streams in the own zone again", func() bool {
		addr, _, err := c.open(t.Context())
		return err == nil && addr == own.addr
	})
	if took > 10*time.Second {
		t.Errorf("streams were back in the own zone after %v", took)
	}
}

// The length of a stream is not its latency: a zone is not slow because its streams are long.
func TestStreams_LongOnesAreNotSlow(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	c := newClient(t, sourceOf(own, other), affinity.Config{Slow: affinity.Slow{Factor: -1, Duration: 2 * time.Second}})
	var cancels []context.CancelFunc
	for i := range 40 {
		ctx, cancel := context.WithCancel(t.Context())
		_, s, err := c.open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 { // half end well, half are canceled
			cancels = append(cancels, func() { _ = s.CloseSend(); _ = s.RecvMsg(new(wrapperspb.StringValue)); cancel() })
		} else {
			cancels = append(cancels, cancel)
		}
	}
	time.Sleep(2500 * time.Millisecond)
	for _, end := range cancels {
		end()
	}
	for range 50 {
		if addr, _, err := c.open(t.Context()); err != nil || addr != own.addr {
			t.Fatalf("after long streams: %s, %v", addr, err)
		}
	}
	if s := c.service.Stats(); s.Failures != 0 || s.CrossZone != 0 || s.Zones[0].Suspect {
		t.Errorf("%+v", s)
	}
}

// stallable is a proxy in front of a server that can swallow everything, as a network does that loses all packets: connections stay, and
// new ones get no answer.
type stallable struct {
	net.Listener
	to      string
	stalled atomic.Bool
	mu      sync.Mutex
	conns   []net.Conn
	dropped map[net.Conn]bool // what was swallowed on them is lost: they are of no use any more
}

func newStallable(t *testing.T, to string) *stallable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &stallable{Listener: l, to: to, dropped: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", to)
			if err != nil {
				c.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, c, up)
			p.mu.Unlock()
			running.Go(func() { p.copy(up, c, c) })
			running.Go(func() { p.copy(c, up, c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			c.Close()
		}
		p.mu.Unlock()
		running.Wait()
	})
	return p
}

// copy forwards until the proxy swallows something of the connection; from then on nothing passes.
func (p *stallable) copy(to io.Writer, from io.Reader, of net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			of.Close()
			return
		}
		p.mu.Lock()
		if p.stalled.Load() {
			p.dropped[of] = true
		}
		lost := p.dropped[of]
		p.mu.Unlock()
		if lost {
			continue
		}
		if _, err := to.Write(buf[:n]); err != nil {
			of.Close()
			return
		}
	}
}

// A zone that swallows packets leaves connections behind which never work again. They are replaced, so that its recovery is found out.
func TestClient_RecoversFromAZoneThatSwallowsEverything(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	proxy := newStallable(t, own.addr)
	from := &source{answer: discover.Answer{Endpoints: []discover.Endpoint{{Addr: proxy.Addr().String(), Zone: "apne2-az1"}, other.endpoint()}}}
	c := newClient(t, from, affinity.Config{AttemptTimeout: 200 * time.Millisecond})
	for range 50 {
		if got := c.mustCall(t, get); got != own.addr {
			t.Fatalf("answered by %s", got)
		}
	}
	proxy.stalled.Store(true)
	stop := load(t, c)
	time.Sleep(3 * time.Second)
	proxy.stalled.Store(false)
	was := own.calls.Load()
	took := eventually(t, 30*time.Second, "calls in the own zone again", func() bool { return own.calls.Load() > was+100 })
	calls, failed, last := stop()
	if took > 10*time.Second || failed > calls/100 {
		t.Errorf("calls were back after %v; %d of %d failed, the last with %v", took, failed, calls, last)
	}
	t.Logf("100 calls were back after %v; %d of %d failed", took, failed, calls)
}

// Streams that wait for news, as watches do, are no calls without an answer: their zone is not silent.
func TestStreams_IdleOnesAreNotSilence(t *testing.T) {
	own, other := newServer(t, "apne2-az1"), newServer(t, "apne2-az2")
	c := newClient(t, sourceOf(own, other), affinity.Config{})
	for i := range 30 {
		addr, _, err := c.open(t.Context())
		if err != nil || addr != own.addr {
			t.Fatalf("stream %d: %s, %v; %+v", i, addr, err, c.service.Stats().Zones)
		}
		if i > 12 {
			time.Sleep(110 * time.Millisecond)
		}
	}
}
