package ridethrough

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Client makes calls. It is safe for concurrent use.
type Client struct {
	HTTP   *http.Client
	Timing Timing
	// MaxBody is the largest answer in bytes.
	MaxBody int64
}

// New returns a client with the transport of a timing, and answers of up to 64 MiB.
func New(t Timing) *Client {
	return &Client{HTTP: &http.Client{Transport: t.Transport()}, Timing: t, MaxBody: 64 << 20}
}

// Answer is an answer read to its end: a call whose answer breaks off half way has failed, and can be repeated.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a call and repeats it while that is allowed and there is time. Every status is an answer, also one that was repeated
// until the time was over. The error is the last attempt's.
func (c *Client) Do(req *http.Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(req.Context(), c.Timing.Overall)
	defer cancel()
	for n := 0; ; n++ {
		answer, err := c.attempt(ctx, req)
		if err == nil && !busy(answer.Status) || !repeatable(req) {
			return answer, err
		}
		if err != nil {
			c.HTTP.CloseIdleConnections() // the next attempt is a new flow
		}
		if !wait(ctx, c.pause(n, answer)) {
			if err != nil {
				err = fmt.Errorf("%s %s: no answer in %d attempts, the last: %w", req.Method, req.URL.Redacted(), n+1, err)
			}
			return answer, errors.Join(err, req.Context().Err())
		}
	}
}

// attempt makes one attempt.
func (c *Client) attempt(ctx context.Context, req *http.Request) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timing.Attempt)
	defer cancel()
	try := req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		try.Body = body
	}
	resp, err := c.HTTP.Do(try)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.MaxBody+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > c.MaxBody {
		return nil, fmt.Errorf("answer too long, got more than %d bytes", c.MaxBody)
	}
	return &Answer{resp.StatusCode, resp.Header, body}, nil
}

// busy reports whether a status says that the same call may succeed later.
func busy(status int) bool {
	return slices.Contains([]int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, status)
}

// repeatable reports whether a call may be made twice (RFC 9110, idempotent methods), and can: its body is there again.
func repeatable(req *http.Request) bool {
	idempotent := slices.Contains([]string{"", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete}, req.Method)
	return (idempotent || req.Header.Get("Idempotency-Key") != "") && (req.Body == nil || req.Body == http.NoBody || req.GetBody != nil)
}

// pause is the wait after attempt n: a random part of a bound that doubles, or what the server asks for if that is longer.
func (c *Client) pause(n int, answer *Answer) time.Duration {
	bound := c.Timing.Cap
	if n < 30 {
		bound = min(bound, c.Timing.Base<<n)
	}
	pause := rand.N(bound + 1)
	if answer != nil {
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
			pause = max(pause, min(time.Duration(seconds)*time.Second, c.Timing.Overall))
		}
	}
	return pause
}

// wait waits; false if the time is over before. Then it does not wait at all: an attempt that could not end would only keep the
// caller waiting.
func wait(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
