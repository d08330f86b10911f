package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/secret"
)

// ErrRefused is an answer that another try does not change: the message is wrong, or the address is not there any more.
var ErrRefused = errors.New("refused")

// Poster posts messages.
type Poster struct {
	Client *http.Client
	Log    *slog.Logger
	// Attempt bounds one try (5 s); First and Most are the wait after a try that failed (0.5 s), growing to at most (8 s).
	Attempt, First, Most time.Duration
	// Margin is what is left of the context's time when it gives up (2 s), so that the caller can still say so.
	Margin time.Duration
}

// NewClient returns a client that does not follow redirections: they would tell the address to another host.
func NewClient(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Post posts a body. It tries again after network errors, timeouts, answers of 5xx, 408 and 429, the last as late as the answer's
// Retry-After says, until the context's time is nearly up. No error and no line of the log holds the address.
func (p *Poster) Post(ctx context.Context, to secret.Text, body []byte) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-cmp.Or(p.Margin, 2*time.Second)))
		defer cancel()
	}
	for attempt := 1; ; attempt++ {
		answer, err := p.try(ctx, to, body)
		switch {
		case err == nil && answer.ok():
			p.Log.Info("posted", "attempt", attempt, "status", answer.status)
			return nil
		case err == nil && !answer.transient():
			return fmt.Errorf("post to the webhook: %w: HTTP status %d%s", ErrRefused, answer.status, answer.says)
		case err == nil:
			err = fmt.Errorf("HTTP status %d%s", answer.status, answer.says)
		}
		wait := max(answer.wait, lambdax.Backoff(cmp.Or(p.First, 500*time.Millisecond), cmp.Or(p.Most, 8*time.Second), attempt-1))
		p.Log.Warn("not posted", "attempt", attempt, "error", err.Error(), "waitSeconds", wait.Seconds())
		if !lambdax.Sleep(ctx, wait) {
			return fmt.Errorf("post to the webhook: given up after %d attempts: %w", attempt, err)
		}
	}
}

// answer is what came back.
type answer struct {
	status int
	wait   time.Duration // that it asks for
	says   string
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

func (a answer) transient() bool {
	return a.status >= 500 || a.status == http.StatusTooManyRequests || a.status == http.StatusRequestTimeout
}

func (p *Poster) try(ctx context.Context, to secret.Text, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.Attempt, 5*time.Second))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Reveal(), bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "pathproof-webhook")
	res, err := p.Client.Do(req)
	if err != nil {
		return answer{}, plain(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	return answer{res.StatusCode, retryAfter(res.Header.Get("Retry-After"), time.Now()), says(to, string(text))}, nil
}

// says is the first line of an answer, which names the mistake: Slack says no_service or invalid_payload.
func says(to secret.Text, body string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
	if line == "" || holds(body, to) {
		return ""
	}
	return fmt.Sprintf(" (%q)", lambdax.Cut(strings.ToValidUTF8(line, "?"), 100))
}

// retryAfter reads the header: seconds, or a date. 0: it does not say.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 3600)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), time.Hour)
	}
	return 0
}

// plain is an error of net/http without the address, the host and what they resolve to.
func plain(err error) error {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var op *net.OpError
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("no answer in time")
	case errors.As(err, &dns):
		return errors.New("the name of the host does not resolve")
	case errors.As(err, &certificate), errors.As(err, &authority):
		return errors.New("the host's certificate is not valid")
	case errors.As(err, &op):
		inner := op.Err
		for errors.Unwrap(inner) != nil { // down to what the kernel said
			inner = errors.Unwrap(inner)
		}
		return fmt.Errorf("%s: %w", op.Op, inner)
	}
	return errors.New("the connection broke")
}
