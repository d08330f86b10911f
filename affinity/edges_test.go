package affinity_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
)

// A body that is written while the response is read, as by io.Pipe, stays open after the response's headers.
func TestHTTP_RequestBodyOutlivesHeaders(t *testing.T) {
	for _, two := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", two), func(t *testing.T) {
			back := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).EnableFullDuplex()
				w.WriteHeader(200)
				_ = http.NewResponseController(w).Flush()
				in := bufio.NewReader(r.Body)
				for {
					line, err := in.ReadString('\n')
					if err != nil {
						return
					}
					_, _ = io.WriteString(w, line)
					_ = http.NewResponseController(w).Flush()
				}
			}))
			back.EnableHTTP2 = two
			back.StartTLS()
			defer back.Close()
			s := service(t, nil, discover.Endpoint{Addr: back.Listener.Addr().String(), Zone: own})
			base := back.Client().Transport.(*http.Transport).Clone()
			base.TLSClientConfig.ServerName = "example.com"
			pr, pw := io.Pipe()
			req, _ := http.NewRequest("POST", "https://foo.internal/", pr)
			resp, err := s.Transport(base).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			out := bufio.NewReader(resp.Body)
			for i := range 3 {
				if _, err := fmt.Fprintf(pw, "line %d\n", i); err != nil {
					t.Fatalf("line %d cannot be sent after the headers came: %v", i, err)
				}
				if line, err := out.ReadString('\n'); err != nil || line != fmt.Sprintf("line %d\n", i) {
					t.Fatalf("got %q, %v", line, err)
				}
			}
			pw.Close()
		})
	}
}

// A zone that answers 503 and then says nothing more holds nobody up.
func TestHTTP_StuckBodyOfAnUnwantedAnswer(t *testing.T) {
	gone := make(chan struct{})
	stuck := serve(t, own, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(503)
		_ = http.NewResponseController(w).Flush()
		<-gone
	})
	defer close(gone)
	well := serve(t, "apne2-az2", status(200))
	s := service(t, nil, stuck.endpoint(), well.endpoint())
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://foo.internal/", nil)
	resp, err := s.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if took := time.Since(began); took > time.Second || resp.StatusCode != 200 {
		t.Errorf("status %d after %v", resp.StatusCode, took)
	}
}

func TestConfig_HostsAreHosts(t *testing.T) {
	source, _ := discover.Static(discover.Endpoint{Addr: "127.0.0.1:1", Zone: own})
	for _, host := range []string{"foo.internal:8080", "http://foo.internal", ""} {
		if _, err := affinity.New(affinity.Config{Name: "foo.internal", Hosts: []string{host}, Source: source}); err == nil {
			t.Errorf("host %q is taken, and will never match", host)
		}
	}
}

// An attempt that ran out of time is a timeout. It is not the caller who went away.
func TestDo_TimeoutIsNotCancellation(t *testing.T) {
	s := service(t, func(c *affinity.Config) { c.AttemptTimeout, c.Retry.MaxAttempts = 20*time.Millisecond, 1 }, discover.Endpoint{Addr: "127.0.0.1:1", Zone: own})
	err := s.Do(context.Background(), func(ctx context.Context, _ discover.Endpoint) error { <-ctx.Done(); return ctx.Err() })
	if !errors.Is(err, affinity.ErrAttemptTimeout) || errors.Is(err, context.Canceled) {
		t.Errorf("got %v; Canceled %v", err, errors.Is(err, context.Canceled))
	}
}

// A function that panics leaves nothing behind.
func TestDo_Panic(t *testing.T) {
	s := service(t, nil, discover.Endpoint{Addr: "127.0.0.1:1", Zone: own})
	for range 30 {
		func() {
			defer func() { _ = recover() }()
			_ = s.Do(context.Background(), func(context.Context, discover.Endpoint) error { panic("x") })
		}()
	}
	if n := s.Stats().Zones[0].Endpoints[0].InFlight; n != 0 {
		t.Errorf("%d calls are under way for ever", n)
	}
}

// A request that may have been carried out is not made again.
func TestHTTP_POSTIsCarriedOutOnce(t *testing.T) {
	for _, two := range []bool{false, true} {
		var hits atomic.Int32
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hits.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		})
		var eps []discover.Endpoint
		var base *http.Transport
		for _, z := range []string{own, "apne2-az2"} {
			back := httptest.NewUnstartedServer(h)
			back.EnableHTTP2 = two
			back.Config.ErrorLog = quietLog()
			back.StartTLS()
			defer back.Close()
			eps = append(eps, discover.Endpoint{Addr: back.Listener.Addr().String(), Zone: z})
			base = back.Client().Transport.(*http.Transport).Clone()
			base.TLSClientConfig.ServerName = "example.com"
		}
		s := service(t, nil, eps...)
		for i, body := range []io.Reader{strings.NewReader("x"), nil, struct{ io.Reader }{strings.NewReader("x")}} {
			hits.Store(0)
			req, _ := http.NewRequest("POST", "https://foo.internal/", body)
			resp, err := s.Transport(base).RoundTrip(req)
			if err == nil {
				resp.Body.Close()
			}
			if hits.Load() != 1 || err == nil {
				t.Errorf("http2 %v, body %d: carried out %d times: %v", two, i, hits.Load(), err)
			}
		}
	}
}

// counted is a TLS server that counts its open connections, and a transport for it that would keep them for ever.
type counted struct {
	*httptest.Server
	base *http.Transport
	open atomic.Int32
}

func newCounted(t *testing.T, two bool, h http.HandlerFunc) *counted {
	c := &counted{Server: httptest.NewUnstartedServer(h)}
	var closed sync.Map
	c.Config.ConnState = func(conn net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			c.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			if _, twice := closed.LoadOrStore(conn, true); !twice {
				c.open.Add(-1)
			}
		}
	}
	c.EnableHTTP2 = two
	c.Config.ErrorLog = quietLog()
	c.StartTLS()
	t.Cleanup(c.Close)
	c.base = c.Client().Transport.(*http.Transport).Clone()
	c.base.TLSClientConfig.ServerName = "example.com"
	c.base.IdleConnTimeout = 0
	return c
}

func (c *counted) wantClosed(t *testing.T) {
	t.Helper()
	for until := time.Now().Add(2 * time.Second); c.open.Load() > 0 && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
	}
	if n := c.open.Load(); n > 0 {
		t.Errorf("%d connections are still open", n)
	}
}

func get(t *testing.T) *http.Request { return getOf(t, "https://foo.internal/") }

func getOf(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// No connection outlives Close, not even one whose call was under way then.
func TestHTTP_NoConnectionAfterClose(t *testing.T) {
	for _, two := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", two), func(t *testing.T) {
			back := newCounted(t, two, func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).Flush()
				time.Sleep(100 * time.Millisecond)
				_, _ = io.WriteString(w, "done")
			})
			s := service(t, nil, discover.Endpoint{Addr: back.Listener.Addr().String(), Zone: own})
			resp, err := s.Transport(back.base).RoundTrip(get(t))
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			if all, err := io.ReadAll(resp.Body); err != nil || string(all) != "done" {
				t.Errorf("a call under way at Close got %q, %v", all, err)
			}
			resp.Body.Close()
			back.wantClosed(t)
		})
	}
}

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

// Pools that a sick zone left behind end with their last attempt.
func TestHTTP_RenewedPoolsEnd(t *testing.T) {
	back := newCounted(t, true, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		time.Sleep(300 * time.Millisecond)
	})
	e := discover.Endpoint{Addr: back.Listener.Addr().String(), Zone: own}
	evacuated := atomic.Bool{}
	source := discover.Func(func(context.Context) (discover.Answer, error) {
		a := discover.Answer{Endpoints: []discover.Endpoint{e, {Addr: "127.0.0.1:1", Zone: second}}}
		if evacuated.Load() {
			a.Evacuated = []string{own}
		}
		return a, nil
	})
	cache, err := discover.NewCache(discover.CacheConfig{Source: source, Every: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	s, err := affinity.New(affinity.Config{Name: "foo.internal", Zone: own, Source: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	resp, err := s.Transport(back.base).RoundTrip(get(t))
	if err != nil {
		t.Fatal(err)
	}
	evacuated.Store(true)
	time.Sleep(150 * time.Millisecond)
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
	resp.Body.Close()
	back.wantClosed(t)
}

// A request that cannot be sent says nothing about the endpoint, not even that it is fast.
func TestHTTP_InvalidRequestsAreNoAnswers(t *testing.T) {
	s := service(t, nil, discover.Endpoint{Addr: "127.0.0.1:1", Zone: own})
	for range 30 {
		req := get(t)
		req.Header["no good"] = []string{"x"}
		if _, err := s.Transport(nil).RoundTrip(req); err == nil || !strings.Contains(err.Error(), "header field name") {
			t.Fatalf("got %v", err)
		}
	}
	time.Sleep(110 * time.Millisecond)
	if z := s.Stats().Zones[0]; z.Median != 0 || z.Breaker != affinity.Closed {
		t.Errorf("%+v", z)
	}
}

// The attempt that loses a race may outlive the call: the request is the caller's again all the same.
func TestHedge_RequestIsTheCallersAgain(t *testing.T) {
	slow := serve(t, own, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(time.Second):
		}
	})
	fast := serve(t, second, status(200))
	s := service(t, func(c *affinity.Config) { c.Hedge = affinity.Hedge{On: true, After: 2 * time.Millisecond} }, slow.endpoint(), fast.endpoint())
	client := s.HTTPClient()
	req, _ := http.NewRequest("GET", "http://foo.internal/", nil)
	for i := range 8 {
		req.Header.Set("X-Number", fmt.Sprint(i))
		resp, err := client.Transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
}

// Endpoints behind a base that was used before, or whose HTTP/2 is x/net's, do not share connections.
func TestHTTP_BaseThatWasUsed(t *testing.T) {
	for _, used := range []bool{false, true} {
		var zone atomic.Value
		answer := func(z string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { zone.Store(z + " " + r.Proto) }
		}
		first, other := newCounted(t, true, answer(own)), newCounted(t, true, answer(second))
		base := first.base
		base.TLSClientConfig.RootCAs.AddCert(other.Certificate())
		base.ForceAttemptHTTP2 = true
		if used {
			resp, err := base.RoundTrip(getOf(t, "https://"+first.Listener.Addr().String()))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			base.ForceAttemptHTTP2 = false // as it would be of a base without TLS settings
		}
		s := service(t, nil, discover.Endpoint{Addr: first.Listener.Addr().String(), Zone: own})
		resp, err := s.Transport(base).RoundTrip(get(t))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if zone.Load() != own+" HTTP/2.0" {
			t.Errorf("used %v: answered by %v", used, zone.Load())
		}
	}
}
