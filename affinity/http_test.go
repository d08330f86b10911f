package affinity_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/retry"
)

// server is one endpoint on loopback.
type server struct {
	*httptest.Server
	zone string
	hits atomic.Int32
}

func (s *server) endpoint() discover.Endpoint {
	return discover.Endpoint{Addr: s.Listener.Addr().String(), Zone: s.zone}
}

func serve(t *testing.T, zone string, h http.HandlerFunc) *server {
	t.Helper()
	s := &server{zone: zone}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// refused is an address at which nobody listens.
func refused(t *testing.T, zone string) discover.Endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return discover.Endpoint{Addr: l.Addr().String(), Zone: zone}
}

func service(t *testing.T, change func(*affinity.Config), endpoints ...discover.Endpoint) *affinity.Service {
	t.Helper()
	source, err := discover.Static(endpoints...)
	if err != nil {
		t.Fatal(err)
	}
	cfg := affinity.Config{Name: "foo.internal", Zone: own, Source: source}
	if change != nil {
		change(&cfg)
	}
	s, err := affinity.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(code)
	}
}

func echo(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }

// hangUp takes the request and closes the connection: it may or may not have been carried out.
func hangUp(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	panic(http.ErrAbortHandler)
}

func TestHTTP_WhatIsRepeated(t *testing.T) {
	key := http.Header{"Idempotency-Key": {"1"}}
	for name, test := range map[string]struct {
		method     string
		header     http.Header
		body       string
		once       bool // the body cannot be rewound
		idempotent bool // says the context
		first      http.HandlerFunc
		nobody     bool // nobody listens at the first
		want       int  // status, 0 for an error
		repeated   bool
	}{
		"GET of 503":                          {method: "GET", first: status(503), want: 200, repeated: true},
		"GET of 500":                          {method: "GET", first: status(500), want: 200, repeated: true},
		"GET of 502":                          {method: "GET", first: status(502), want: 200, repeated: true},
		"GET of 504":                          {method: "GET", first: status(504), want: 200, repeated: true},
		"GET of 429":                          {method: "GET", first: status(429), want: 200, repeated: true},
		"GET of 501":                          {method: "GET", first: status(501), want: 501},
		"GET of 404":                          {method: "GET", first: status(404), want: 404},
		"GET of a closed connection":          {method: "GET", first: hangUp, want: 200, repeated: true},
		"HEAD of 503":                         {method: "HEAD", first: status(503), want: 200, repeated: true},
		"POST of 503":                         {method: "POST", body: "x", first: status(503), want: 503},
		"POST of a closed connection":         {method: "POST", body: "x", first: hangUp},
		"POST with a key":                     {method: "POST", body: "x", header: key, first: status(503), want: 200, repeated: true},
		"POST with a key and a body once":     {method: "POST", body: "x", once: true, header: key, first: status(503), want: 503},
		"POST, context says idempotent":       {method: "POST", body: "x", idempotent: true, first: status(503), want: 200, repeated: true},
		"PUT of 503":                          {method: "PUT", body: "x", first: status(503), want: 503},
		"PUT, context says idempotent":        {method: "PUT", body: "x", idempotent: true, first: hangUp, want: 200, repeated: true},
		"POST without connection":             {method: "POST", body: "x", nobody: true, want: 200, repeated: true},
		"POST without connection, body once":  {method: "POST", body: "x", once: true, nobody: true, want: 200, repeated: true},
		"POST closed connection, body once":   {method: "POST", body: "x", once: true, first: hangUp},
		"GET with a body, closed connection":  {method: "GET", body: "x", first: hangUp, want: 200, repeated: true},
		"GET with a body once, no connection": {method: "GET", body: "x", once: true, nobody: true, want: 200, repeated: true},
	} {
		t.Run(name, func(t *testing.T) {
			second := serve(t, second, echo)
			at := refused(t, own)
			if !test.nobody {
				at = serve(t, own, test.first).endpoint()
			}
			s := service(t, nil, at, second.endpoint())
			var body io.Reader
			if test.body != "" {
				body = strings.NewReader(test.body)
			}
			if test.once {
				body = io.NopCloser(body) // http.NewRequest knows no GetBody for it
			}
			req, err := http.NewRequest(test.method, "http://foo.internal/", body)
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range test.header {
				req.Header[k] = v
			}
			if test.idempotent {
				req = req.WithContext(retry.WithIdempotent(req.Context()))
			}
			resp, err := s.HTTPClient().Do(req)
			if (err != nil) != (test.want == 0) {
				t.Fatalf("got %v; want status %d", err, test.want)
			}
			if got := second.hits.Load(); (got == 1) != test.repeated {
				t.Errorf("the second endpoint was asked %d times; want repeated %v", got, test.repeated)
			}
			if err != nil {
				return
			}
			defer resp.Body.Close()
			got, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != test.want || test.repeated && test.method != "HEAD" && string(got) != test.body {
				t.Errorf("status %d with %q; want %d with the body sent again", resp.StatusCode, got, test.want)
			}
		})
	}
}

// After total failure there is one error with everything in it.
func TestHTTP_ErrorNamesEveryAttempt(t *testing.T) {
	a, b, c := refused(t, own), refused(t, second), refused(t, third)
	s := service(t, nil, a, b, c)
	_, err := s.HTTPClient().Get("http://foo.internal/")
	var call *affinity.CallError
	if !errors.As(err, &call) || len(call.Attempts) != 3 {
		t.Fatalf("got %v; want a CallError with three attempts", err)
	}
	for i, e := range []discover.Endpoint{a, call.Attempts[1].Endpoint, call.Attempts[2].Endpoint} {
		want := fmt.Sprintf("attempt %d in %s at %s after ", i+1, e.Zone, e.Addr)
		if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("got %v; want %q in it", err, want)
		}
	}
	if call.Attempts[1].Endpoint.Zone == call.Attempts[2].Endpoint.Zone {
		t.Error("the third attempt went to a zone that was tried although there was another")
	}
	var op *net.OpError
	if !errors.As(err, &op) {
		t.Errorf("no net.OpError in %v", err)
	}
}

func TestHTTP_LastStatusIsHandedOut(t *testing.T) {
	slowly := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, "later")
	}
	s := service(t, nil, serve(t, own, slowly).endpoint(), serve(t, second, slowly).endpoint())
	resp, err := s.HTTPClient().Get("http://foo.internal/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 503 || string(body) != "later" {
		t.Errorf("got %d %q; want the last answer as it came", resp.StatusCode, body)
	}
	if st := s.Stats(); st.Attempts != 3 {
		t.Errorf("%d attempts; want 3", st.Attempts)
	}
}

func TestHTTP_RetryAfter(t *testing.T) {
	for name, test := range map[string]struct {
		after    string
		least    time.Duration
		repeated bool
	}{
		"a second is waited":     {"1", 900 * time.Millisecond, true},
		"a minute is not":        {"60", 0, false},
		"a date in the past":     {"Mon, 02 Jan 2006 15:04:05 GMT", 0, true},
		"what is no time at all": {"soon", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := serve(t, own, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.after)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			second := serve(t, second, echo)
			began := time.Now()
			resp, err := service(t, nil, first.endpoint(), second.endpoint()).HTTPClient().Get("http://foo.internal/")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if took := time.Since(began); took < test.least || (second.hits.Load() == 1) != test.repeated {
				t.Errorf("after %v the second was asked %d times; want repeated %v after at least %v", took, second.hits.Load(), test.repeated, test.least)
			}
		})
	}
}

// The Host header and the server name of TLS are the service's, wherever the connection goes; and certificates are checked for it.
func TestHTTP_HostAndServerNameAreTheService(t *testing.T) {
	var host, name string
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host, name = r.Host, r.TLS.ServerName })
	srv := httptest.NewUnstartedServer(h)            // its certificate is for example.com
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // it says that a client refused the certificate
	srv.StartTLS()
	defer srv.Close()
	base := srv.Client().Transport.(*http.Transport)
	change := func(c *affinity.Config) { c.Name = "example.com" }
	s := service(t, change, discover.Endpoint{Addr: srv.Listener.Addr().String(), Zone: own})
	resp, err := (&http.Client{Transport: s.Transport(base)}).Get("https://example.com:8443/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if host != "example.com:8443" || name != "example.com" {
		t.Errorf("Host %q, server name %q; want the service's", host, name)
	}
	change = func(c *affinity.Config) { c.Name = "foo.internal" }
	s = service(t, change, discover.Endpoint{Addr: srv.Listener.Addr().String(), Zone: own})
	_, err = (&http.Client{Transport: s.Transport(base)}).Get("https://foo.internal/")
	var wrong *tls.CertificateVerificationError
	if !errors.As(err, &wrong) {
		t.Errorf("a certificate for another name got %v; want it refused", err)
	}
}

func TestHTTP_HTTP2(t *testing.T) {
	var proto string
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { proto = r.Proto }))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	base := srv.Client().Transport.(*http.Transport)
	s := service(t, func(c *affinity.Config) { c.Name = "example.com" }, discover.Endpoint{Addr: srv.Listener.Addr().String(), Zone: own})
	resp, err := (&http.Client{Transport: s.Transport(base)}).Get("https://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if proto != "HTTP/2.0" {
		t.Errorf("got %s; want HTTP/2.0 as base would", proto)
	}
}

// A redirect to another host must not be answered by this service's endpoints.
func TestHTTP_OtherHostsGoTheirOwnWay(t *testing.T) {
	other := serve(t, own, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "other") })
	first := serve(t, own, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	s := service(t, nil, first.endpoint())
	resp, err := s.HTTPClient().Get("http://FOO.internal.:8080/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); string(body) != "other" || first.hits.Load() != 1 {
		t.Errorf("got %q after %d requests; want the redirect followed to its host", body, first.hits.Load())
	}
}

// The attempt's time limit ends with the headers: a long body is not cut off, and is not a failure.
func TestHTTP_BodyOutlivesTheAttemptTimeout(t *testing.T) {
	srv := serve(t, own, func(w http.ResponseWriter, _ *http.Request) {
		for range 5 {
			fmt.Fprint(w, "x")
			w.(http.Flusher).Flush()
			time.Sleep(200 * time.Millisecond)
		}
	})
	s := service(t, func(c *affinity.Config) { c.AttemptTimeout = 500 * time.Millisecond }, srv.endpoint())
	resp, err := s.HTTPClient().Get("http://foo.internal/")
	if err != nil {
		t.Fatal(err)
	}
	if n := inFlight(s); n != 1 {
		t.Errorf("%d in flight while the body is read; want 1", n)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != "xxxxx" || err != nil {
		t.Errorf("got %q, %v", body, err)
	}
	resp.Body.Close()
	if st := s.Stats(); inFlight(s) != 0 || st.Failures != 0 {
		t.Errorf("%d in flight, %d failures after the body; want none", inFlight(s), st.Failures)
	}
}

func inFlight(s *affinity.Service) (n int) {
	for _, z := range s.Stats().Zones {
		for _, e := range z.Endpoints {
			n += e.InFlight
		}
	}
	return n
}

// A body that breaks off counts against the endpoint, but the caller has had the answer: it is not repeated.
func TestHTTP_BrokenBody(t *testing.T) {
	first := serve(t, own, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		fmt.Fprint(w, "x")
	})
	s := service(t, nil, first.endpoint(), serve(t, second, echo).endpoint())
	resp, err := s.HTTPClient().Get("http://foo.internal/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	resp.Body.Close()
	if st := s.Stats(); st.Failures != 1 || st.Attempts != 1 || inFlight(s) != 0 {
		t.Errorf("%+v; want one failure, one attempt, nothing in flight", st)
	}
}

// Cancellation reaches the attempt at once, and says nothing about the endpoint.
func TestHTTP_CancellationIsImmediate(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	srv := serve(t, own, func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-release
	})
	defer close(release)
	s := service(t, func(c *affinity.Config) { c.AttemptTimeout = time.Minute }, srv.endpoint())
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-arrived
		cancel()
	}()
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://foo.internal/", nil)
	_, err := s.HTTPClient().Do(req)
	if st := s.Stats(); !errors.Is(err, context.Canceled) || st.Failures != 0 || st.Attempts != 1 {
		t.Errorf("got %v and %+v; want the cancellation, and nothing against the endpoint", err, st)
	}
}

func TestHTTP_AttemptTimeoutIsRetriedElsewhere(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	hang := serve(t, own, func(http.ResponseWriter, *http.Request) { <-release })
	s := service(t, func(c *affinity.Config) { c.AttemptTimeout = 300 * time.Millisecond }, hang.endpoint(), serve(t, second, echo).endpoint())
	resp, err := s.HTTPClient().Get("http://foo.internal/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	// With one zone there is nowhere else, and the error says what happened in the ways that net/http's callers know.
	s = service(t, func(c *affinity.Config) { c.AttemptTimeout, c.Retry.MaxAttempts = 300*time.Millisecond, 1 }, hang.endpoint())
	_, err = s.HTTPClient().Get("http://foo.internal/")
	var timeout net.Error
	if !errors.Is(err, affinity.ErrAttemptTimeout) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v; want a timeout", err)
	}
}

// A request that net/http itself refuses is not the endpoints' fault.
func TestHTTP_BadRequestsHarmNobody(t *testing.T) {
	srv := serve(t, own, echo)
	s := service(t, nil, srv.endpoint(), serve(t, second, echo).endpoint())
	for range 20 {
		for _, change := range []func(*http.Request){
			func(r *http.Request) { r.Header["X"] = []string{"a\nb"} },
			func(r *http.Request) { r.Header["X Y"] = []string{"a"} },
			func(r *http.Request) { r.URL.Scheme = "ftp" },
			func(r *http.Request) { r.Method = "A B" },
			func(r *http.Request) { r.Body = io.NopCloser(brokenReader{}) },
		} {
			r, _ := http.NewRequest("POST", "http://foo.internal/", nil)
			change(r)
			if resp, err := s.Transport(nil).RoundTrip(r); err == nil {
				resp.Body.Close()
				t.Fatalf("a request that cannot be sent was: %v %v", r.Header, r.Method)
			}
		}
	}
	if st := s.Stats(); st.Failures != 0 || st.Zones[0].Breaker != affinity.Closed || st.CrossZone != 0 {
		t.Errorf("%+v; want nothing held against any endpoint", st)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the caller's disk is broken") }

// RoundTripper promises to close the body, whatever happens.
func TestHTTP_RequestBodyIsAlwaysClosed(t *testing.T) {
	for name, endpoint := range map[string]discover.Endpoint{
		"answered": serve(t, own, echo).endpoint(), "refused": refused(t, own), "hung up": serve(t, own, hangUp).endpoint(),
	} {
		t.Run(name, func(t *testing.T) {
			for _, rewind := range []bool{true, false} {
				s := service(t, nil, endpoint)
				body := &closing{Reader: strings.NewReader("x")}
				r, _ := http.NewRequest("POST", "http://foo.internal/", body)
				if rewind {
					r.GetBody = func() (io.ReadCloser, error) { return &closing{Reader: strings.NewReader("x")}, nil }
				}
				if resp, err := s.Transport(nil).RoundTrip(r); err == nil {
					_, _ = io.ReadAll(resp.Body)
					resp.Body.Close()
				}
				if !body.closed.Load() {
					t.Errorf("rewindable %v: the body was left open", rewind)
				}
			}
		})
	}
	s := service(t, nil, refused(t, own))
	s.Close()
	body := &closing{Reader: strings.NewReader("x")}
	r, _ := http.NewRequest("POST", "http://foo.internal/", body)
	if _, err := s.Transport(nil).RoundTrip(r); !errors.Is(err, affinity.ErrClosed) || !body.closed.Load() {
		t.Errorf("got %v, closed %v; want the body closed although nothing was sent", err, body.closed.Load())
	}
}

type closing struct {
	io.Reader
	closed atomic.Bool
}

func (c *closing) Close() error {
	c.closed.Store(true)
	return nil
}
