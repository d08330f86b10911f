// Package rolling counts what happened lately: outcomes and latencies in slots of time, old slots being used again.
//
// Time is a duration since any fixed moment, which callers choose once, so that tests need no clock.
package rolling

import (
	"sync"
	"sync/atomic"
	"time"
)

// Kinds is how many things a Counts tells apart.
const Kinds = 3

// Counts counts up to Kinds kinds of things. Adding takes one atomic addition, and a lock once a slot.
type Counts struct {
	width int64
	slots []slot
	mu    sync.Mutex // held while a slot is turned over
}

type slot struct {
	epoch atomic.Int64 // which slot of time this is, 1 being the first; 0 if unused
	n     [Kinds]atomic.Uint32
}

// NewCounts looks back on window, in n slots. The current slot is one of them, so that between n-1 and n slots' time is covered.
func NewCounts(window time.Duration, n int) *Counts {
	return &Counts{width: max(int64(window)/int64(n), 1), slots: make([]slot, n)}
}

// Add counts one of kind.
func (c *Counts) Add(now time.Duration, kind int) {
	epoch := int64(now)/c.width + 1
	s := &c.slots[uint64(epoch)%uint64(len(c.slots))]
	if s.epoch.Load() < epoch {
		c.turn(s, epoch)
	}
	s.n[kind].Add(1)
}

// turn empties a slot for its next use. The epoch is stored last: whoever sees it adds to an empty slot.
func (c *Counts) turn(s *slot, epoch int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.epoch.Load() >= epoch {
		return
	}
	for i := range s.n {
		s.n[i].Store(0)
	}
	s.epoch.Store(epoch)
}

// Sum adds up the last slots, the current one included, each kind for itself. Slots of 0 or less means all.
func (c *Counts) Sum(now time.Duration, slots int) (n [Kinds]int) {
	if slots <= 0 || slots > len(c.slots) {
		slots = len(c.slots)
	}
	epoch := int64(now)/c.width + 1
	for i := range c.slots {
		s := &c.slots[i]
		if e := s.epoch.Load(); e <= epoch-int64(slots) || e == 0 {
			continue
		}
		for k := range n {
			n[k] += int(s.n[k].Load())
		}
	}
	return n
}

// Reset forgets everything.
func (c *Counts) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.slots {
		s := &c.slots[i]
		s.epoch.Store(0)
		for k := range s.n {
			s.n[k].Store(0)
		}
	}
}
