package affinitygrpc

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/pathproof/pathproof/affinity"
	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/retry"
)

// unary makes unary calls by the service's rules.
type unary struct {
	service *affinity.Service
	config  affinity.Config
	options Options
	outages *outages
}

func (u *unary) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	for {
		c := &rpc{unary: u, method: method, req: req, reply: reply, cc: cc, invoker: invoker, opts: opts}
		err := c.do(ctx)
		if err == nil {
			return nil
		}
		// A call that waits for ready and reached nobody waits until somebody can be reached.
		if c.sent.Load() || !waitsForReady(opts) || errors.Is(err, affinity.ErrClosed) || !pause(ctx, cc) {
			return c.explain(ctx, err)
		}
	}
}

// waitsForReady says what the last option of its kind says; the client's own defaults are among the options.
func waitsForReady(opts []grpc.CallOption) (waits bool) {
	for _, o := range opts {
		if f, ok := o.(grpc.FailFastCallOption); ok {
			waits = !f.FailFast
		}
	}
	return waits
}

// pause waits for the client's state to change, but not long: the state is that of all connections together.
func pause(ctx context.Context, cc *grpc.ClientConn) bool {
	bounded, cancel := context.WithTimeout(ctx, 250*time.Millisecond)
	defer cancel()
	cc.Connect()
	if state := cc.GetState(); state == connectivity.Ready || state == connectivity.Shutdown {
		<-bounded.Done()
	} else {
		cc.WaitForStateChange(bounded, state)
	}
	return ctx.Err() == nil && cc.GetState() != connectivity.Shutdown
}

// rpc is one call.
type rpc struct {
	*unary
	method     string
	req, reply any
	cc         *grpc.ClientConn
	invoker    grpc.UnaryInvoker
	opts       []grpc.CallOption
	answers    *answers // nil unless attempts may race

	sent   atomic.Bool           // an attempt reached a connection
	answer atomic.Pointer[error] // an error that is an answer
}

func (c *rpc) do(ctx context.Context) error {
	o := affinity.DoOptions{Once: !c.idempotent(ctx), WorthTrial: c.outages.isUp}
	if c.config.Hedge.On && !o.Once {
		c.answers = &answers{reply: c.reply, opts: c.opts}
	}
	return c.service.DoWith(ctx, o, c.attempt)
}

func (c *rpc) idempotent(ctx context.Context) bool {
	return c.options.Idempotent(c.method) || retry.Idempotent((&http.Request{Method: http.MethodPost}).WithContext(ctx))
}

func (c *rpc) attempt(ctx context.Context, e discover.Endpoint) error {
	r := &route{endpoint: e}
	reply, opts := c.reply, c.opts
	if c.answers != nil {
		reply, opts = c.answers.private()
	}
	err := c.invoker(c.inject(context.WithValue(ctx, routeKey{}, r)), c.method, c.req, reply, c.cc, opts...)
	if r.sent.Load() {
		c.sent.Store(true)
	}
	c.judgeConnection(ctx, r, err)
	if err == nil {
		if c.answers != nil {
			c.answers.win(reply, opts)
		}
		return nil
	}
	return c.mark(ctx, r, err)
}

// judgeConnection counts attempts that time out without a byte from the other side.
func (c *rpc) judgeConnection(ctx context.Context, r *route, err error) {
	switch used := r.conn.Load(); {
	case used == nil:
	case err == nil || r.received.Load():
		used.answered()
	case r.sent.Load() && (errors.Is(context.Cause(ctx), affinity.ErrAttemptTimeout) || errors.Is(ctx.Err(), context.DeadlineExceeded)):
		used.strike()
	}
}

// mark says what an attempt's error means.
func (c *rpc) mark(ctx context.Context, r *route, err error) error {
	switch m := c.options.Classify(c.method, err); {
	case m == Answer, m == Abandoned && ctx.Err() == nil, isMarshaling(err):
		c.answer.Store(&err)
		return affinity.Permanent(err)
	case !r.sent.Load():
		return affinity.NotSent(err)
	}
	return err // if the attempt's context has ended, the service knows why
}

// isMarshaling says that a message could not be written: no endpoint is to blame. GRPC gives it the code of a sick server.
func isMarshaling(err error) bool {
	s := status.Convert(err)
	return s.Code() == codes.Internal && strings.HasPrefix(s.Message(), "grpc: error while marshaling")
}

// inject has an observer's headers sent, such as traceparent.
func (c *rpc) inject(ctx context.Context) context.Context {
	injector, ok := c.config.Observer.(affinity.HeaderInjector)
	if !ok {
		return ctx
	}
	h := http.Header{}
	injector.InjectHeaders(ctx, h)
	for name, values := range h {
		for _, v := range values {
			ctx = metadata.AppendToOutgoingContext(ctx, strings.ToLower(name), v)
		}
	}
	return ctx
}

// Error is a call that failed for good. Its status has the code of the last attempt, and a message that names every attempt.
type Error struct {
	*affinity.CallError
	status *status.Status
}

// GRPCStatus is what status.FromError and status.Code go by.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// Unwrap returns the call's error.
func (e *Error) Unwrap() error { return e.CallError }

// explain returns an answer of the server's as it is, and any other error with all that was tried.
func (c *rpc) explain(ctx context.Context, err error) error {
	if answer := c.answer.Load(); answer != nil {
		return *answer
	}
	var failed *affinity.CallError
	if !errors.As(err, &failed) {
		return status.FromContextError(err).Err()
	}
	p := lastStatus(ctx, failed).Proto()
	p.Message = failed.Error()
	return &Error{failed, status.FromProto(p)}
}

func lastStatus(ctx context.Context, failed *affinity.CallError) *status.Status {
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err())
	}
	if n := len(failed.Attempts); n > 0 {
		last := failed.Attempts[n-1].Err
		if s, ok := status.FromError(last); ok && !errors.Is(last, affinity.ErrAttemptTimeout) {
			return s
		}
	}
	return status.New(codes.Unavailable, "")
}
