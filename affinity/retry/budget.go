package retry

import (
	"sync"
	"time"

	"github.com/pathproof/pathproof/affinity/internal/rolling"
)

// Window is the time that a budget looks back on.
const Window = 10 * time.Second

// The calls of the last 20 slots, which are at most 10 s, allow for the retries of the last 21, which are at least 10 s.
const (
	callSlots  = 20
	retrySlots = callSlots + 1
	width      = Window / callSlots
)

// Budget bounds retries to a share of the calls, over any 10 s that calls come evenly. It has no clock: callers pass the time since any
// fixed moment. It is safe for concurrent use; make it with NewBudget.
type Budget struct {
	ratio  float64
	floor  int
	counts *rolling.Counts
	mu     sync.Mutex // held while a retry is granted
}

// Kinds of things in the window.
const (
	calls = iota
	retries
)

// NewBudget allows ratio retries for each call, and floor retries in 10 s whatever the calls.
func NewBudget(ratio float64, floor int) *Budget {
	return &Budget{ratio: max(ratio, 0), floor: max(floor, 0), counts: rolling.NewCounts(retrySlots*width, retrySlots)}
}

// Call counts a call.
func (b *Budget) Call(now time.Duration) { b.counts.Add(now, calls) }

// Take takes one retry out of the budget, or says that there is none.
func (b *Budget) Take(now time.Duration) bool { return b.take(now, b.floor) }

// TakeStrict is Take without the floor: for when a retry has nowhere better to go.
func (b *Budget) TakeStrict(now time.Duration) bool { return b.take(now, 0) }

func (b *Budget) take(now time.Duration, floor int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.has(now, floor) {
		return false
	}
	b.counts.Add(now, retries)
	return true
}

// Has says whether there is a retry to take, which another caller may take first.
func (b *Budget) Has(now time.Duration) bool { return b.has(now, b.floor) }

func (b *Budget) has(now time.Duration, floor int) bool {
	used := b.counts.Sum(now, retrySlots)[retries]
	return used < floor || float64(used+1) <= b.ratio*float64(b.counts.Sum(now, callSlots)[calls])
}
