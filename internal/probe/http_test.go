package probe_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Region", "us-west-2")
	w.Header().Set("X-AZ-ID", "usw2-az1")
	fmt.Fprint(w, "hello ", r.Proto)
}

// webServer serves over TLS with HTTP/2 and returns a configuration that trusts it.
func webServer(t *testing.T, h http.HandlerFunc) (*httptest.Server, *tls.Config) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s, &tls.Config{RootCAs: roots}
}

func plainServer(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestHTTP_PhasesOfEachVersion(t *testing.T) {
	s, trust := webServer(t, hello)
	name := strings.Replace(s.URL, "127.0.0.1", "example.com", 1) // the test certificate has this name
	r := fixedResolver{"example.com": {netip.MustParseAddr("127.0.0.1")}}
	for version, proto := range map[probe.HTTPVersion]string{probe.HTTPAny: "HTTP/2", probe.HTTP1: "HTTP/1.1", probe.HTTP2: "HTTP/2"} {
		p := prepared(t, &probe.HTTP{
			URL: name, TLS: trust, Resolver: r, Version: version,
			Expect: probe.HTTPExpect{Body: regexp.MustCompile("^hello " + proto), Header: map[string]string{"X-Region": "us-west-2"}},
		})
		for range 2 { // the second has a connection of its own, too
			o := p.Probe(within(t, 5*time.Second), probe.Shot{})
			if !o.OK() {
				t.Fatalf("version %q: %v", version, o.Failure)
			}
			sum := probe.Micros(0)
			for _, phase := range probe.AllPhases() {
				v, ok := o.Phases.Get(phase)
				if !ok && phase != probe.PhaseSend { // on loopback it may not be possible to tell it from wait
					t.Errorf("version %q: no %s", version, phase)
				}
				if phase != probe.PhaseTotal {
					sum += v
				}
			}
			if sum > o.Phases.Total+10 {
				t.Errorf("version %q: phases make %d us of %d us", version, sum, o.Phases.Total)
			}
			if o.ServedBy != "usw2-az1" || o.Attempts != 0 || o.Remote.Addr() != netip.MustParseAddr("127.0.0.1") {
				t.Errorf("version %q: got %+v", version, o)
			}
		}
	}
}

func TestHTTP_ReuseKeepsTheConnection(t *testing.T) {
	s := plainServer(t, hello)
	p := prepared(t, &probe.HTTP{URL: s.URL, Reuse: true})
	first, second := p.Probe(within(t, time.Second), probe.Shot{}), p.Probe(within(t, time.Second), probe.Shot{})
	if !first.OK() || !second.OK() {
		t.Fatal(first.Failure, second.Failure)
	}
	if first.Phases.Connect == 0 || second.Phases.Connect != 0 || second.Phases.Wait == 0 || first.Local != second.Local {
		t.Errorf("got %+v then %+v", first, second)
	}
	third := p.Probe(within(t, time.Second), probe.Shot{SourcePort: 19124})
	if !third.OK() || third.Local.Port() != 19124 {
		t.Errorf("from a port of its own: got %+v, %v", third, third.Failure)
	}
}

// A server that drops an idle connection makes the transport try again: those are two attempts, not one long one.
func TestHTTP_KeepsAttemptsApart(t *testing.T) {
	drop := make(chan struct{}, 1)
	s := plainServer(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-drop:
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Close()
		default:
			hello(w, r)
		}
	})
	p := prepared(t, &probe.HTTP{URL: s.URL, Reuse: true})
	if o := p.Probe(within(t, time.Second), probe.Shot{}); !o.OK() {
		t.Fatal(o.Failure)
	}
	drop <- struct{}{}
	o := p.Probe(within(t, time.Second), probe.Shot{})
	if !o.OK() || o.Attempts != 2 || o.Phases.Connect == 0 {
		t.Errorf("got %d attempts, %+v, %v; want 2, the last with a connect", o.Attempts, o.Phases, o.Failure)
	}
}

func TestHTTP_Failures(t *testing.T) {
	good := plainServer(t, hello)
	moved := plainServer(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, good.URL, http.StatusMovedPermanently)
	})
	slow := plainServer(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ended := plainServer(t, func(w http.ResponseWriter, _ *http.Request) {
		c, _, _ := w.(http.Hijacker).Hijack()
		c.Close()
	})
	cut := plainServer(t, func(w http.ResponseWriter, _ *http.Request) {
		c, b, _ := w.(http.Hijacker).Hijack()
		fmt.Fprint(b, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
		b.Flush()
		c.Close()
	})
	noHTTP := listen(t, func(c *net.TCPConn) {
		_, _ = c.Read(make([]byte, 1000))
		fmt.Fprint(c, "SSH-2.0-OpenSSH_9.9\r\n\r\n")
		c.Close()
	})
	noTLS := listen(t, func(c *net.TCPConn) { _, _ = c.Read(make([]byte, 10_000)); c.Close() })
	secure, trust := webServer(t, hello)
	names := fixedResolver{"wrong.name.test": {netip.MustParseAddr("127.0.0.1")}}
	for name, test := range map[string]struct {
		p     probe.HTTP
		class probe.Class
		op    string
	}{
		"redirect":             {probe.HTTP{URL: moved.URL}, probe.HTTPStatus, "status"},
		"status":               {probe.HTTP{URL: good.URL, Expect: probe.HTTPExpect{Status: []int{204}}}, probe.HTTPStatus, "status"},
		"header":               {probe.HTTP{URL: good.URL, Expect: probe.HTTPExpect{Header: map[string]string{"X-Region": "eu-west-1"}}}, probe.Assertion, "header"},
		"body":                 {probe.HTTP{URL: good.URL, Expect: probe.HTTPExpect{Body: regexp.MustCompile("bye")}}, probe.Assertion, "body"},
		"no answer":            {probe.HTTP{URL: slow.URL}, probe.Timeout, "wait"},
		"connection ended":     {probe.HTTP{URL: ended.URL}, probe.Reset, "wait"},
		"answer cut":           {probe.HTTP{URL: cut.URL}, probe.Reset, "receive"},
		"not HTTP":             {probe.HTTP{URL: "http://" + noHTTP.String()}, probe.Assertion, "wait"},
		"unknown authority":    {probe.HTTP{URL: secure.URL}, probe.TLS, "tls"},
		"wrong name":           {probe.HTTP{URL: strings.Replace(secure.URL, "127.0.0.1", "wrong.name.test", 1), TLS: trust, Resolver: names}, probe.TLS, "tls"},
		"TLS of a plain":       {probe.HTTP{URL: strings.Replace(good.URL, "http:", "https:", 1)}, probe.TLS, "tls"},
		"handshake cut":        {probe.HTTP{URL: "https://" + noTLS.String()}, probe.TLS, "tls"},
		"certificate ends":     {probe.HTTP{URL: secure.URL, TLS: trust, Expect: probe.HTTPExpect{CertificateFor: 200 * 365 * 24 * time.Hour}}, probe.Assertion, "certificate"},
		"no certificate":       {probe.HTTP{URL: good.URL, Expect: probe.HTTPExpect{CertificateFor: time.Hour}}, probe.Assertion, "certificate"},
		"refused":              {probe.HTTP{URL: "http://127.0.0.1:1"}, probe.Refused, "connect"},
		"header of no request": {probe.HTTP{URL: good.URL, Header: map[string]string{"bad name": "x"}}, probe.Local, "send"},
	} {
		t.Run(name, func(t *testing.T) {
			p := prepared(t, &test.p)
			wantFailure(t, p.Probe(within(t, 500*time.Millisecond), probe.Shot{}), test.class, test.op)
		})
	}
}

func TestHTTP_DNSFailureInTheProbe(t *testing.T) {
	names := fixedResolver{"gone.test": {netip.MustParseAddr("127.0.0.1")}}
	p := prepared(t, &probe.HTTP{URL: "http://gone.test:1/", Resolver: names})
	delete(names, "gone.test")
	wantFailure(t, p.Probe(within(t, time.Second), probe.Shot{}), probe.DNS, "resolve")
}

func TestHTTP_PinSkipsTheName(t *testing.T) {
	s := plainServer(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })
	p := prepared(t, &probe.HTTP{
		URL: strings.Replace(s.URL, "127.0.0.1", "pinned.test", 1), Pin: netip.MustParseAddr("127.0.0.1"),
		Expect: probe.HTTPExpect{Body: regexp.MustCompile(`^pinned\.test:`)},
	})
	if o := p.Probe(within(t, time.Second), probe.Shot{}); !o.OK() || o.Phases.DNS != 0 {
		t.Errorf("got %+v, %v", o.Phases, o.Failure)
	}
}

func TestHTTP_RefusesOtherURLs(t *testing.T) {
	for _, url := range []string{"", "ftp://example.com", "example.com", "http://"} {
		if err := (&probe.HTTP{URL: url}).Prepare(context.Background()); err == nil {
			t.Errorf("%q is no error", url)
		}
	}
}
