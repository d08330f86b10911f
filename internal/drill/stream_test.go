package drill

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func serveEcho(t *testing.T, config probe.ServerConfig) netip.AddrPort {
	t.Helper()
	config.UDP = "127.0.0.1:0"
	s, err := probe.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s.UDPAddr()
}

func record(t *testing.T, config StreamConfig) *Recording {
	t.Helper()
	s, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	return s.Run(t.Context())
}

func TestStream_EveryFlowKeepsItsPortAndRate(t *testing.T) {
	for _, together := range []bool{false, true} {
		everyFlow(t, together)
	}
}

func everyFlow(t *testing.T, together bool) {
	t.Helper()
	var arrived Arrivals
	target := serveEcho(t, probe.ServerConfig{OnUDP: arrived.Note})
	r := record(t, StreamConfig{Target: target, Flows: 8, Interval: 40 * ms, Most: 400 * ms, Together: together})
	flows := r.Flows()
	if len(flows) != 8 {
		t.Fatalf("%d flows recorded, want 8", len(flows))
	}
	arrived.Explain(flows)
	for _, f := range flows {
		if f.Sent+r.Skipped < 10 || f.Sent > 10 || f.Lost != 0 || *f.LostForward != 0 || arrived.Of(f.Port) != f.Sent {
			t.Errorf("%+v, the server saw %d, %d skipped; want 10 sent and none lost", f, arrived.Of(f.Port), r.Skipped)
		}
	}
}

// An answer to an earlier stream from the same port is none, and neither is one that comes twice.
func TestStream_ForeignAnswers(t *testing.T) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		b := make([]byte, probe.EchoSize)
		for n := 0; ; n++ {
			_, peer, err := c.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			copy(b, "PPa1")
			if n%2 == 0 {
				b[4] ^= 1 // the upper half of the nonce
			}
			_, _ = c.WriteToUDPAddrPort(b, peer)
			_, _ = c.WriteToUDPAddrPort(b, peer)
		}
	}()
	target, _ := netip.ParseAddrPort(c.LocalAddr().String())
	r := record(t, StreamConfig{Target: target, Flows: 1, Interval: 10 * ms, Most: 100 * ms, Wait: 50 * ms})
	if f := r.Flows()[0]; f.Received != f.Sent/2 {
		t.Errorf("got %+v; every other answer was to somebody else", f)
	}
}

// A server's refusal is no answer.
func TestStream_Refusals(t *testing.T) {
	target := serveEcho(t, probe.ServerConfig{Rate: 0.001, Burst: 3})
	r := record(t, StreamConfig{Target: target, Flows: 1, Interval: 5 * ms, Most: 50 * ms, Wait: 100 * ms})
	if f := r.Flows()[0]; f.Received != 3 || r.Limited == 0 {
		t.Errorf("received %d, limited %d; want 3 received and the rest refused", f.Received, r.Limited)
	}
}

func TestStream_NobodyListens(t *testing.T) {
	r := record(t, StreamConfig{Target: netip.MustParseAddrPort("127.0.0.1:9"), Flows: 2, Interval: 10 * ms, Most: 60 * ms, Wait: ms})
	for _, f := range r.Flows() {
		if f.Sent == 0 || f.Lost != f.Sent || f.Silence == 0 {
			t.Errorf("got %+v, want all lost and a silence", f)
		}
	}
}

func TestStream_EndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var seen atomic.Int64
	target := serveEcho(t, probe.ServerConfig{OnUDP: func(netip.AddrPort) {
		if seen.Add(1) == 5 {
			stop()
		}
	}})
	s, err := Open(StreamConfig{Target: target, Flows: 1, Interval: 10 * ms, Wait: 50 * ms})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	r := s.Run(ctx)
	if f := r.Flows()[0]; f.Received < 5 || time.Since(begin) > 30*time.Second {
		t.Errorf("got %+v after %s", f, time.Since(begin))
	}
}

func TestOpen_SaysWhatIsWrong(t *testing.T) {
	target := netip.MustParseAddrPort("127.0.0.1:7007")
	tests := []struct {
		config StreamConfig
		want   string
	}{
		{StreamConfig{}, "no target"},
		{StreamConfig{Target: target, Flows: -1}, "flows out of range, got -1"},
		{StreamConfig{Target: target, Ports: []uint16{20000, 20001}, Flows: 3}, "got 2 ports for 3 flows"},
		{StreamConfig{Target: target, FirstPort: 65530}, "source ports end at 65535"},
		{StreamConfig{Target: target, Interval: time.Microsecond}, "interval too short"},
		{StreamConfig{Target: target, Most: time.Millisecond}, "nothing would be sent"},
		{StreamConfig{Target: target, Most: 1000 * time.Hour}, "more than 2000000 probes"},
	}
	for _, test := range tests {
		if _, err := Open(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %v, want %q", test.config, err, test.want)
		}
	}
}
