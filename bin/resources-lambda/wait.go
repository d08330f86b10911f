package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/lambdax"
)

// done is what a step of until returns when nothing is left to do.
const done = ""

// until repeats step until it returns done, a final error, or time is up. Each step looks at what is there and does
// the next thing, so it can follow any step, of this run or of another. A state other than done says what it waits for.
func (r *run) until(ctx context.Context, what string, step func(context.Context) (state string, err error)) error {
	var (
		started        = time.Now()
		settlingSince  time.Time
		last           = "no answer yet"
		polls, retries int
	)
	for {
		state, err := step(ctx)
		var delay time.Duration
		switch {
		case err == nil && state == done:
			return nil
		case err == nil:
			last, settlingSince, retries = state, time.Time{}, 0
			delay = r.pace.pollDelay(polls)
			polls++
		case ctx.Err() != nil:
			return timeUp(what, started, last)
		default:
			last = brief(err)
			k := classify(err)
			if k == settling && settlingSince.IsZero() {
				settlingSince = time.Now()
			}
			if k == final || k == settling && time.Since(settlingSince) > r.pace.settle {
				return fmt.Errorf("%s: %s", what, last)
			}
			delay = r.pace.backoffDelay(retries)
			retries++
		}
		r.log.Info("waiting", "for", what, "state", last, "seconds", delay.Seconds())
		if !lambdax.Sleep(ctx, delay) {
			return timeUp(what, started, last)
		}
	}
}

func timeUp(what string, started time.Time, last string) error {
	return fmt.Errorf("%s: time is up after %s, got %q; look at it in the console, then deploy again",
		what, time.Since(started).Round(time.Second), last)
}

// early is a settling error: EC2's answer contradicts what must be so shortly.
func early(format string, args ...any) error { return errSettling{fmt.Errorf(format, args...)} }

// errGone is the settling error of an object that EC2 does not know, or knows as deleted.
var errGone = errSettling{errors.New("not found; check that it exists in this account and Region")}
