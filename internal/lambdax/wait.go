package lambdax

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Lazy returns a function that makes a value at its first call that succeeds, and keeps it: an error is then an answer of that
// call and not a function that does not start.
func Lazy[T any](make func(context.Context) (T, error)) func(context.Context) (T, error) {
	var mu sync.Mutex
	var kept T
	var done bool
	return func(ctx context.Context) (T, error) {
		mu.Lock()
		defer mu.Unlock()
		if done {
			return kept, nil
		}
		v, err := make(ctx)
		if err == nil {
			kept, done = v, true
		}
		return v, err
	}
}

// Backoff is how long to wait after failure number n, counted from 0: from base, doubling up to limit, with full jitter.
func Backoff(base, limit time.Duration, n int) time.Duration { return Jitter(Grow(base, limit, n)) }

// Grow doubles base n times, up to limit.
func Grow(base, limit time.Duration, n int) time.Duration {
	for ; n > 0 && base < limit; n-- {
		base *= 2
	}
	return min(base, limit)
}

// Jitter is a random duration up to d, never 0.
func Jitter(d time.Duration) time.Duration {
	return 1 + rand.N(max(d, 1)) // #nosec G404 -- spreads load; no security property depends on it
}

// Sleep waits and reports whether ctx is still alive. It does not begin a wait that ctx would cut short.
func Sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
