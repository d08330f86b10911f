package affinity

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/affinity/retry"
)

// httpCall makes the attempts of one request.
type httpCall struct {
	call
	t          *transport
	req        *http.Request
	once       *onceBody // the body that can be sent only once; nil if there is none or it can be rewound
	use        *bodyUse  // the last attempt's use of it
	rewindable bool
	used       atomic.Bool // the request's own body went into an attempt
}

func (c *httpCall) try(a *attempt) verdict {
	s := c.t.s
	req, err := c.request(a)
	var resp *http.Response
	if err == nil {
		a.pool = c.t.poolOf(a.pick.endpoint)
		a.pool.users.Add(1)
		resp, err = a.pool.transport.RoundTrip(req)
	}
	a.stopTimer()
	now := s.now()
	v := verdict{took: now - a.started, ended: now}
	if err != nil {
		m := c.mark(a, err)
		v.outcome, v.again = s.judgeError(a, err, m, c.replayable, v.took)
		if m == permanent {
			v.outcome = Canceled // nothing was asked of the endpoint
		}
		v.err = a.explain(err)
		a.pick.done(a.ctx, v.outcome, v.took, now)
		a.end()
		return v
	}
	v.value, v.status = resp, resp.StatusCode
	var again bool
	v.outcome, again = s.classify(resp)
	v.again = again && c.replayable
	if v.again {
		v.wait = retryAfter(resp)
	}
	a.pick.record(a.ctx, v.outcome, v.took, now)
	c.follow(a, resp)
	return v
}

// request is the attempt's copy of the request.
func (c *httpCall) request(a *attempt) (*http.Request, error) {
	ctx := a.ctx
	if !c.replayable {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { a.reached.Store(true) }})
	}
	req := c.req
	if ctx != c.req.Context() {
		req = c.req.WithContext(ctx)
	}
	injector, _ := c.t.s.cfg.Observer.(HeaderInjector)
	if injector != nil {
		if req == c.req {
			req = c.req.WithContext(ctx)
		}
		req.Header = c.req.Header.Clone()
		if req.Header == nil {
			req.Header = http.Header{}
		}
		injector.InjectHeaders(ctx, req.Header)
	}
	if c.once != nil {
		if req == c.req {
			req = c.req.WithContext(ctx)
		}
		c.use = &bodyUse{onceBody: c.once}
		req.Body = c.use
		return req, nil
	}
	if first := !c.used.Swap(true); first || c.req.Body == nil || c.req.Body == http.NoBody {
		return req, nil
	}
	body, err := c.req.GetBody()
	if err != nil {
		return nil, Permanent(err)
	}
	if req == c.req {
		req = c.req.WithContext(ctx)
	}
	req.Body = body
	return req, nil
}

// mark says what an error of the transport means. Where the connection was never made, or never got as far as the request, any request
// can be made again. What is wrong with the request itself is nobody else's fault.
func (c *httpCall) mark(a *attempt, err error) mark {
	switch m := markOf(err); {
	case m != unmarked:
		return m
	case c.once != nil && c.once.failed.Load(), !validRequest(c.req):
		return permanent
	case errors.As(err, new(*DialError)), !c.replayable && !a.reached.Load():
		return notSent
	}
	return unmarked
}

// closeUnused closes the request's body if no attempt did, as RoundTripper promises. A body that is still being sent while the response
// is there is left to the attempt.
func (c *httpCall) closeUnused(answered bool) {
	switch {
	case c.use != nil && answered:
		c.use.settle()
	case c.once != nil:
		c.once.finish()
	case c.req.Body != nil && !c.used.Load():
		c.req.Body.Close()
	}
}

// discard makes the connection of an unwanted response free again: it reads what is short, and closes.
func (c *httpCall) discard(value any) {
	if resp, ok := value.(*http.Response); ok && resp != nil {
		// The rest of a sick endpoint's answer may never come.
		timer := time.AfterFunc(discardTime, func() { resp.Body.Close() })
		defer timer.Stop()
		_, _ = io.CopyN(io.Discard, resp.Body, 16<<10)
		resp.Body.Close()
	}
}

// discardTime is how long the rest of an unwanted answer is waited for, to use its connection again.
const discardTime = 20 * time.Millisecond

// classify says what a response means.
func (s *Service) classify(resp *http.Response) (o Outcome, again bool) {
	if s.cfg.Classify != nil {
		return s.cfg.Classify(resp)
	}
	return Classify(resp)
}

// Classify is the default of Config.Classify: 500, 502, 503 and 504 count against the endpoint, 429 does not, all five are worth another
// attempt, and anything else is an answer. Those that are worth it are repeated only if the request may be.
func Classify(resp *http.Response) (o Outcome, again bool) {
	switch resp.StatusCode {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Failure, true
	case http.StatusTooManyRequests:
		return Throttled, true
	}
	return Success, false
}

func retryAfter(resp *http.Response) time.Duration {
	return retry.After(resp.Header, time.Now())
}

// follow keeps the attempt open until its response's body is: the endpoint is busy as long, and the body needs the context.
func (c *httpCall) follow(a *attempt, resp *http.Response) {
	if resp.Body == nil || resp.Body == http.NoBody {
		a.pick.release()
		a.end()
		return
	}
	a.pick.reading()
	b := &a.body
	b.ReadCloser, b.a = resp.Body, a
	resp.Body = b
	if w, ok := b.ReadCloser.(io.Writer); ok { // 101 Switching Protocols
		resp.Body = &struct {
			*body
			io.Writer
		}{b, w}
	}
}

// body is a response's body.
type body struct {
	io.ReadCloser
	a     *attempt
	ended atomic.Bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end(err)
	}
	return n, err
}

// Close ends the attempt first, so that a Read which it interrupts is not taken for a body that broke off.
func (b *body) Close() error {
	first := !b.ended.Swap(true)
	err := b.ReadCloser.Close()
	if first {
		b.release()
	}
	return err
}

// end counts a body that broke off against the endpoint, unless its caller went away.
func (b *body) end(err error) {
	if b.ended.Swap(true) {
		return
	}
	if !errors.Is(err, io.EOF) && b.a.parent.Err() == nil && !errors.Is(context.Cause(b.a.ctx), errOutrun) {
		b.a.pick.fail(b.a.parent, b.a.pick.service.now())
	}
	b.release()
}

func (b *body) release() {
	b.a.pick.releaseRead()
	b.a.end()
}

// onceBody is a request's body that cannot be rewound. It survives attempts that never read it.
type onceBody struct {
	io.ReadCloser
	read, failed, closed atomic.Bool
}

// bodyUse is one attempt's use of a onceBody.
type bodyUse struct {
	*onceBody
	over atomic.Bool // the attempt has closed it
	last atomic.Bool // there will be no other attempt
}

// Close closes the body once it was read; before, another attempt may need it.
func (u *bodyUse) Close() error {
	u.over.Store(true)
	if u.read.Load() || u.last.Load() {
		u.finish()
	}
	return nil
}

// settle says that this attempt was the last one.
func (u *bodyUse) settle() {
	u.last.Store(true)
	if u.over.Load() {
		u.finish()
	}
}

func (b *onceBody) Read(p []byte) (int, error) {
	b.read.Store(true)
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.failed.Store(true)
	}
	return n, err
}

func (b *onceBody) finish() {
	if !b.closed.Swap(true) {
		b.ReadCloser.Close()
	}
}
