package rolling

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// A latency falls into one of perOctave bins for each doubling, from 2^lowest ns (16 µs) to 2^36 ns (69 s).
// A quarter of an octave is 19 %: enough to tell a median from five times as much.
const (
	perOctave = 4
	lowest    = 14
	bins      = (36 - lowest) * perOctave

	latencySlots = 20
	latencyWidth = 500 * time.Millisecond
)

// Latencies is a histogram of the last 10 s. Adding takes one atomic addition.
type Latencies struct {
	slots [latencySlots]latencySlot
	mu    sync.Mutex // held while a slot is turned over
}

type latencySlot struct {
	epoch atomic.Int64
	n     [bins]atomic.Uint32
}

// Add counts one latency.
func (l *Latencies) Add(now, latency time.Duration) {
	epoch := int64(now)/int64(latencyWidth) + 1
	s := &l.slots[uint64(epoch)%latencySlots]
	if s.epoch.Load() < epoch {
		l.turn(s, epoch)
	}
	s.n[bin(latency)].Add(1)
}

func (l *Latencies) turn(s *latencySlot, epoch int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.epoch.Load() >= epoch {
		return
	}
	for i := range s.n {
		s.n[i].Store(0)
	}
	s.epoch.Store(epoch)
}

// Reset forgets everything.
func (l *Latencies) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.slots {
		l.slots[i].epoch.Store(0)
		for k := range l.slots[i].n {
			l.slots[i].n[k].Store(0)
		}
	}
}

// Recent is a histogram of the newest latencies.
type Recent struct {
	N    int
	bins [bins]int
}

// Recent adds up the newest slots: at least the current one and the one before, and further back, at most to since and 10 s, while
// there are fewer than enough. A busy caller is judged on its last second, an idle one on more.
func (l *Latencies) Recent(now, since time.Duration, enough int) (r Recent) {
	epoch := int64(now)/int64(latencyWidth) + 1
	oldest := max(int64(since)/int64(latencyWidth)+1, 1)
	for i := int64(0); i < latencySlots && epoch-i >= oldest && (i < 2 || r.N < enough); i++ {
		s := &l.slots[uint64(epoch-i)%latencySlots]
		if s.epoch.Load() != epoch-i {
			continue
		}
		for k := range s.n {
			n := int(s.n[k].Load())
			r.bins[k] += n
			r.N += n
		}
	}
	return r
}

// Quantile is the latency that the share q of all is at most, interpolated within its bin; 0 if there are none.
func (r *Recent) Quantile(q float64) time.Duration {
	if r.N == 0 {
		return 0
	}
	rank, below := q*float64(r.N), 0.0
	for k, n := range r.bins {
		if n > 0 && below+float64(n) >= rank {
			low, high := float64(lower(k)), float64(lower(k+1))
			return time.Duration(low + (high-low)*(rank-below)/float64(n))
		}
		below += float64(n)
	}
	return lower(bins)
}

// bin is the octave of a latency times perOctave, plus its next two bits.
func bin(d time.Duration) int {
	if d < 1<<lowest {
		return 0
	}
	octave := bits.Len64(uint64(d)) - 1
	return min((octave-lowest)*perOctave+int(uint64(d)>>(octave-2))&(perOctave-1), bins-1)
}

// lower is the least latency of a bin.
func lower(k int) time.Duration {
	octave, quarter := k/perOctave+lowest, k%perOctave
	return time.Duration(uint64(perOctave+quarter) << (octave - 2))
}
