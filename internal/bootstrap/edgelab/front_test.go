//go:build linux

package edgelab_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// raw sends bytes to a port and returns the answer that comes.
func (s *site) raw(port, head, request string) (int, string) {
	s.Helper()
	c, err := s.dial(s.Context(), "tcp4", "127.0.0.1:"+port)
	s.must(err)
	defer c.Close()
	s.must(c.SetDeadline(time.Now().Add(5 * time.Second)))
	_, err = io.WriteString(c, head+request)
	s.must(err)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	s.must(err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	s.must(err)
	return answer.StatusCode, string(b)
}

// localHeader is proxy protocol version 2 without addresses, as on health checks of an NLB.
const localHeader = "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"

func TestFront_AnNLBSaysTheAddress(t *testing.T) {
	t.Parallel()
	e := plain()
	e.Front = bootstrap.Front{HTTP: 8080, TLSInFront: true, ClientAddress: bootstrap.FromProxyProtocol, Trusted: loopback}
	eachBuild(t, e, nil, func(s *site) {
		const request = "GET /api HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
		_, body := s.raw("8080", "PROXY TCP4 203.0.113.9 127.0.0.1 1234 8080\r\n", request)
		got := s.atOrigin(body)
		s.want("X-Forwarded-For", got["X-Forwarded-For"], "[203.0.113.9]")
		s.want("X-Forwarded-Proto", got["X-Forwarded-Proto"], "[https]")
		status, body := s.raw("8080", localHeader, "GET /.pathproof/health HTTP/1.1\r\nHost: x\r\n\r\n")
		s.want("health check", status, 200)
		s.want("health check", body, "ok\n")
	})
}

func TestFront_AnALBSaysTheAddress(t *testing.T) {
	t.Parallel()
	e := plain()
	e.Front.ClientAddress, e.Front.Trusted = bootstrap.FromForwardedFor, loopback
	eachBuild(t, e, nil, func(s *site) {
		_, body := s.get("http://127.0.0.1/api", http.Header{"X-Forwarded-For": {"192.0.2.1, 203.0.113.9"}, "X-Forwarded-Proto": {"https"}})
		got := s.atOrigin(body)
		s.want("X-Forwarded-For: the ALB's, not the one that the client made up", got["X-Forwarded-For"], "[203.0.113.9]")
		s.want("X-Forwarded-Proto", got["X-Forwarded-Proto"], "[https]")
	})
}

func TestFront_NobodyElseSaysTheAddress(t *testing.T) {
	t.Parallel()
	e := plain()
	e.Front.ClientAddress, e.Front.Trusted = bootstrap.FromForwardedFor, []netip.Prefix{netip.MustParsePrefix("10.0.1.0/27")}
	eachBuild(t, e, nil, func(s *site) {
		_, body := s.get("http://127.0.0.1/api", http.Header{"X-Forwarded-For": {"203.0.113.9"}})
		s.want("X-Forwarded-For from elsewhere", s.atOrigin(body)["X-Forwarded-For"], "[127.0.0.1]")
	})
}

// tlsState connects to a port with TLS.
func (s *site) tlsState(c *tls.Config) (tls.ConnectionState, error) {
	conn, err := s.dial(context.Background(), "tcp4", "127.0.0.1:443")
	s.must(err)
	defer conn.Close()
	client := tls.Client(conn, c)
	if err := client.Handshake(); err != nil {
		return tls.ConnectionState{}, err
	}
	return client.ConnectionState(), nil
}

func pool(p pair) *x509.CertPool {
	c := x509.NewCertPool()
	c.AppendCertsFromPEM([]byte(p.certificate))
	return c
}

func TestFront_TLS(t *testing.T) {
	t.Parallel()
	e := plain()
	e.Front = bootstrap.Front{HTTP: 80, HTTPS: 443, TLSSecret: "edge"}
	first, second := newPair(t, "www.example.com"), newPair(t, "www.example.com")
	eachBuild(t, e, func(s *site) { s.secret(first) }, func(s *site) {
		state, err := s.tlsState(&tls.Config{RootCAs: pool(first), ServerName: "www.example.com", NextProtos: []string{"h2", "http/1.1"}})
		s.must(err)
		s.want("protocol", state.NegotiatedProtocol, "h2")
		_, err = s.tlsState(&tls.Config{RootCAs: pool(first), ServerName: "www.example.com", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		if err == nil {
			s.Error("TLS 1.1 is accepted")
		}
		s.web.Transport = &http.Transport{DialContext: s.dial, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool(first), ServerName: "www.example.com"}}
		_, body := s.get("https://127.0.0.1/api", http.Header{"Host": {"www.example.com"}})
		s.want("X-Forwarded-Proto", s.atOrigin(body)["X-Forwarded-Proto"], "[https]")
		s.want("Host", s.atOrigin(body).Get("Host"), "www.example.com")
		answer := http.Header{"Host": {"www.example.com"}}
		status, _ := s.get("http://127.0.0.1/api?a=b", answer)
		s.want("over http", status, http.StatusPermanentRedirect)
		s.want("over http", answer.Get("Location"), "https://www.example.com/api?a=b")
		s.rotates(first, second)
	})
}

// rotates changes the secret, to a pair that does not fit and to one that does.
func (s *site) rotates(first, second pair) {
	s.Helper()
	s.secret(pair{second.certificate, first.key})
	if out, err := s.try(nil, bootstrap.Folder+"/tls"); err == nil || out != "certificate and key do not belong together\n" {
		s.Errorf("a key of another certificate: %v %q", err, out)
	}
	_, err := s.tlsState(&tls.Config{RootCAs: pool(first), ServerName: "www.example.com"})
	s.must(err)
	s.secret(second)
	s.run(bootstrap.Folder + "/tls")
	for range 100 {
		if _, err = s.tlsState(&tls.Config{RootCAs: pool(second), ServerName: "www.example.com"}); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.must(err)
	folders, err := os.ReadDir(s.path("/run/pathproof"))
	s.must(err)
	var kept int
	for _, f := range folders {
		if strings.HasPrefix(f.Name(), "tls-") {
			kept++
			info, err := f.Info()
			s.must(err)
			s.want("mode of "+f.Name(), info.Mode().Perm(), os.FileMode(0o700))
		}
	}
	s.want("keys on the machine", kept, 1)
}

// The origin's certificate is verified, by the name that it has and not by the origin's.
func TestFront_TheOriginSpeaksTLS(t *testing.T) {
	t.Parallel()
	e := plain()
	e.Origin = bootstrap.Origin{Name: originName, Port: originPort, TLS: true, CertificateName: "real.example.com"}
	for _, c := range []struct {
		name, in string
		known    bool
		want     int
	}{
		{"its certificate", "real.example.com", true, http.StatusOK},
		{"another name", originName, true, http.StatusBadGateway},
		{"an unknown authority", "real.example.com", false, http.StatusBadGateway},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(t, c.in)
			certificate, err := tls.X509KeyPair([]byte(p.certificate), []byte(p.key))
			if err != nil {
				t.Fatal(err)
			}
			prepare := func(s *site) {
				if c.known {
					s.trust(p.certificate)
				}
				s.world.tls = &tls.Config{Certificates: []tls.Certificate{certificate}}
				for n := 1; n <= 2; n++ {
					s.must(s.kill(n))
					s.must(s.add(n))
				}
			}
			for _, b := range builds {
				t.Run(b.name, func(t *testing.T) {
					t.Parallel()
					oneOriginWithTLS(t, b.get(t), e, prepare, c.want)
				})
			}
		})
	}
}

func oneOriginWithTLS(t *testing.T, build nginx, e bootstrap.EdgeProxy, prepare func(*site), want int) {
	w := newWorld(t, oneWay, http.HandlerFunc(answerRequest))
	s := &site{newMachine(t, build, w.edge, e), w, w.client()}
	prepare(s)
	s.boot()
	var got int
	for range 20 { // nginx asks DNS once it runs; until then everything is 502
		if got, _ = s.get("http://127.0.0.1/api", nil); got == want && want == http.StatusOK {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.want("status", got, want)
	if log := s.read("/var/log/nginx/error.log"); want != http.StatusOK && !containsAny(log, "does not match", "verify error") {
		s.Errorf("nginx does not say why:\n%s", tail(log, 1000))
	}
}

// A proxy that stops says so first, then finishes what it has begun.
func TestFront_DrainsBeforeItStops(t *testing.T) {
	t.Parallel()
	e := plain()
	e.Drain = 2 * time.Second
	eachBuild(t, e, nil, func(s *site) {
		pid := strings.TrimSpace(s.read("/run/nginx.pid"))
		stopped := make(chan string)
		go func() {
			out, err := s.try([]string{"MAINPID=" + pid}, bootstrap.Folder+"/drain")
			if err != nil {
				out += err.Error()
			}
			stopped <- out
		}()
		var health int
		for range 200 {
			if health, _ = s.get("http://127.0.0.1/.pathproof/health", nil); health != http.StatusOK {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		s.want("health while it drains", health, http.StatusServiceUnavailable)
		slow := make(chan int) // begins before nginx is told to stop, and ends after
		go func() { status, _ := s.get("http://127.0.0.1/slow", nil); slow <- status }()
		others, _ := s.get("http://127.0.0.1/api", nil)
		s.want("a request while it drains", others, http.StatusOK)
		s.want("a request that had begun", <-slow, http.StatusOK)
		s.want("the script", <-stopped, "")
		if _, err := s.dial(s.Context(), "tcp4", "127.0.0.1:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			s.Errorf("after the script: %v, want nobody there", err)
		}
	})
}
