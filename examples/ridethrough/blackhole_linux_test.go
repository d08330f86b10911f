package ridethrough_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/examples/ridethrough"
	"github.com/pathproof/pathproof/internal/probe/lab"
	"github.com/pathproof/pathproof/internal/probe/lab/labtest"
)

// outage is what happens to packets between the job and the server.
type outage struct {
	forever bool // what began before it stays dead: something on the way, a firewall or a NAT, keeps state per tunnel

	mu       sync.Mutex // guards what follows
	on, over bool
	old      map[uint16]bool // client's ports; true: seen before the outage
}

func (o *outage) drop(p lab.Packet) bool {
	port := p.Source
	if !p.FromA {
		port = p.Dest
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.old[port]; !known {
		o.old[port] = !o.on && !o.over
	}
	return o.on || o.over && o.forever && o.old[port]
}

func (o *outage) set(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on, o.over = on, !on
}

// job is a batch of calls, one after the other.
type job struct {
	calls, failed int
	longest       time.Duration
}

func (j job) String() string {
	return fmt.Sprintf("%d calls, %d failed, the longest took %.1f s", j.calls, j.failed, j.longest.Seconds())
}

// run makes calls until it is time to stop; the last one may take until ctx ends.
func run(ctx context.Context, until time.Time, call func(context.Context) error) (j job) {
	for time.Now().Before(until) {
		start := time.Now()
		if err := call(ctx); err != nil {
			j.failed++
		}
		j.calls++
		j.longest = max(j.longest, time.Since(start))
	}
	return j
}

const failover = 3 * time.Second // scaled down from 30 s

// TestBlackhole has three clients make the same calls over a path that carries nothing for the failover target: this package's,
// one with a time limit and no more, and net/http's defaults.
func TestBlackhole(t *testing.T) {
	labtest.Need(t)
	for _, tt := range []struct {
		name    string
		forever bool
	}{{"all packets are lost", false}, {"old flows stay dead", true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := &outage{forever: tt.forever, old: map[uint16]bool{}}
			url, dial := connect(t, o)
			timing := ridethrough.For(failover, 50*time.Millisecond)
			clients := map[string]func(context.Context) error{
				"ridethrough":        riding(timing, url, dial),
				"a time limit alone": plain(&http.Client{Timeout: timing.Attempt, Transport: over(http.DefaultTransport.(*http.Transport).Clone(), dial)}, url),
				"net/http":           plain(&http.Client{Transport: over(http.DefaultTransport.(*http.Transport).Clone(), dial)}, url),
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*failover) // the job's own deadline
			defer cancel()
			begin := time.AfterFunc(500*time.Millisecond, func() { o.set(true) })
			end := time.AfterFunc(500*time.Millisecond+failover, func() { o.set(false) })
			defer begin.Stop()
			defer end.Stop()
			until := time.Now().Add(500*time.Millisecond + failover + time.Second)
			got := map[string]job{}
			var mu sync.Mutex
			var running sync.WaitGroup
			for name, call := range clients {
				running.Go(func() {
					j := run(ctx, until, call)
					mu.Lock()
					defer mu.Unlock()
					got[name] = j
				})
			}
			running.Wait()
			for _, name := range []string{"ridethrough", "a time limit alone", "net/http"} {
				t.Logf("%-18s  %s", name, got[name])
			}
			judge(t, timing, tt.forever, got["ridethrough"], got["a time limit alone"], got["net/http"])
		})
	}
}

func judge(t *testing.T, timing ridethrough.Timing, forever bool, riding, limited, defaults job) {
	t.Helper()
	if riding.failed > 0 || riding.longest < failover-timing.Attempt || riding.longest > timing.Overall {
		t.Errorf("ridethrough: %s; want no failure, and a call that waited out the outage within %s", riding, timing.Overall)
	}
	if limited.failed == 0 {
		t.Errorf("a time limit without repetition failed no call, so the outage was none: %s", limited)
	}
	if forever && defaults.failed == 0 {
		t.Errorf("net/http's defaults waited for no dead connection: %s", defaults)
	}
	if !forever && defaults.longest < failover-100*time.Millisecond {
		t.Errorf("net/http's defaults did not wait for the kernel: %s", defaults)
	}
}

// dialer is net.Dialer.DialContext, or what stands in its place.
type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// connect makes the path, a server at its end, and a way to dial from its beginning.
func connect(t *testing.T, o *outage) (url string, from func(dialer) dialer) {
	t.Helper()
	check := func(errs ...error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	a, err := lab.NewNamespace()
	check(err)
	b, err := lab.NewNamespace()
	check(err)
	relay, err := lab.Cable{A: a, B: b, Device: "t0", Delay: 2 * time.Millisecond, Drop: o.drop}.Connect()
	check(err)
	check(a.IP("address add 10.77.0.1/30 dev t0"), b.IP("address add 10.77.0.2/30 dev t0"))
	var l net.Listener
	check(b.Do(func() (err error) {
		l, err = net.Listen("tcp", "10.77.0.2:8080")
		return err
	}))
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(30 * time.Millisecond) // the work
		_, _ = io.WriteString(w, "done")
	})}
	go func() { _ = server.Serve(l) }() // it ends by Close
	t.Cleanup(func() { check(server.Close(), relay.Close(), a.Close(), b.Close()) })
	return "http://10.77.0.2:8080/item", func(inner dialer) dialer {
		return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			err = a.Do(func() (err error) { // a socket belongs to the namespace of the thread that opens it
				conn, err = inner(ctx, network, address)
				return err
			})
			return conn, err
		}
	}
}

// over puts a transport's connections onto the path.
func over(t *http.Transport, from func(dialer) dialer) *http.Transport {
	t.DialContext = from(t.DialContext)
	return t
}

func riding(timing ridethrough.Timing, url string, from func(dialer) dialer) func(context.Context) error {
	c := ridethrough.New(timing)
	over(c.HTTP.Transport.(*http.Transport), from)
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		_, err = c.Do(req)
		return err
	}
}

func plain(c *http.Client, url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := c.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
}
