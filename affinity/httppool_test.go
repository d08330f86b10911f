package affinity_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// Connections to an endpoint that failed are not used again when it is back: some hang for ever.
func TestHTTP_FailedPoolsStartAnew(t *testing.T) {
	t.Run("with the zone", func(t *testing.T) { failedPoolsStartAnew(t, false) })
	t.Run("with a neighbour that is well", func(t *testing.T) { failedPoolsStartAnew(t, true) })
}

func failedPoolsStartAnew(t *testing.T, neighbour bool) {
	var mu sync.Mutex
	peers := map[string]int{}
	var sick atomic.Bool
	srv := serve(t, own, func(w http.ResponseWriter, r *http.Request) {
		if sick.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		peers[r.RemoteAddr]++
	})
	change := func(c *affinity.Config) {
		c.Breaker.OpenFor, c.Breaker.MaxOpen, c.Spill.Back = 50*time.Millisecond, 100*time.Millisecond, time.Millisecond
	}
	endpoints := []discover.Endpoint{srv.endpoint(), serve(t, second, echo).endpoint()}
	if neighbour {
		endpoints = append(endpoints, serve(t, own, echo).endpoint())
	}
	s := service(t, change, endpoints...)
	client := s.HTTPClient()
	get := func() {
		t.Helper()
		resp, err := client.Get("http://foo.internal/")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	for range 20 {
		get()
	}
	if len(peers) != 1 {
		t.Errorf("20 requests one after the other used %d connections; want 1", len(peers))
	}
	sick.Store(true)
	left := func() bool {
		z := s.Stats().Zones[0]
		return z.Breaker == affinity.Open || slices.ContainsFunc(z.Endpoints, func(e affinity.EndpointStats) bool {
			return e.Addr == srv.endpoint().Addr && e.Breaker == affinity.Open
		})
	}
	for deadline := time.Now().Add(10 * time.Second); !left() && time.Now().Before(deadline); {
		get()
	}
	sick.Store(false)
	for deadline := time.Now().Add(10 * time.Second); len(peers) < 2 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		get()
		mu.Lock()
		n := len(peers)
		mu.Unlock()
		if n == 2 {
			return
		}
	}
	t.Error("the endpoint came back on its old connection")
}

// Headers that an observer adds are those of each attempt, and not the caller's request's.
func TestHTTP_ObserverInjectsHeaders(t *testing.T) {
	var mu sync.Mutex
	var got []string
	take := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, r.Header.Get("Traceparent"))
			w.WriteHeader(code)
		}
	}
	o := &injecting{}
	s := service(t, func(c *affinity.Config) { c.Observer = o }, serve(t, own, take(503)).endpoint(), serve(t, second, take(200)).endpoint())
	r, _ := http.NewRequest("GET", "http://foo.internal/", nil)
	resp, err := s.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if fmt.Sprint(got) != "[attempt 1 attempt 2]" || len(r.Header) != 0 {
		t.Errorf("servers got %q, the request has %v; want one for each attempt, and the request untouched", got, r.Header)
	}
	if len(o.ends) != 2 || o.ends[0].Status != 503 || o.ends[0].Outcome != affinity.Failure || o.ends[0].CrossZone || !o.ends[1].CrossZone {
		t.Errorf("told of %+v", o.ends)
	}
	if o.call.Attempts != 2 || o.call.Err != nil || o.call.Outcome != affinity.Success || o.call.Method != "GET" {
		t.Errorf("told of %+v", o.call)
	}
}

type injecting struct {
	events
	ends []affinity.AttemptEnd
	call affinity.CallEnd
}

type numberKey struct{}

func (o *injecting) AttemptStart(ctx context.Context, a affinity.Attempt) context.Context {
	return context.WithValue(ctx, numberKey{}, a.Number)
}
func (o *injecting) AttemptEnd(_ context.Context, e affinity.AttemptEnd) { o.ends = append(o.ends, e) }
func (o *injecting) CallEnd(_ context.Context, e affinity.CallEnd)       { o.call = e }
func (o *injecting) InjectHeaders(ctx context.Context, h http.Header) {
	h.Set("Traceparent", fmt.Sprintf("attempt %v", ctx.Value(numberKey{})))
}

// An upgraded connection can still be written to.
func TestHTTP_Upgrade(t *testing.T) {
	srv := serve(t, own, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := rw.ReadString('\n')
		fmt.Fprint(conn, line)
	})
	r, _ := http.NewRequest("GET", "http://foo.internal/", nil)
	r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"echo"}}
	resp, err := service(t, nil, srv.endpoint()).Transport(nil).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	w, ok := resp.Body.(io.Writer)
	if !ok || resp.StatusCode != 101 {
		t.Fatalf("status %d, body %T; want one that can be written to", resp.StatusCode, resp.Body)
	}
	fmt.Fprintln(w, "hello")
	if got, _ := io.ReadAll(resp.Body); !bytes.Equal(got, []byte("hello\n")) {
		t.Errorf("got %q back", got)
	}
}

func hangUntil(release <-chan struct{}) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
}

// Asking for a client again and again must not pile up pools.
func TestHTTP_OneTransportForEachBase(t *testing.T) {
	s := service(t, nil, refused(t, own))
	base := &http.Transport{}
	if s.Transport(nil) != s.HTTPClient().Transport || s.Transport(base) != s.Transport(base) || s.Transport(base) == s.Transport(nil) {
		t.Error("the same base gives different transports, or different ones the same")
	}
}
