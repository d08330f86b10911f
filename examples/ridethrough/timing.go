package ridethrough

import (
	"net"
	"net/http"
	"time"
)

// Timing is how long a client waits for what.
type Timing struct {
	// Attempt is the longest time for one attempt, from the connection to the last byte of the answer.
	Attempt time.Duration
	// Overall is the longest time for a call with all its attempts and waits.
	Overall time.Duration
	// Base and Cap bound the waits between attempts: the n-th is a random time of up to Base x 2^n, and up to Cap.
	Base, Cap time.Duration
	// Idle is how long an unused connection is kept.
	Idle time.Duration
	// Dead is how long data may stay unacknowledged before the kernel gives a connection up.
	Dead time.Duration
}

// For sizes a client for a failover target and for the slowest answer that is still normal. The last attempt of a call begins
// at most Attempt + Cap after the path is there again, so Overall covers a failover, that, and half a failover more.
func For(failover, slowest time.Duration) Timing {
	attempt := max(failover/6, 2*slowest)
	t := Timing{Attempt: attempt, Base: attempt / 10, Cap: failover / 10, Idle: failover, Dead: 2 * attempt}
	t.Overall = failover + failover/2 + 2*attempt + t.Cap
	return t
}

// Transport returns net/http's transport with connections that do not outlive their path.
func (t Timing) Transport() *http.Transport {
	dialer := &net.Dialer{
		Timeout: t.Attempt,
		// An idle connection over a dead tunnel is found dead after about Dead, before somebody needs it.
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: max(time.Second, t.Dead/2), Interval: max(time.Second, t.Dead/4), Count: 2},
		Control:         userTimeout(t.Dead),
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: t.Attempt,
		IdleConnTimeout:     t.Idle,
		MaxIdleConnsPerHost: 16,
		ForceAttemptHTTP2:   true,
		// HTTP/2 puts all requests into one connection: it has to be asked whether it lives.
		HTTP2: &http.HTTP2Config{SendPingTimeout: t.Attempt / 2, PingTimeout: t.Attempt / 2, WriteByteTimeout: t.Attempt},
	}
}
