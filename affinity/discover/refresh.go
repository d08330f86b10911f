package discover

import (
	"context"
	"math/rand/v2"
	"time"
)

// Refresh asks for a question sooner than planned, for instance after a connection was refused. It never blocks. Questions stay a
// fifth of Every apart however often it is called, and the wait after a failure is not cut short.
func (c *Cache) Refresh() {
	select {
	case c.nudge <- struct{}{}:
	default:
	}
}

func (c *Cache) run(ctx context.Context) {
	defer close(c.done)
	for {
		begin := time.Now()
		c.ask(ctx)
		if ctx.Err() != nil || !c.wait(ctx, begin) {
			return
		}
	}
}

// ask puts one question and publishes how it ended, before anybody is told.
func (c *Cache) ask(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, c.config.Timeout)
	answer, err := c.config.Source.Discover(bounded)
	cancel()
	if ctx.Err() != nil {
		return // closed meanwhile: neither an answer nor a failure
	}
	if err == nil && len(answer.Endpoints) == 0 && !c.config.AcceptEmpty {
		err = ErrEmpty
	}
	was := c.current.Load()
	if err != nil {
		c.current.Store(&state{answer: was.answer, at: was.at, failures: was.failures + 1, err: err})
	} else {
		c.publish(was, answer)
	}
	if c.config.OnResult != nil {
		c.config.OnResult(answer, err)
	}
}

func (c *Cache) publish(was *state, answer Answer) {
	c.notify.Lock()
	defer c.notify.Unlock()
	c.current.Store(&state{answer: answer, at: time.Now()})
	isFirst := was.at.IsZero()
	if isFirst {
		close(c.first)
	}
	if !isFirst && was.answer.Equal(answer) {
		return
	}
	for f := range c.subscribers {
		(*f)(answer)
	}
}

// wait sleeps until the next question is due and returns false when the cache is closed.
func (c *Cache) wait(ctx context.Context, begin time.Time) bool {
	failures := c.current.Load().failures
	due := begin.Add(between(c.config.Every*7/10, c.config.Every*9/10))
	if failures > 0 {
		most := backoff(c.config.Every/10, c.config.MaxBackoff, failures)
		due = time.Now().Add(between(most/2, most))
	}
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	nudge := c.nudge
	if failures > 0 {
		nudge = nil
	}
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-nudge:
	}
	soon := time.NewTimer(min(time.Until(due), time.Until(begin.Add(c.config.Every/5))))
	defer soon.Stop()
	select {
	case <-soon.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// backoff doubles first with every failure after the first, up to most.
func backoff(first, most time.Duration, failures int) time.Duration {
	d := first
	for range failures - 1 {
		if d >= most/2 {
			return most
		}
		d *= 2
	}
	return min(d, most)
}

// between draws from [low, high).
func between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + rand.N(high-low)
}
