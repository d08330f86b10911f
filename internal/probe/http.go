package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// HTTPVersion chooses the protocol.
type HTTPVersion string

// The versions.
const (
	HTTPAny HTTPVersion = ""    // what client and server agree on; without TLS that is HTTP/1.1
	HTTP1   HTTPVersion = "1.1" // HTTP/1.1 only
	HTTP2   HTTPVersion = "2"   // HTTP/2 only; without TLS by prior knowledge
)

// HTTP does one request and times its phases. Every probe has a new connection, unless Reuse is set. Redirects are
// answers, not followed; there is no proxy; the environment is not read.
//
// Connect is timed by the kernel where it tells, all other phases by the program.
type HTTP struct {
	URL    string
	Method string            // default: GET
	Header map[string]string // sent with each request; Host sets the host
	Body   string            // sent with each request

	Version  HTTPVersion
	Family   Family
	Pin      netip.Addr // connect to this address instead of resolving the name
	Source   netip.Addr // local address; default: the routing table decides
	Resolver Resolver   // default: net.DefaultResolver

	// Reuse keeps connections between probes, so that most have neither dns nor connect nor tls. A source port asks for
	// a connection of its own all the same.
	Reuse bool

	TLS    *tls.Config // default: the system's roots
	Expect HTTPExpect

	url       *url.URL
	transport *http.Transport // for Reuse
	target    Target
}

// HTTPExpect is what an answer has to be like.
type HTTPExpect struct {
	// Status lists good statuses. Default: 200 to 299.
	Status []int

	// Header holds values that must be there, exactly.
	Header map[string]string

	// Body has to match, in its first MaxBody bytes.
	Body *regexp.Regexp

	// MaxBody is how much of a body is read (1 MiB). The rest is not waited for.
	MaxBody int64

	// CertificateFor is how long the server's certificate must still be valid.
	CertificateFor time.Duration
}

var _ Prober = (*HTTP)(nil)

// Kind returns KindHTTP.
func (p *HTTP) Kind() Kind { return KindHTTP }

// Prepare checks the URL and resolves its name, so that Target can tell. Probes resolve again, in their own dns phase.
func (p *HTTP) Prepare(ctx context.Context) error {
	if p.url == nil {
		if err := p.configure(); err != nil {
			return err
		}
	}
	port, _ := strconv.ParseUint(portOf(p.url), 10, 16)
	t := Target{Host: Redacted(p.URL), Port: uint16(port), IP: p.Pin}
	if !p.Pin.IsValid() {
		var err error
		if t.IP, t.Resolved, err = resolve(ctx, p.Resolver, p.Family, p.url.Hostname()); err != nil {
			return err
		}
	}
	p.target = t
	return nil
}

func (p *HTTP) configure() error {
	u, err := url.Parse(p.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return failed(Local, "prepare", fmt.Sprintf("no http or https URL, got %q", Redacted(p.URL)))
	}
	setDefault(&p.Method, http.MethodGet)
	setDefault(&p.Expect.MaxBody, 1<<20)
	p.url = u
	p.transport = p.newTransport()
	return nil
}

// Redacted returns a URL with the values of its query left out, for reports: there are tokens among them.
func Redacted(rawURL string) string {
	base, query, found := strings.Cut(rawURL, "?")
	if !found {
		return rawURL
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if name, _, ok := strings.Cut(part, "="); ok {
			parts[i] = name + "=..."
		} else if part != "" { // no name, so it is all value
			parts[i] = "..."
		}
	}
	return base + "?" + strings.Join(parts, "&")
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// Target returns the URL, without the values of its query, and, after Prepare, the address that the name had then.
func (p *HTTP) Target() Target {
	if p.target.Host == "" {
		return Target{Host: Redacted(p.URL)}
	}
	return p.target
}

// Close ends connections kept for Reuse.
func (p *HTTP) Close() error {
	if p.transport != nil {
		p.transport.CloseIdleConnections()
	}
	return nil
}

func (p *HTTP) newTransport() *http.Transport {
	t := &http.Transport{
		DialContext:         p.dialContext,
		DisableCompression:  true,
		TLSClientConfig:     p.TLS.Clone(),
		Protocols:           new(http.Protocols),
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
	}
	t.Protocols.SetHTTP1(p.Version != HTTP2)
	t.Protocols.SetHTTP2(p.Version != HTTP1)
	t.Protocols.SetUnencryptedHTTP2(p.Version == HTTP2)
	return t
}

// dialContext resolves and connects for a request, whose recorder is in ctx.
func (p *HTTP) dialContext(ctx context.Context, _, address string) (net.Conn, error) {
	rec := recorderOf(ctx)
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, err
	}
	ip := p.Pin
	if !ip.IsValid() {
		var took Micros
		ip, took, err = resolve(ctx, p.Resolver, p.Family, host)
		rec.update(func(a *attempt) { a.phases.DNS = took })
		if err != nil {
			return nil, err
		}
	}
	return rec.connect(ctx, netip.AddrPortFrom(ip, uint16(port)), p.Source)
}

// Probe does one request.
func (p *HTTP) Probe(ctx context.Context, shot Shot) Outcome {
	transport := p.transport
	if !p.Reuse || shot.SourcePort != 0 {
		transport = p.newTransport()
		defer transport.CloseIdleConnections()
	}
	rec := &recorder{sourcePort: shot.SourcePort}
	start := time.Now()
	fail := p.request(rec.context(ctx), transport, rec)
	elapsed := MicrosOf(time.Since(start))
	o := rec.outcome()
	o.Elapsed, o.Failure = elapsed, fail
	if o.Phases.Receive > 0 {
		o.Phases.Total = elapsed
	}
	return o
}

// request does the request and judges the answer.
func (p *HTTP) request(ctx context.Context, transport *http.Transport, rec *recorder) *Failure {
	r, err := http.NewRequestWithContext(ctx, p.Method, p.url.String(), strings.NewReader(p.Body))
	if err != nil {
		return &Failure{Class: Local, Op: "send", Detail: err.Error(), err: err}
	}
	for name, value := range p.Header {
		if strings.EqualFold(name, "Host") {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	answer, err := transport.RoundTrip(r) // not a Client: it would follow redirects
	if err != nil {
		if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
			err = ctx.Err()
		}
		return rec.failure(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, p.Expect.MaxBody))
	rec.received()
	if err != nil {
		return classified("receive", err)
	}
	rec.servedBy(answer.Header)
	return p.Expect.judge(p.Version, answer, body)
}
