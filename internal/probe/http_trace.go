package probe

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"sync"
	"time"
)

// recorder notes when the parts of one HTTP request happened. A transport may use several connections for one request,
// in turn or at once, and tells of them from several goroutines, even after the request is over; so each attempt has its
// own notes, under a lock.
type recorder struct {
	sourcePort uint16

	mu       sync.Mutex // guards what follows
	attempts []*attempt
	served   string
}

type attempt struct {
	phases      Phases
	timing      Timing
	retransmits int
	local       netip.AddrPort
	remote      netip.AddrPort

	connecting                               bool
	tlsBegun, ready, written, answered, read time.Time
}

type recorderKey struct{}

func recorderOf(ctx context.Context) *recorder {
	rec, _ := ctx.Value(recorderKey{}).(*recorder)
	return rec
}

// context returns ctx with this recorder in it: for our dialContext as a value, for the transport as a trace.
func (rec *recorder) context(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, recorderKey{}, rec)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			rec.mu.Lock()
			defer rec.mu.Unlock()
			rec.attempts = append(rec.attempts, &attempt{})
		},
		TLSHandshakeStart: func() { rec.note(func(a *attempt, now time.Time) { a.tlsBegun = now }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			rec.note(func(a *attempt, now time.Time) {
				if err == nil {
					a.phases.TLS = MicrosOf(now.Sub(a.tlsBegun))
				}
			})
		},
		GotConn: func(info httptrace.GotConnInfo) {
			rec.note(func(a *attempt, now time.Time) {
				a.ready = now
				if info.Reused { // what was noted belongs to a connection that this request did not take
					a.phases, a.timing, a.retransmits = Phases{}, "", 0
				}
				a.local, a.remote = addrPortOf(info.Conn.LocalAddr()), addrPortOf(info.Conn.RemoteAddr())
			})
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			rec.note(func(a *attempt, now time.Time) {
				if info.Err == nil {
					a.written = now
				}
			})
		},
		GotFirstResponseByte: func() { rec.note(func(a *attempt, now time.Time) { a.answered = now }) },
	})
}

// note changes the notes of the last attempt. The time is taken before the lock.
func (rec *recorder) note(change func(*attempt, time.Time)) {
	now := time.Now()
	rec.update(func(a *attempt) { change(a, now) })
}

func (rec *recorder) update(change func(*attempt)) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if len(rec.attempts) > 0 {
		change(rec.attempts[len(rec.attempts)-1])
	}
}

// connect dials for the last attempt and asks the kernel how long that took.
func (rec *recorder) connect(ctx context.Context, to netip.AddrPort, source netip.Addr) (net.Conn, error) {
	rec.update(func(a *attempt) { a.connecting = true })
	start := time.Now()
	c, err := dial(ctx, "tcp", to, source, rec.sourcePort)
	elapsed := MicrosOf(time.Since(start))
	if err != nil {
		return nil, err
	}
	tc := c.(*net.TCPConn)
	if rec.sourcePort != 0 { // see TCP.Abort
		_ = tc.SetLinger(0)
	}
	t, retransmits, by := connectTime(tc, elapsed)
	rec.update(func(a *attempt) {
		a.connecting = false
		a.phases.Connect, a.retransmits, a.timing = t, retransmits, by
	})
	return c, nil
}

// failure makes a Failure of an error, by what the last attempt was at.
func (rec *recorder) failure(err error) *Failure {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if len(rec.attempts) == 0 { // the transport did not like the request
		return &Failure{Class: Local, Op: "send", Detail: err.Error(), err: err}
	}
	return classified(rec.attempts[len(rec.attempts)-1].doing(), err)
}

func (a *attempt) doing() string {
	switch {
	case !a.written.IsZero():
		return "wait"
	case !a.ready.IsZero():
		return "send"
	case !a.tlsBegun.IsZero():
		return "tls"
	case a.connecting:
		return "connect"
	}
	return "resolve"
}

func (rec *recorder) received() {
	rec.note(func(a *attempt, now time.Time) { a.read = now })
}

func (rec *recorder) servedBy(h http.Header) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for _, name := range []string{"X-AZ-ID", "X-Instance"} {
		if v := h.Get(name); v != "" {
			rec.served = v
			return
		}
	}
}

// outcome returns the notes of the last attempt.
func (rec *recorder) outcome() Outcome {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if len(rec.attempts) == 0 {
		return Outcome{}
	}
	a := rec.attempts[len(rec.attempts)-1]
	o := Outcome{
		Phases: a.finish(), Timing: a.timing, SYNRetransmits: a.retransmits,
		Local: a.local, Remote: a.remote, ServedBy: rec.served,
	}
	if len(rec.attempts) > 1 {
		o.Attempts = len(rec.attempts)
	}
	return o
}

// finish works out the phases after the connection stood. The transport writes and reads in goroutines of their own, so
// on a fast path it may tell of the answer before it tells that the request was written; then send cannot be told from
// wait, and wait has both.
func (a *attempt) finish() Phases {
	p := a.phases
	from := a.ready
	if !a.written.IsZero() && (a.answered.IsZero() || a.written.Before(a.answered)) {
		p.Send = MicrosOf(a.written.Sub(a.ready))
		from = a.written
	}
	if a.answered.IsZero() {
		return p
	}
	p.Wait = MicrosOf(a.answered.Sub(from))
	if !a.read.IsZero() {
		p.Receive = MicrosOf(a.read.Sub(a.answered))
	}
	return p
}
