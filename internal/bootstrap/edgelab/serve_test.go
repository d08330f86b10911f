//go:build linux

package edgelab_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// builds are the two kinds of nginx that proxies have.
var builds = []struct {
	name string
	get  func(*testing.T) nginx
}{{"debian", debianNginx}, {"new", newNginx}}

// oneWay is the cable's delay: an answer of the origin takes at least twice that and the origin's own time.
const oneWay = 5 * time.Millisecond

// site is a machine that serves, and the world around it.
type site struct {
	*machine
	*world
	web *http.Client
}

// eachBuild runs a test for a proxy on both. The origin answers with what it got; /slow takes three seconds, and
// /trickle sends its body late.
func eachBuild(t *testing.T, e bootstrap.EdgeProxy, prepare func(*site), test func(*site)) {
	for _, b := range builds {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			build := b.get(t)
			w := newWorld(t, oneWay, http.HandlerFunc(answerRequest))
			s := &site{newMachine(t, build, w.edge, e), w, w.client()}
			if prepare != nil {
				prepare(s)
			}
			s.boot()
			if build.os == bootstrap.Debian {
				s.start("/var/log/origin.out", bootstrap.Folder+"/origin")
			}
			s.awaitOrigin()
			test(s)
		})
	}
}

// trickle is how much later than the header the body of /trickle comes.
const trickle = 300 * time.Millisecond

func answerRequest(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	time.Sleep(work)
	if r.URL.Path == "/slow" {
		time.Sleep(3 * time.Second)
	}
	if r.URL.Path == "/trickle" { // the header at once, the body later
		_ = http.NewResponseController(w).Flush()
		time.Sleep(trickle)
	}
	got := r.Header.Clone()
	got.Set("Host", r.Host)
	got.Set("Protocol", r.Proto)
	_ = json.NewEncoder(w).Encode(got)
}

// sub is a test of its own on the same site.
func (s *site) sub(name string, test func(*site)) {
	s.Run(name, func(t *testing.T) {
		m := *s.machine
		m.T = t
		test(&site{&m, s.world, s.web})
	})
}

// awaitOrigin waits until nginx has asked DNS, which it does once it runs.
func (s *site) awaitOrigin() {
	s.Helper()
	for range 100 {
		if strings.Contains(s.run("nginx", "-T"), "listen 80 ") {
			if code, _ := s.get("http://127.0.0.1/", nil); code != http.StatusBadGateway {
				return
			}
			time.Sleep(50 * time.Millisecond)
			continue
		}
		time.Sleep(1500 * time.Millisecond) // a port or a protocol of its own: what DNS says is known by then
		return
	}
	s.Fatal("the origin stays without an address")
}

// get returns status and body; the header of the answer is in header.
func (s *site) get(url string, header http.Header) (status int, body string) {
	s.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	s.must(err)
	for k, v := range header {
		request.Header[k] = v
	}
	request.Host = header.Get("Host")
	answer, err := s.web.Do(request)
	s.must(err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	s.must(err)
	if header != nil {
		clear(header)
		for k, v := range answer.Header {
			header[k] = v
		}
	}
	return answer.StatusCode, string(b)
}

// atOrigin is what the origin got.
func (s *site) atOrigin(body string) http.Header {
	s.Helper()
	var h http.Header
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		s.Fatalf("not an answer of the origin: %v: %q", err, body)
	}
	return h
}

func (s *site) want(what string, got, want any) {
	s.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	eachBuild(t, plain(), nil, func(s *site) {
		s.sub("headers to the origin", headersToTheOrigin)
		s.sub("times in header and log", timesInHeaderAndLog)
		s.sub("HTTP/2 without TLS", http2WithoutTLS)
		s.sub("logs are rotated", logsAreRotated)
		s.sub("health does not need the origin", healthDoesNotNeedTheOrigin) // last: the origin is gone
	})
}

// What a client says about itself, or about the connection, is not passed on as true.
func headersToTheOrigin(s *site) {
	_, body := s.get("http://127.0.0.1/api", http.Header{
		"Host": {"www.example.com"}, "X-Forwarded-For": {"192.0.2.1"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"for=192.0.2.1"},
		"X-Real-Ip": {"192.0.2.1"}, "Connection": {"upgrade"}, "Upgrade": {"h2c"}, "Cookie": {"a=b"},
	})
	got := s.atOrigin(body)
	s.want("Host", got.Get("Host"), "www.example.com")
	s.want("X-Forwarded-Host", got.Get("X-Forwarded-Host"), "www.example.com")
	s.want("X-Forwarded-For", got["X-Forwarded-For"], "[127.0.0.1]")
	s.want("X-Forwarded-Proto", got["X-Forwarded-Proto"], "[http]")
	s.want("Protocol", got.Get("Protocol"), "HTTP/1.1")
	s.want("Cookie", got.Get("Cookie"), "a=b")
	for _, h := range []string{"Connection", "Upgrade", "Forwarded", "X-Real-Ip", "X-Forwarded-Port"} {
		s.want(h, got[h], "[]")
	}
	if id := got.Get("X-Request-Id"); len(id) != 32 {
		s.Errorf("X-Request-ID: got %q", id)
	}
}

// A network load balancer that ends TLS hands on what it negotiated.
func http2WithoutTLS(s *site) {
	if s.machine.web.os == bootstrap.Debian {
		s.Skip("nginx 1.22 speaks one protocol on a port without TLS")
	}
	t := &http.Transport{DialContext: s.dial, Protocols: new(http.Protocols)}
	t.Protocols.SetUnencryptedHTTP2(true)
	answer, err := (&http.Client{Transport: t}).Get("http://127.0.0.1/api")
	s.must(err)
	_ = answer.Body.Close()
	s.want("protocol", answer.Proto, "HTTP/2.0")
	s.want("status", answer.StatusCode, http.StatusOK)
}

var timing = regexp.MustCompile(`^edge-connect;dur=(\d+), edge-header;dur=(\d+), edge-total;dur=(\d+)$`)

// logLine is a line of the access log.
type logLine struct {
	Path, Client, Method, Origin string
	Status                       int
	OriginStatus                 string `json:"origin_status"`
	Connect                      *int   `json:"connect_ms"`
	Header                       *int   `json:"header_ms"`
	Response                     *int   `json:"response_ms"`
	Total                        *int   `json:"total_ms"`
}

// lines reads the access log when it has at least n lines; nginx writes it once a second.
func (m *machine) lines(n int) (lines []logLine) {
	m.Helper()
	for range 300 {
		b := []byte(m.read("/var/log/nginx/access.log"))
		if bytes.Count(b, []byte("\n")) < n {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		for line := range bytes.Lines(b) {
			var l logLine
			if err := json.Unmarshal(line, &l); err != nil {
				m.Fatalf("%v: %s", err, line)
			}
			lines = append(lines, l)
		}
		return lines
	}
	m.Fatalf("the access log does not get %d lines:\n%s", n, m.read("/var/log/nginx/access.log"))
	return nil
}

// The second request is on a kept connection: no time for connect, one round trip in all.
func timesInHeaderAndLog(s *site) {
	least := (2*oneWay + work).Milliseconds()
	before := len(s.lines(0))
	var header http.Header
	for range 6 {
		header = http.Header{}
		s.get("http://127.0.0.1/api?token=hidden", header)
	}
	m := timing.FindStringSubmatch(header.Get("Server-Timing"))
	if m == nil {
		s.Fatalf("Server-Timing: got %q", header.Get("Server-Timing"))
	}
	s.want("connect on a kept connection", m[1], "0")
	for _, ms := range m[2:] {
		if len(ms) < 2 || ms < fmt.Sprint(least) {
			s.Errorf("%s: want at least %d ms", m[0], least)
		}
	}
	s.want("Server", header.Get("Server"), "nginx")
	lines := s.lines(before + 6)
	last := lines[len(lines)-1]
	if strings.Contains(s.read("/var/log/nginx/access.log"), "hidden") || last.Path != "/api" {
		s.Errorf("the log has the query, or not the path: %+v", last)
	}
	if last.Connect == nil || last.Header == nil || last.Response == nil || last.Total == nil {
		s.Fatalf("a time is missing: %+v", last)
	}
	if int64(*last.Header) < least || *last.Total+1 < *last.Header || *last.Connect != 0 {
		s.Errorf("times: connect %d, header %d, total %d; want header at least %d", *last.Connect, *last.Header, *last.Total, least)
	}
	if last.OriginStatus != "200" || !strings.HasPrefix(last.Origin, "10.30.0.1") || last.Client != "127.0.0.1" {
		s.Errorf("got %+v", last)
	}
	// The header of the answer cannot know what the body takes; the log does.
	before = len(lines)
	s.get("http://127.0.0.1/trickle", nil)
	last = s.lines(before + 1)[before]
	if min := int(trickle.Milliseconds()); *last.Total < min || *last.Response < min || *last.Header >= min {
		s.Errorf("a body %d ms late: header %d, response %d, total %d", min, *last.Header, *last.Response, *last.Total)
	}
}

// A proxy is healthy without its origin: else one fault of the origin takes all proxies out of service.
func healthDoesNotNeedTheOrigin(s *site) {
	s.must(s.kill(1))
	s.must(s.kill(2))
	status, _ := s.get("http://127.0.0.1/api", nil)
	if status != http.StatusBadGateway && status != http.StatusGatewayTimeout {
		s.Errorf("without the origin: status %d", status)
	}
	status, body := s.get("http://127.0.0.1/.pathproof/health", nil)
	s.want("health", fmt.Sprint(status, " ", body), "200 ok\n")
	before := len(s.lines(0))
	s.get("http://127.0.0.1/last", nil)
	for _, line := range s.lines(before + 1) {
		if line.Path == "/.pathproof/health" {
			s.Error("health checks are logged")
		}
	}
	s.run(script(bootstrap.Folder + "/checks.d/nginx")...)
	s.want("metrics", regexp.MustCompile(`\d+`).ReplaceAllString(s.run(script(bootstrap.Folder+"/metrics.d/nginx")...), "N"), "ActiveConnections N Count\n")
}

func TestServe_Limits(t *testing.T) {
	t.Parallel()
	e := plain()
	e.Limits = bootstrap.Limits{RequestsPerSecond: 2, BodyMiB: 1}
	eachBuild(t, e, nil, func(s *site) {
		codes := map[int]int{}
		for range 60 {
			code, _ := s.get("http://127.0.0.1/api", nil)
			codes[code]++
		}
		if codes[http.StatusOK] == 0 || codes[http.StatusTooManyRequests] == 0 || len(codes) != 2 {
			s.Errorf("60 requests, 2 a second allowed: %v", codes)
		}
		code, _ := s.get("http://127.0.0.1/.pathproof/health", nil)
		s.want("health of a client over its limit", code, http.StatusOK)
		answer, err := s.web.Post("http://127.0.0.1/api", "text/plain", strings.NewReader(strings.Repeat("x", 2<<20)))
		s.must(err)
		_ = answer.Body.Close()
		s.want("2 MiB", answer.StatusCode, http.StatusRequestEntityTooLarge)
	})
}

// The logs get new files, and nginx writes there.
func logsAreRotated(s *site) {
	s.get("http://127.0.0.1/before", nil)
	s.lines(1)
	s.run("logrotate", "-f", "-s", "/run/logrotate.state", "/etc/logrotate.d/nginx")
	for range 100 {
		s.get("http://127.0.0.1/after", nil)
		if lines := s.lines(0); len(lines) > 0 && lines[len(lines)-1].Path == "/after" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if old := s.read("/var/log/nginx/access.log.1"); !strings.Contains(old, "/before") {
		s.Errorf("the old log has:\n%s", old)
	}
	if !strings.Contains(s.read("/var/log/nginx/access.log"), "/after") {
		s.Error("nginx does not write the new log")
	}
}
