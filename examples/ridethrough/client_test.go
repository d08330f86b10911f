package ridethrough

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// script answers attempts one after the other; the last answer stays.
type script struct {
	answers []func(*http.Request) (*http.Response, error)
	bodies  []string
	at      []time.Time
	closed  int
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.at = append(s.at, time.Now())
	if req.Body != nil {
		body, _ := io.ReadAll(req.Body)
		s.bodies = append(s.bodies, string(body))
	}
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return answer(req)
}

func (s *script) CloseIdleConnections() { s.closed++ }

func status(code int, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader("done"))}, nil
	}
}

// silence is a path that carries nothing.
func silence(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func brokenOff(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader("do"), iotest.ErrReader(io.ErrUnexpectedEOF)))}, nil
}

func TestDo(t *testing.T) {
	for _, tt := range []struct {
		name, method, key string
		answers           []func(*http.Request) (*http.Response, error)
		attempts          int
		status            int // 0: an error
		closed            int
	}{
		{"at once", "GET", "", []func(*http.Request) (*http.Response, error){status(200)}, 1, 200, 0},
		{"after silence", "GET", "", []func(*http.Request) (*http.Response, error){silence, silence, status(200)}, 3, 200, 2},
		{"an answer that breaks off", "GET", "", []func(*http.Request) (*http.Response, error){brokenOff, status(200)}, 2, 200, 1},
		{"busy", "PUT", "", []func(*http.Request) (*http.Response, error){status(503), status(429), status(204)}, 3, 204, 0},
		{"not found is an answer", "GET", "", []func(*http.Request) (*http.Response, error){status(404), status(200)}, 1, 404, 0},
		{"a POST is made once", "POST", "", []func(*http.Request) (*http.Response, error){silence, status(200)}, 1, 0, 0},
		{"a POST that is busy is an answer", "POST", "", []func(*http.Request) (*http.Response, error){status(503), status(200)}, 1, 503, 0},
		{"a POST with a key", "POST", "order-7", []func(*http.Request) (*http.Response, error){silence, status(200)}, 2, 200, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: tt.answers}
				c := &Client{HTTP: &http.Client{Transport: s}, Timing: For(30*time.Second, 0), MaxBody: 100}
				req, err := http.NewRequestWithContext(t.Context(), tt.method, "http://10.20.0.10/job", strings.NewReader("the body"))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Idempotency-Key", tt.key)
				answer, err := c.Do(req)
				got := 0
				if err == nil {
					got = answer.Status
				}
				if got != tt.status || len(s.at) != tt.attempts || s.closed != tt.closed {
					t.Errorf("status %d after %d attempts, idle connections closed %d times, %v", got, len(s.at), s.closed, err)
				}
				for _, body := range s.bodies {
					if body != "the body" {
						t.Errorf("sent %q", body)
					}
				}
			})
		})
	}
}

// However often it is tried: a call ends within its time, no wait is longer than its bound, and all waits together leave room
// for an attempt after the path is there again.
func TestDo_Bounds(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			timing := For(30*time.Second, time.Second)
			s := &script{answers: []func(*http.Request) (*http.Response, error){silence}}
			c := &Client{HTTP: &http.Client{Transport: s}, Timing: timing}
			req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://10.20.0.10/", nil)
			start := time.Now()
			_, err := c.Do(req)
			took := time.Since(start)
			if !errors.Is(err, context.DeadlineExceeded) || took > timing.Overall || took < 40*time.Second {
				t.Errorf("took %s, %v", took, err)
			}
			for i := 1; i < len(s.at); i++ {
				if pause := s.at[i].Sub(s.at[i-1]) - timing.Attempt; pause < 0 || pause > min(timing.Cap, timing.Base<<(i-1)) {
					t.Errorf("wait %d: got %s", i, pause)
				}
			}
		})
	}
}

func TestDo_RetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []func(*http.Request) (*http.Response, error){status(503, "Retry-After", "7"), status(200)}}
		c := &Client{HTTP: &http.Client{Transport: s}, Timing: For(30*time.Second, 0), MaxBody: 100}
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://10.20.0.10/", nil)
		if answer, err := c.Do(req); err != nil || answer.Status != 200 || s.at[1].Sub(s.at[0]) < 7*time.Second {
			t.Errorf("got %v, %v at %v", answer, err, s.at)
		}
		s.answers, s.at = []func(*http.Request) (*http.Response, error){status(503, "Retry-After", "3600")}, nil
		if answer, err := c.Do(req); err != nil || answer.Status != 503 || len(s.at) != 1 {
			t.Errorf("a server that asks for an hour: got %v, %v after %d attempts", answer, err, len(s.at))
		}
	})
}

func TestDo_Canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := &Client{HTTP: &http.Client{Transport: &script{answers: []func(*http.Request) (*http.Response, error){silence}}}, Timing: For(30*time.Second, 0)}
		req, _ := http.NewRequestWithContext(ctx, "GET", "http://10.20.0.10/", nil)
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		if _, err := c.Do(req); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

func TestFor(t *testing.T) {
	got := For(30*time.Second, time.Second)
	want := Timing{Attempt: 5 * time.Second, Overall: 58 * time.Second, Base: 500 * time.Millisecond, Cap: 3 * time.Second, Idle: 30 * time.Second, Dead: 10 * time.Second}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if slow := For(30*time.Second, 20*time.Second); slow.Attempt != 40*time.Second || slow.Overall < 30*time.Second+slow.Attempt+slow.Cap {
		t.Errorf("slow answers: got %+v", slow)
	}
}
