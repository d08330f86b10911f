package probe_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// within returns a context for one probe.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// listen accepts and holds connections until the test ends, handing each to handle.
func listen(t *testing.T, handle func(*net.TCPConn)) netip.AddrPort {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			handle(c)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func endpoint(a netip.AddrPort) probe.Endpoint {
	return probe.Endpoint{Host: a.Addr().String(), Port: a.Port()}
}

// prepared fails the test if the prober cannot be prepared.
func prepared(t *testing.T, p probe.Prober) probe.Prober {
	t.Helper()
	if err := p.Prepare(within(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func wantFailure(t *testing.T, o probe.Outcome, class probe.Class, op string) {
	t.Helper()
	if o.Failure == nil {
		t.Fatalf("the probe succeeded, want %s at %s", class, op)
	}
	if o.Failure.Class != class || o.Failure.Op != op {
		t.Errorf("got %s at %s (%s), want %s at %s", o.Failure.Class, o.Failure.Op, o.Failure.Detail, class, op)
	}
}

func TestTCP_TimesByTheKernel(t *testing.T) {
	p := prepared(t, &probe.TCP{Endpoint: endpoint(listen(t, func(c *net.TCPConn) { c.Close() }))})
	o := p.Probe(within(t, time.Second), probe.Shot{})
	if !o.OK() {
		t.Fatal(o.Failure)
	}
	want := probe.TimingUserspace
	if runtime.GOOS == "linux" {
		want = probe.TimingKernel
	}
	if o.Timing != want {
		t.Errorf("got timing %s, want %s", o.Timing, want)
	}
	if o.Phases.Connect < 1 || o.Phases.Connect > o.Elapsed {
		t.Errorf("connect took %d us of %d us", o.Phases.Connect, o.Elapsed)
	}
	if o.SYNRetransmits != 0 || !o.Local.IsValid() {
		t.Errorf("got %d retransmits from %s", o.SYNRetransmits, o.Local)
	}
}

func TestTCP_UsesSourceAddressAndPort(t *testing.T) {
	from := make(chan netip.AddrPort, 10)
	target := listen(t, func(c *net.TCPConn) {
		from <- c.RemoteAddr().(*net.TCPAddr).AddrPort()
		c.Close()
	})
	e := endpoint(target)
	e.Source = netip.MustParseAddr("127.0.0.9")
	p := prepared(t, &probe.TCP{Endpoint: e})
	// Several times in a row: a connection left in TIME_WAIT would make the port unusable.
	for range 5 {
		o := p.Probe(within(t, time.Second), probe.Shot{SourcePort: 19123})
		if !o.OK() {
			t.Fatal(o.Failure)
		}
		if got, want := <-from, netip.MustParseAddrPort("127.0.0.9:19123"); got != want || o.Local != want {
			t.Fatalf("the target saw %s, the probe says %s, want %s", got, o.Local, want)
		}
	}
}

func TestTCP_Refused(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := l.Addr().(*net.TCPAddr).AddrPort()
	l.Close()
	p := prepared(t, &probe.TCP{Endpoint: endpoint(target)})
	wantFailure(t, p.Probe(within(t, time.Second), probe.Shot{}), probe.Refused, "connect")
}

func TestTCP_LocalWhenTheSourceIsNotOurs(t *testing.T) {
	e := endpoint(listen(t, func(c *net.TCPConn) { c.Close() }))
	e.Source = netip.MustParseAddr("192.0.2.1")
	p := prepared(t, &probe.TCP{Endpoint: e})
	wantFailure(t, p.Probe(within(t, time.Second), probe.Shot{}), probe.Local, "connect")
}

func TestTCP_Canceled(t *testing.T) {
	p := prepared(t, &probe.TCP{Endpoint: endpoint(listen(t, func(c *net.TCPConn) { c.Close() }))})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantFailure(t, p.Probe(ctx, probe.Shot{}), probe.Canceled, "connect")
}

// countingResolver counts what it is asked.
type countingResolver struct {
	fixedResolver
	asked int
}

func (r *countingResolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	r.asked++
	return r.fixedResolver.LookupNetIP(ctx, network, host)
}

type fixedResolver map[string][]netip.Addr

func (r fixedResolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if ips, ok := r[host]; ok {
		return ips, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func TestEndpoint_ResolvesOnceAndKeepsTheFamily(t *testing.T) {
	addresses := fixedResolver{"both.example": {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.7")}}
	for _, test := range []struct {
		family probe.Family
		want   string
	}{{probe.AnyFamily, "2001:db8::1"}, {probe.IPv4, "192.0.2.7"}, {probe.IPv6, "2001:db8::1"}} {
		r := &countingResolver{fixedResolver: addresses}
		p := &probe.TCP{Endpoint: probe.Endpoint{Host: "both.example", Port: 1, Family: test.family, Resolver: r}}
		for range 2 {
			if err := p.Prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := p.Target()
		if got.IP.String() != test.want || got.Resolved < 1 || got.Host != "both.example" {
			t.Errorf("family %q: got %+v, want %s", test.family, got, test.want)
		}
		if r.asked != 1 {
			t.Errorf("family %q: resolved %d times", test.family, r.asked)
		}
	}
}

func TestEndpoint_DNSFailures(t *testing.T) {
	r := fixedResolver{"six.example": {netip.MustParseAddr("2001:db8::1")}}
	for name, e := range map[string]probe.Endpoint{
		"no such name":      {Host: "missing.example", Resolver: r},
		"no IPv4 address":   {Host: "six.example", Family: probe.IPv4, Resolver: r},
		"address of the v6": {Host: "2001:db8::1", Family: probe.IPv4},
	} {
		err := (&probe.TCP{Endpoint: probe.Endpoint{Host: e.Host, Family: e.Family, Resolver: e.Resolver}}).Prepare(t.Context())
		var f *probe.Failure
		if !errors.As(err, &f) || f.Class != probe.DNS || f.Op != "resolve" {
			t.Errorf("%s: got %v, want class dns at resolve", name, err)
		}
	}
}
