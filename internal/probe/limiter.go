package probe

import (
	"net/netip"
	"sync"
	"time"
)

// limiter is a token bucket for each source, in a table of bounded size. An IPv6 source is a /64: one host has them all.
type limiter struct {
	rate, burst float64 // tokens a second; the most that a bucket holds
	most        int     // buckets in the table

	mu       sync.Mutex // guards what follows
	buckets  map[netip.Prefix]*bucket
	overflow bucket // shared by sources that do not fit in the table
	swept    time.Time
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(rate, burst float64, most int) *limiter {
	return &limiter{rate: rate, burst: burst, most: most, buckets: map[netip.Prefix]*bucket{}}
}

// allow takes a token of the source. Sources that are known keep their buckets when a flood of others fills the table.
func (l *limiter) allow(source netip.Addr, now time.Time) bool {
	key := sourceKey(source)
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= l.most {
			l.sweep(now)
		}
		if len(l.buckets) < l.most {
			b = &bucket{}
			l.buckets[key] = b
		} else {
			b = &l.overflow
		}
	}
	if b.at.IsZero() {
		b.tokens = l.burst
	} else {
		b.tokens = l.filled(b, now)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

func (l *limiter) filled(b *bucket, now time.Time) float64 {
	return min(l.burst, b.tokens+l.rate*now.Sub(b.at).Seconds())
}

// sweep forgets full buckets: a new one is the same. It looks at the whole table at most once a second.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Second {
		return
	}
	l.swept = now
	for key, b := range l.buckets {
		if l.filled(b, now) >= l.burst {
			delete(l.buckets, key)
		}
	}
}

func sourceKey(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
