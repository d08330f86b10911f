package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/secret"
)

const (
	token   = "SECRETTOKEN"
	address = "https://hooks.example.com/services/T0/B0/" + token
)

// script answers one request after the other; the last step stays.
type script struct {
	t     *testing.T
	steps []func(*http.Request) (*http.Response, error)
	times []time.Time
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.times = append(s.times, time.Now())
	body, _ := io.ReadAll(r.Body)
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json; charset=utf-8" || string(body) != `{"text":"x"}` {
		s.t.Errorf("%s %q %q", r.Method, r.Header.Get("Content-Type"), body)
	}
	return s.steps[min(len(s.times), len(s.steps))-1](r)
}

func status(code int, pairs ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		res := &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == "body" {
				res.Body = io.NopCloser(strings.NewReader(pairs[i+1]))
			} else {
				res.Header.Set(pairs[i], pairs[i+1])
			}
		}
		return res, nil
	}
}

func fails(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// post posts with Lambda's time limit against a script. It asserts what holds for every run: in time, and no address anywhere.
func post(t *testing.T, steps ...func(*http.Request) (*http.Response, error)) (s *script, log string, err error) {
	t.Helper()
	s = &script{t: t, steps: steps}
	var b bytes.Buffer
	to, err := ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), FunctionTimeout)
	defer cancel()
	p := &Poster{Client: NewClient(s), Log: lambdax.NewLogger(&b)}
	err = p.Post(ctx, to, []byte(`{"text":"x"}`))
	if deadline, _ := ctx.Deadline(); time.Until(deadline) < time.Second {
		t.Errorf("came back %s before the function's time was up", time.Until(deadline))
	}
	log = b.String()
	for _, hidden := range []string{token, "hooks.example.com", "/services/", "T0/B0", "192.0.2.1"} {
		if strings.Contains(log, hidden) || err != nil && strings.Contains(err.Error(), hidden) {
			t.Errorf("%s is told: %v\n%s", hidden, err, log)
		}
	}
	return s, log, err
}

func TestPost_TriesAgain(t *testing.T) {
	dial := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.ParseIP("192.0.2.1")}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for name, x := range map[string]struct {
		first func(*http.Request) (*http.Response, error)
		least time.Duration // until the second try
		says  string
	}{
		"500":                   {status(500), 0, "HTTP status 500"},
		"503":                   {status(503, "body", "upstream broke"), 0, "upstream broke"},
		"408":                   {status(408), 0, "HTTP status 408"},
		"429 with seconds":      {status(429, "Retry-After", "7"), 7 * time.Second, "HTTP status 429"},
		"429 without":           {status(429), 0, "HTTP status 429"},
		"no answer":             {hangs, 5 * time.Second, "no answer in time"},
		"connection refused":    {fails(dial), 0, "dial: connection refused"},
		"no such host":          {fails(&net.DNSError{Err: "no such host", Name: "hooks.example.com"}), 0, "does not resolve"},
		"anything else":         {fails(errors.New("read from https://hooks.example.com/services/: EOF")), 0, "the connection broke"},
		"an answer that echoes": {status(502, "body", "cannot reach "+address), 0, "HTTP status 502\""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, log, err := post(t, x.first, status(200, "body", "ok"))
				if err != nil || len(s.times) != 2 {
					t.Fatalf("%d tries, %v\n%s", len(s.times), err, log)
				}
				if waited := s.times[1].Sub(s.times[0]); waited < x.least || waited > x.least+time.Second {
					t.Errorf("the second try came after %s, want %s and at most a second more", waited, x.least)
				}
				if !strings.Contains(log, x.says) {
					t.Errorf("the log does not say %q:\n%s", x.says, log)
				}
			})
		})
	}
}

// A date in Retry-After is as good as seconds; one that lies in the past is no wait.
func TestPost_RetryAfterDate(t *testing.T) {
	now := time.Date(2026, 11, 30, 6, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"Mon, 30 Nov 2026 06:00:09 GMT": 9 * time.Second, "Mon, 30 Nov 2026 05:00:00 GMT": 0, "": 0, "soon": 0, "-1": 0, "99999999": time.Hour,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}

func TestPost_GivesUp(t *testing.T) {
	for name, x := range map[string]struct {
		step        func(*http.Request) (*http.Response, error)
		most, least int
		says        string
	}{
		"a server that stays broken":      {status(500), 30, 5, "given up after"},
		"a server that never answers":     {hangs, 6, 3, "given up after"},
		"an hour's wait is asked for":     {status(429, "Retry-After", "3600"), 1, 1, "given up after 1 attempts: HTTP status 429"},
		"the webhook is gone":             {status(404, "body", "no_service"), 1, 1, `refused: HTTP status 404 ("no_service")`},
		"the message is not taken":        {status(400, "body", "invalid_blocks"), 1, 1, `("invalid_blocks")`},
		"a redirection is not followed":   {status(302, "Location", "https://elsewhere.example.com/"), 1, 1, "refused: HTTP status 302"},
		"a refusal that echoes the token": {status(403, "body", "token "+token+" is revoked"), 1, 1, "refused: HTTP status 403"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, log, err := post(t, x.step)
				if err == nil || !strings.Contains(err.Error(), x.says) {
					t.Fatalf("got %v, want %q\n%s", err, x.says, log)
				}
				if n := len(s.times); n < x.least || n > x.most {
					t.Errorf("%d tries, want %d to %d", n, x.least, x.most)
				}
				if got, want := errors.Is(err, ErrRefused), strings.Contains(x.says, "refused") || strings.Contains(x.says, "invalid"); got != want {
					t.Errorf("refused: got %t, want %t", got, want)
				}
			})
		})
	}
}

func TestParseAddress(t *testing.T) {
	for _, bad := range []string{"", "hooks.example.com/" + token, "http://hooks.example.com/" + token, "https:///" + token, "https://%zz/" + token} {
		if got, err := ParseAddress(bad); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%q: got %v, %v", bad, got, err)
		}
	}
	to, err := ParseAddress(" " + address + "\n")
	if err != nil || to.Reveal() != address || strings.Contains(fmt.Sprintf("%v %s %q %#v", to, to, to, to), token) {
		t.Errorf("got %v, %v", to, err)
	}
	var none secret.Text
	if !none.Empty() {
		t.Error("the zero value holds something")
	}
}
