package affinity

import (
	"context"
	"time"
)

// Outcome is what an attempt says about its endpoint.
type Outcome uint8

const (
	// Success says that the endpoint did its work, whatever the answer was.
	Success Outcome = iota
	// Failure counts against endpoint and zone: no connection, no answer in time, a broken answer, 500, 502, 503, 504.
	Failure
	// Throttled says that the endpoint works and refuses more (429). It is a sign of load, not of sickness.
	Throttled
	// Canceled says nothing about the endpoint: the caller gave up, or another attempt was faster.
	Canceled
)

// String is the outcome in lower case.
func (o Outcome) String() string {
	return [...]string{"success", "failure", "throttled", "canceled"}[o]
}

// Done records how the attempt ended. Its latency is the time since Pick.
func (p Pick) Done(o Outcome) {
	now := p.service.now()
	p.done(context.Background(), o, now-p.start, now)
}

// DoneAfter is Done for an attempt whose answer came earlier than its end, such as the first byte of a long one.
func (p Pick) DoneAfter(o Outcome, latency time.Duration) {
	p.done(context.Background(), o, latency, p.service.now())
}

func (p Pick) done(ctx context.Context, o Outcome, took, now time.Duration) {
	if p.stream {
		p.releaseRead()
	} else {
		p.release()
	}
	p.record(ctx, o, took, now)
}

// release says that the endpoint is no longer busy with the attempt.
func (p Pick) release() { p.endpoint.inFlight.Add(-1) }

// reading says that the attempt has its answer, and only reads on.
func (p Pick) reading() { p.endpoint.reading.Add(1) }

// releaseRead is release after reading.
func (p Pick) releaseRead() {
	p.endpoint.reading.Add(-1)
	p.release()
}

// record takes down the outcome.
func (p Pick) record(ctx context.Context, o Outcome, took, now time.Duration) {
	s, e := p.service, p.endpoint
	if o != Canceled && int64(now)-e.zone.heard.Load() > int64(time.Millisecond) {
		e.zone.heard.Store(int64(now)) // seldom: all callers share it
	}
	if p.trial != noTrial {
		s.endTrial(ctx, p, o, took, now)
	}
	switch o {
	case Success:
		e.breaker.Success(now, int64(took) > e.zone.late.Load())
		e.zone.breaker.Alive()
		e.zone.answers.Add(now, took)
		if p.trial == noTrial && e.zone.stall.Load() {
			s.unstall(ctx, e.zone, now)
		}
	case Failure:
		p.fail(ctx, now)
	case Canceled: // the answer would have taken longer still
		if e.zone.expect.Load() > 0 && int64(took) > e.zone.late.Load() {
			e.breaker.Success(now, true)
			e.zone.answers.Add(now, took)
		}
	}
}

// fail counts a failure, and has health judged at once if there have been several in a row.
func (p Pick) fail(ctx context.Context, now time.Duration) {
	p.service.failures.Add(1)
	e, z := p.endpoint, p.endpoint.zone
	e.breaker.Failure(now)
	z.breaker.Failure(now)
	ofEndpoint, ofZone := e.breaker.Row(), z.breaker.Row()
	if c := p.service.cfg.Breaker.Consecutive; ofEndpoint%c == 0 || ofZone%c == 0 {
		p.service.judgeNow(ctx, now, min(ofEndpoint, ofZone))
	}
}
