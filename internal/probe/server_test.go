package probe_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// serve runs a server on loopback until the test ends. Every protocol is served, unless the configuration names one.
func serve(t *testing.T, c probe.ServerConfig) *probe.Server {
	t.Helper()
	if c.TCP == "" && c.UDP == "" && c.HTTP == "" {
		c.TCP, c.UDP, c.HTTP = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	}
	s, err := probe.Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the server did not end")
		}
	})
	return s
}

func TestEcho_TellsWhomItSawAndWhereItRuns(t *testing.T) {
	s := serve(t, probe.ServerConfig{AZID: "apne2-az1"})
	for _, p := range []probe.Prober{
		&probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())},
		&probe.UDPEcho{Endpoint: endpoint(s.UDPAddr())},
	} {
		o := prepared(t, p).Probe(within(t, time.Second), probe.Shot{})
		if !o.OK() {
			t.Errorf("%s: %v", p.Kind(), o.Failure)
			continue
		}
		if o.Observed != o.Local || !o.Observed.IsValid() {
			t.Errorf("%s: the target saw %s, we are %s", p.Kind(), o.Observed, o.Local)
		}
		if o.ServedBy != "apne2-az1" {
			t.Errorf("%s: served by %q", p.Kind(), o.ServedBy)
		}
		if o.Phases.Wait < 1 || o.Phases.Wait > o.Elapsed {
			t.Errorf("%s: waited %d us of %d us", p.Kind(), o.Phases.Wait, o.Elapsed)
		}
	}
}

func TestEcho_OverIPv6(t *testing.T) {
	s, err := probe.Listen(probe.ServerConfig{TCP: "[::1]:0"})
	if err != nil {
		t.Skip("no IPv6 on loopback: ", err)
	}
	s.Close()
	s = serve(t, probe.ServerConfig{TCP: "[::1]:0"})
	o := prepared(t, &probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())}).Probe(within(t, time.Second), probe.Shot{})
	if !o.OK() || o.Observed != o.Local {
		t.Errorf("got %+v", o)
	}
}

func TestServer_SendsNoMoreThanItGot(t *testing.T) {
	s := serve(t, probe.ServerConfig{AZID: strings.Repeat("long", 30)})
	good := append([]byte("PPq1"), make([]byte, probe.EchoSize-4)...)
	for name, request := range map[string][]byte{
		"request":        good,
		"half a request": good[:probe.EchoSize/2],
		"longer":         append(good, 0),
		"not ours":       []byte(strings.Repeat("x", probe.EchoSize)),
		"empty":          {},
	} {
		want := 0
		if name == "request" {
			want = probe.EchoSize
		}
		c, err := net.Dial("udp", s.UDPAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(50 * time.Millisecond))
		_, _ = c.Write(request)
		n, _ := c.Read(make([]byte, 1000))
		c.Close()
		if n != want {
			t.Errorf("UDP, %s of %d bytes: got %d bytes back, want %d", name, len(request), n, want)
		}

		c, err = net.Dial("tcp", s.TCPAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write(request)
		_ = c.(*net.TCPConn).CloseWrite()
		b, _ := io.ReadAll(c)
		c.Close()
		if name == "longer" { // on a stream the first 64 bytes are a request
			want = probe.EchoSize
		}
		if len(b) != want {
			t.Errorf("TCP, %s of %d bytes: got %d bytes back, want %d", name, len(request), len(b), want)
		}
	}
}

func TestServer_Whoami(t *testing.T) {
	s := serve(t, probe.ServerConfig{Region: "ap-northeast-2", AZID: "apne2-az1", Instance: "i-0a"})
	answer, err := http.Get("http://" + s.HTTPAddr().String() + "/whoami")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var who probe.Whoami
	if err := json.NewDecoder(answer.Body).Decode(&who); err != nil {
		t.Fatal(err)
	}
	if who.Region != "ap-northeast-2" || who.AZID != "apne2-az1" || who.Instance != "i-0a" || who.Peer.Addr() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("got %+v", who)
	}
	for name, want := range map[string]string{"X-Region": who.Region, "X-AZ-ID": who.AZID, "X-Instance": who.Instance} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	other, err := http.Get("http://" + s.HTTPAddr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	other.Body.Close()
	if other.StatusCode != http.StatusNotFound {
		t.Errorf("GET /: got %s, want 404", other.Status)
	}
}

func TestServer_LimitsEachSource(t *testing.T) {
	s := serve(t, probe.ServerConfig{Rate: 0.001, Burst: 3})
	flood := prepared(t, &probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())})
	for i := range 5 {
		o := flood.Probe(within(t, time.Second), probe.Shot{})
		if i < 3 != o.OK() {
			t.Errorf("request %d: got %v", i, o.Failure)
		}
		if i >= 3 {
			wantFailure(t, o, probe.Limited, "wait")
		}
	}
	e := endpoint(s.TCPAddr())
	e.Source = netip.MustParseAddr("127.0.0.2")
	if o := prepared(t, &probe.TCPEcho{Endpoint: e}).Probe(within(t, time.Second), probe.Shot{}); !o.OK() {
		t.Errorf("another source: %v", o.Failure)
	}
	got := s.Stats()
	for begin := time.Now(); got.Answered != 4 && time.Since(begin) < 10*time.Second; got = s.Stats() {
		time.Sleep(time.Millisecond) // an answer is counted after it was sent
	}
	if got.Answered != 4 || got.Limited != 2 {
		t.Errorf("got %+v", got)
	}
	answer, err := http.Get("http://" + s.HTTPAddr().String() + "/whoami")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("HTTP: got %s, want 429", answer.Status)
	}
}

// A peer that sends a byte now and then, or none, must not keep a seat.
func TestServer_EndsSlowPeers(t *testing.T) {
	s := serve(t, probe.ServerConfig{Deadline: 100 * time.Millisecond})
	request := append([]byte("PPq1"), make([]byte, probe.EchoSize-4)...)
	for name, address := range map[string]netip.AddrPort{"echo": s.TCPAddr(), "HTTP": s.HTTPAddr()} {
		c, err := net.Dial("tcp", address.String())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		go func() {
			drip := time.NewTicker(20 * time.Millisecond)
			defer drip.Stop()
			for i := 0; ; i++ { // requests that never end in time
				<-drip.C
				if _, err := c.Write(request[i%len(request):][:1]); err != nil {
					return
				}
			}
		}()
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.Copy(io.Discard, c); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: still open after %s", name, time.Since(start))
		}
		c.Close()
	}
}

func TestServer_BoundsConnections(t *testing.T) {
	s := serve(t, probe.ServerConfig{TCP: "127.0.0.1:0", Connections: 2})
	var held []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", s.TCPAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	p := prepared(t, &probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())})
	wantFailure(t, p.Probe(within(t, 100*time.Millisecond), probe.Shot{}), probe.Timeout, "wait")
	held[0].Close()
	if o := p.Probe(within(t, 2*time.Second), probe.Shot{}); !o.OK() {
		t.Errorf("after a seat was freed: %v", o.Failure)
	}
}

func TestServer_EndsWhileConnectionsAreOpen(t *testing.T) {
	s, err := probe.Listen(probe.ServerConfig{TCP: "127.0.0.1:0", UDP: "127.0.0.1:0", HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	for _, a := range []netip.AddrPort{s.TCPAddr(), s.HTTPAddr()} {
		c, err := net.Dial("tcp", a.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if o := prepared(t, &probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())}).Probe(within(t, time.Second), probe.Shot{}); !o.OK() {
		t.Fatal(o.Failure)
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(4 * time.Second):
		t.Error("still serving after 4 s")
	}
}

func TestListen_Refuses(t *testing.T) {
	if _, err := probe.Listen(probe.ServerConfig{}); err == nil {
		t.Error("a server of nothing is no error")
	}
	if _, err := probe.Listen(probe.ServerConfig{TCP: "127.0.0.1:0", UDP: "192.0.2.1:7"}); err == nil {
		t.Error("an address that is not ours is no error")
	}
}

// The limit of our own server is no loss of the path, over TCP and UDP.
func TestServer_SaysThatItLimits(t *testing.T) {
	s := serve(t, probe.ServerConfig{Rate: 0.001, Burst: 5})
	udp := endpoint(s.UDPAddr())
	udp.Source = netip.MustParseAddr("127.0.0.2")
	res, err := probe.Run(t.Context(), probe.Plan{Count: 9, Warmup: -1, Interval: 5 * time.Millisecond, Timeout: 200 * time.Millisecond, Paths: []probe.Path{
		{Name: "tcp", Prober: &probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())}}, {Name: "udp", Prober: &probe.UDPEcho{Endpoint: udp}},
		{Name: "denied", Prober: &probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())}, Expect: probe.ExpectNever},
	}})
	if err != nil {
		t.Fatal(err)
	}
	tcp, datagrams := res.Paths[0], res.Paths[1]
	if tcp.Limited == 0 || tcp.Sent != tcp.OK || tcp.Invalid != 0 || tcp.FailPct != 0 || tcp.Sent+tcp.Limited != 9 {
		t.Errorf("tcp: got sent %d, ok %d, limited %d, invalid %d, %v", tcp.Sent, tcp.OK, tcp.Limited, tcp.Invalid, tcp.Errors)
	}
	if datagrams.OK != 5 || datagrams.Limited != 4 || datagrams.Sent != 5 {
		t.Errorf("udp: got sent %d, ok %d, limited %d, %v", datagrams.Sent, datagrams.OK, datagrams.Limited, datagrams.Errors)
	}
	if d := res.Paths[2].Denial; d.Held || d.Connected != 9 {
		t.Errorf("a limit is an answer: got %+v", d)
	}
}
