package probe_test

import (
	"context"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// descriptors counts this process's open files, or returns 0 where that is not known.
func descriptors() int {
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(d)
}

// settle waits for goroutines and descriptors to go back to what they were; what runs out behind a closed socket does so
// soon, but not at once.
func settle(t *testing.T, goroutines, files int) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		g, f := runtime.NumGoroutine(), descriptors()
		if g <= goroutines && f <= files {
			return
		}
		if time.Now().After(deadline) {
			b := make([]byte, 1<<20)
			t.Fatalf("%d goroutines and %d files before, %d and %d after\n%s", goroutines, files, g, f, b[:runtime.Stack(b, true)])
		}
		runtime.Gosched()
	}
}

// probes are all kinds that loopback can show, against one server.
func probes(t *testing.T) []probe.Path {
	s := serve(t, probe.ServerConfig{TCP: "127.0.0.1:0", UDP: "127.0.0.1:0", HTTP: "127.0.0.1:0", Rate: 1e9, Burst: 1e9, Deadline: time.Minute, Grace: 50 * time.Millisecond})
	paths := []probe.Path{
		path("tcp", &probe.TCP{Endpoint: endpoint(s.TCPAddr()), Abort: true}),
		path("tcp-echo", &probe.TCPEcho{Endpoint: endpoint(s.TCPAddr())}),
		path("udp-echo", &probe.UDPEcho{Endpoint: endpoint(s.UDPAddr())}),
		path("http", &probe.HTTP{URL: "http://" + s.HTTPAddr().String() + "/whoami"}),
		path("refused", &probe.TCP{Endpoint: probe.Endpoint{Host: "127.0.0.1", Port: 1}}),
		path("timeout", &probe.UDPEcho{Endpoint: probe.Endpoint{Host: "127.0.0.1", Port: silentPort(t)}}),
	}
	// What starts once, in the server and in libraries, is no leak.
	run(t, t.Context(), probe.Plan{Paths: paths, Count: 2, Interval: time.Millisecond, Timeout: 200 * time.Millisecond})
	return paths
}

// silentPort is a UDP port that takes everything and answers nothing.
func silentPort(t *testing.T) uint16 {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

func TestRun_LeaksNothing(t *testing.T) {
	paths := probes(t)
	goroutines, files := runtime.NumGoroutine(), descriptors()
	last := len(paths) - 1 // the one that times out
	run(t, t.Context(), probe.Plan{Paths: paths[last:], Count: 200, Interval: time.Millisecond, Timeout: 20 * time.Millisecond})
	res := run(t, t.Context(), probe.Plan{Paths: paths[:last], Count: 200, Interval: 2 * time.Millisecond, Timeout: 20 * time.Second})
	for _, p := range res.Paths {
		want := p.Sent
		if p.Name == "refused" {
			want = 0
		}
		if p.Timing == probe.TimingUserspace && runtime.GOOS == "linux" {
			t.Errorf("%s: some probes were timed by the program's clock", p.Name)
		}
		if p.OK != want {
			t.Errorf("%s: %d of %d ok: %v", p.Name, p.OK, p.Sent, p.Errors)
		}
	}
	settle(t, goroutines, files)
}

func TestRun_LeaksNothingWhenCancelled(t *testing.T) {
	paths := probes(t)
	goroutines, files := runtime.NumGoroutine(), descriptors()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	res := run(t, ctx, probe.Plan{Paths: paths, Count: 1000, Interval: time.Millisecond, Timeout: 10 * time.Second})
	if !res.Interrupted {
		t.Error("the run was not interrupted")
	}
	settle(t, goroutines, files)
}

func TestRun_HundredThousandProbesLeakNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes up to a minute")
	}
	s := serve(t, probe.ServerConfig{TCP: "127.0.0.1:0"})
	target := func() *probe.TCP { return &probe.TCP{Endpoint: endpoint(s.TCPAddr()), Abort: true} }
	run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("a", target())}, Count: 100, Interval: time.Millisecond})
	goroutines, files := runtime.NumGoroutine(), descriptors()
	start := time.Now()
	res := run(t, t.Context(), probe.Plan{
		Paths: []probe.Path{path("a", target()), path("b", target())}, Count: 50_000, Warmup: -1,
		Interval: 100 * time.Microsecond, InFlight: 16,
	})
	took := time.Since(start)
	for _, p := range res.Paths {
		if p.Sent+p.Invalid != 50_000 || p.OK < 49_950 { // a busy machine may lose a few
			t.Errorf("%s: sent %d, ok %d, invalid %d: %v", p.Name, p.Sent, p.OK, p.Invalid, p.Errors)
		}
	}
	t.Logf("100,000 probes in %s; quality %s, %v", took.Round(time.Millisecond), res.Env.Quality, res.Env.Notes)
	if took > time.Minute {
		t.Errorf("took %s, want less than a minute", took)
	}
	settle(t, goroutines, files)
}
