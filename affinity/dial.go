package affinity

import (
	"context"
	"fmt"
	"net"

	"github.com/pathproof/pathproof/affinity/pacing"
)

// DialError is a connection that was not made: nothing was sent.
type DialError struct {
	Addr string
	Err  error
}

// Error names the address only where the cause does not.
func (e *DialError) Error() string { return fmt.Sprintf("connecting to %s: %v", e.Addr, e.Err) }

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Timeout says whether connecting took too long.
func (e *DialError) Timeout() bool { return isTimeout(e.Err) }

// DialContext connects to an endpoint of the service: for protocols other than HTTP and gRPC. Network is "tcp", "tcp4" or "tcp6";
// address is ignored, so that the function fits wherever net.Dialer's does. Refused and timed out connections count against the
// endpoint and are tried elsewhere; what happens on a connection later does not.
func (s *Service) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, net.UnknownNetworkError(network)
	}
	c := &dialCaller{s: s, network: network}
	v, err := c.run(ctx, s, c, "", true)
	if v == nil {
		return nil, err
	}
	return v.(net.Conn), err
}

type dialCaller struct {
	call
	s       *Service
	network string
}

func (c *dialCaller) discard(value any) {
	if conn, ok := value.(net.Conn); ok {
		conn.Close()
	}
}

func (c *dialCaller) try(a *attempt) verdict {
	conn, err := c.s.dialTo(a.pick.endpoint, nil)(a.ctx, c.network, "")
	now := c.s.now()
	v := verdict{took: now - a.started, ended: now}
	v.outcome, v.again = c.s.judgeError(a, err, notSentIf(err), true, v.took)
	v.err = a.explain(err)
	a.pick.done(a.ctx, v.outcome, v.took, now)
	a.end()
	if err == nil {
		v.value = conn
	}
	return v
}

func notSentIf(err error) mark {
	if err != nil {
		return notSent
	}
	return unmarked
}

// dialTo returns a function that connects to an endpoint, whatever address it is given, within ConnectTimeout.
func (s *Service) dialTo(e *endpoint, dial dialFunc) dialFunc {
	given := dial != nil
	if !given {
		dial = (&net.Dialer{Control: pacing.Control(s.cfg.PacingRate)}).DialContext
	}
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, s.cfg.ConnectTimeout)
		defer cancel()
		conn, err := dial(ctx, network, e.Addr)
		if err == nil && given && s.cfg.PacingRate > 0 {
			if err = pacing.SetConn(conn, s.cfg.PacingRate); err != nil {
				conn.Close()
			}
		}
		if err != nil {
			return nil, &DialError{Addr: e.Addr, Err: err}
		}
		return conn, nil
	}
}
