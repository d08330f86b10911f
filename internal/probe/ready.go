package probe

import (
	"context"
	"fmt"
	"time"
)

func (r Ready) withDefaults() Ready {
	setDefault(&r.Within, 10*time.Minute)
	setDefault(&r.Consecutive, 3)
	setDefault(&r.Poll, 5*time.Second)
	return r
}

// awaitReady tries a path until it works several times in a row. The failure says why it did not in time, or that ctx
// ended.
func awaitReady(ctx context.Context, p Prober, r Ready, timeout time.Duration) (*Readiness, *Failure) {
	r = r.withDefaults()
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, r.Within)
	defer cancel()
	var got Readiness
	var last *Failure
	for inRow := 0; ; {
		got.Tries++
		fail := try(ctx, p, timeout)
		if fail == nil {
			inRow++
		} else {
			inRow = 0
			if fail.Class == Local && fail.Op == "prepare" { // waiting cures no wrong target and no missing privilege
				got.Waited = MicrosOf(time.Since(start))
				return &got, fail
			}
			if fail.Class != Canceled && ctx.Err() == nil { // a try cut short says less than the one before
				last = fail
			}
		}
		if inRow >= r.Consecutive {
			got.OK, got.Waited = true, MicrosOf(time.Since(start))
			return &got, nil
		}
		if !pause(ctx, r.Poll) {
			got.Waited = MicrosOf(time.Since(start))
			return &got, notReady(ctx, r, last, got.Tries)
		}
	}
}

// try does everything that a probe needs, once.
func try(ctx context.Context, p Prober, timeout time.Duration) *Failure {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := p.Prepare(ctx); err != nil {
		return classified("resolve", err)
	}
	o := p.Probe(ctx, Shot{})
	return o.Failure
}

func notReady(ctx context.Context, r Ready, last *Failure, tries int) *Failure {
	if ctx.Err() == context.Canceled {
		return failed(Canceled, "connect", "the run ended while waiting for readiness")
	}
	if last == nil {
		return failed(Timeout, "connect", fmt.Sprintf("not ready within %s: too few of %d tries in a row succeeded, want %d", r.Within, tries, r.Consecutive))
	}
	return &Failure{
		Class: last.Class, Op: last.Op, err: last,
		Detail: fmt.Sprintf("not ready within %s, after %d tries: %s", r.Within, tries, last.Detail),
	}
}
