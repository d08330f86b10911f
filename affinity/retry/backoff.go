// Package retry says when a call may be tried again: how long to wait, how many retries all calls together may make, and which
// requests may be repeated at all.
package retry

import (
	"math/rand/v2"
	"time"
)

// Backoff is exponential backoff with full jitter: before retry n, a random time between 0 and min(Max, Base x 2^(n-1)).
type Backoff struct {
	Base time.Duration // default: 10 ms
	Max  time.Duration // default: 1 s
}

// Delay is the wait before retry n, of which 1 is the first.
func (b Backoff) Delay(n int) time.Duration {
	return time.Duration(rand.Int64N(int64(b.Ceiling(n))))
}

// Ceiling is the longest wait before retry n.
func (b Backoff) Ceiling(n int) time.Duration {
	base, most := b.Base, b.Max
	if base <= 0 {
		base = 10 * time.Millisecond
	}
	if most <= 0 {
		most = time.Second
	}
	for ; n > 1 && base < most; n-- {
		base += min(base, most-base)
	}
	return min(base, most)
}
