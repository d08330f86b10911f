package affinitylab

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// spans are the parts of a cell that are measured, by the begin of calls.
type spans struct{ before, fault, repair, end time.Duration } // before is the begin of what is measured

func (c Cell) spans() spans {
	return spans{c.Warm / 2, c.Warm, c.Warm + c.Fault, c.Warm + c.Fault + c.After}
}

// steps in which shares are looked at.
const step = 250 * time.Millisecond

// Part is one part of a cell: before the fault, during it, or after the repair.
type Part struct {
	Calls  int     `json:"calls"`
	Failed int     `json:"failed"`
	P50    float64 `json:"p50_ms"` // of calls that succeeded
	P99    float64 `json:"p99_ms"`
	Cross  float64 `json:"cross_zone_share"` // of attempts; nil client knowledge: of answers
}

// Measured is what one client's callers felt.
type Measured struct {
	Client string `json:"client"`
	Before Part   `json:"before"`
	During Part   `json:"during"`
	After  Part   `json:"after"` // the last 5 s

	FailedFirst10  float64           `json:"failed_share_first_10s"` // of the calls that began then
	FailedAfter2s  int               `json:"failed_after_2s"`        // from 2 s after the fault to the cell's end
	LastFailure    *Seconds          `json:"last_failure_s"`         // begin of the last failed call, from the fault
	Causes         map[string]int    `json:"causes,omitempty"`
	Examples       map[string]string `json:"examples,omitempty"` // the text of one error for each cause
	Amplification  float64           `json:"amplification_10s"`  // most attempts per call in any 10 s
	Retries        int               `json:"retries"`            // during the fault
	Leave          *Seconds          `json:"leave_s"`            // from the fault until the zone gets less than 5 % of attempts for good; nil: it kept them
	Back           *Seconds          `json:"back_s"`             // from the repair until the own zone has 95 % of attempts for good; nil: not in time
	Late           float64           `json:"late_p99_ms"`        // of the load generator
	LongestSilence Seconds           `json:"longest_silence_s"`  // longest time without any success, fault included
	Served         float64           `json:"served_per_s"`       // calls that succeeded, during the fault
	Attempts       int               `json:"attempts"`           // of the whole cell, as the library tells
	Arrived        int               `json:"arrived"`            // requests that reached servers, by their own logs
	Post           bool              `json:"post"`
	Twice          int               `json:"arrived_twice"` // calls with POST
	Unknown        int               `json:"unknown_to_servers"`

	failed []time.Duration // begins of failed calls, from the fault
}

// Seconds is a time that JSON has in seconds.
type Seconds float64

func seconds(d time.Duration) *Seconds {
	s := Seconds(d.Round(time.Millisecond).Seconds())
	return &s
}

// measure reckons what a client did in a cell. The zone that fails is the own one.
func measure(client string, c Cell, r *recorder) Measured {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := c.spans()
	calls, attempts := r.calls, r.attempts
	slices.SortFunc(calls, func(a, b call) int { return cmp.Compare(a.Begin, b.Begin) })
	slices.SortFunc(attempts, func(a, b attempt) int { return cmp.Compare(a.Begin, b.Begin) })
	m := Measured{
		Client: client,
		Before: part(calls, attempts, s.before, s.fault, s.fault),
		During: part(calls, attempts, s.fault, s.repair, s.fault),
		After:  part(calls, attempts, s.end-5*time.Second, s.end, s.fault),

		Amplification: amplification(calls, attempts, s.end),
		Leave:         leave(attempts, s),
		Back:          back(attempts, s),
	}
	m.Causes, m.Examples = causes(calls, s)
	m.failures(calls, s)
	for _, a := range attempts {
		if a.Again && a.Begin >= s.fault && a.Begin < s.repair {
			m.Retries++
		}
	}
	var late []float64
	for _, c := range calls {
		late = append(late, ms(c.Late))
	}
	m.Late = percentile(late, 0.99)
	m.Served = float64(m.During.Calls-m.During.Failed) / c.Fault.Seconds()
	m.LongestSilence = *seconds(silence(calls, s))
	return m
}

// part reckons the calls that began in a part of a cell. Failures that ended at caught or later are those of the fault, which caught calls
// that were under way.
func part(calls []call, attempts []attempt, from, to, caught time.Duration) Part {
	var p Part
	var times []float64
	for _, c := range calls {
		if c.Begin < from || c.Begin >= to || c.Failed && c.End >= to && to == caught {
			continue
		}
		p.Calls++
		if c.Failed {
			p.Failed++
		} else {
			times = append(times, ms(c.End-c.Begin))
		}
	}
	all, cross := 0, 0
	for _, a := range attempts {
		if a.Begin < from || a.Begin >= to {
			continue
		}
		all++
		if a.Cross {
			cross++
		}
	}
	if all > 0 {
		p.Cross = float64(cross) / float64(all)
	}
	p.P50, p.P99 = percentile(times, 0.5), percentile(times, 0.99)
	return p
}

// failures counts from the fault's first moment on. Calls that began before it and were caught by it count as well: those that ended
// after it.
func (m *Measured) failures(calls []call, s spans) {
	began, failed := 0, 0
	for _, c := range calls {
		caught := c.Begin < s.fault && c.End >= s.fault
		if c.Begin < s.fault && !caught {
			continue
		}
		if c.Begin < s.fault+10*time.Second {
			began++
			if c.Failed {
				failed++
			}
		}
		if c.Failed {
			m.failed = append(m.failed, max(c.Begin-s.fault, 0))
		}
	}
	m.FailedAfter2s = m.failedFrom(2 * time.Second)
	if len(m.failed) > 0 {
		m.LastFailure = seconds(slices.Max(m.failed))
	}
	if began > 0 {
		m.FailedFirst10 = float64(failed) / float64(began)
	}
}

// failedFrom counts the failed calls that began so long after the fault or later.
func (m *Measured) failedFrom(d time.Duration) int {
	n := 0
	for _, at := range m.failed {
		if at >= d {
			n++
		}
	}
	return n
}

// amplification is the most attempts per call in any 10 s. Attempts are counted where they begin, so those of calls that began before
// the window are in it too.
func amplification(calls []call, attempts []attempt, end time.Duration) float64 {
	most := 0.0
	for from := time.Duration(0); from+window <= end; from += step {
		n := between(calls, from, func(c call) time.Duration { return c.Begin })
		if n == 0 {
			continue
		}
		most = max(most, float64(between(attempts, from, func(a attempt) time.Duration { return a.Begin }))/float64(n))
	}
	return most
}

// between counts sorted elements in the window that begins at from.
func between[T any](sorted []T, from time.Duration, begin func(T) time.Duration) int {
	find := func(t time.Duration) int {
		i, _ := slices.BinarySearchFunc(sorted, t, func(e T, t time.Duration) int { return cmp.Compare(begin(e), t) })
		return i
	}
	return find(from+window) - find(from)
}

// leave is when the faulty zone had less than 5 % of attempts and kept so until the repair; trials of a zone that may be well again are
// in those 5 %.
func leave(attempts []attempt, s spans) *Seconds {
	last := lastStep(attempts, s.fault, s.repair, func(own, all int) bool { return all > 0 && 20*own >= all })
	if last >= s.repair-step {
		return nil
	}
	return seconds(last + step - s.fault)
}

// back is when the own zone had 95 % of attempts again and kept them.
func back(attempts []attempt, s spans) *Seconds {
	last := lastStep(attempts, s.repair, s.end, func(own, all int) bool { return 20*own < 19*all || all == 0 })
	if last >= s.end-step {
		return nil
	}
	return seconds(last + step - s.repair)
}

// lastStep returns the begin of the last step for which bad holds, or one step before from.
func lastStep(attempts []attempt, from, to time.Duration, bad func(own, all int) bool) time.Duration {
	own, all := map[int]int{}, map[int]int{}
	for _, a := range attempts {
		if a.Begin < from || a.Begin >= to {
			continue
		}
		i := int((a.Begin - from) / step)
		all[i]++
		if a.Zone == zoneIDs[0] {
			own[i]++
		}
	}
	last := from - step
	for i := range int((to - from) / step) {
		if bad(own[i], all[i]) {
			last = from + time.Duration(i)*step
		}
	}
	return last
}

// causes counts failures by cause and keeps the last error of each: the first ones are those of calls that were under way.
func causes(calls []call, s spans) (count map[string]int, example map[string]string) {
	count, example = map[string]int{}, map[string]string{}
	for _, c := range calls {
		if c.Failed && c.End >= s.fault {
			count[c.Cause]++
			example[c.Cause] = c.Error
		}
	}
	return count, example
}

// silence is the longest time from the fault on in which no call succeeded, by the ends of calls.
func silence(calls []call, s spans) time.Duration {
	ends := []time.Duration{s.fault, s.end}
	for _, c := range calls {
		if !c.Failed && c.End > s.fault && c.End < s.end {
			ends = append(ends, c.End)
		}
	}
	slices.Sort(ends)
	longest := time.Duration(0)
	for i := 1; i < len(ends); i++ {
		longest = max(longest, ends[i]-ends[i-1])
	}
	return longest
}

func percentile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	i := int(share*float64(len(values))+0.999999) - 1
	return values[min(max(i, 0), len(values)-1)]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// mostFrequent names causes, the most frequent one first.
func mostFrequent(causes map[string]int) []string {
	return slices.SortedFunc(maps.Keys(causes), func(a, b string) int { return cmp.Or(cmp.Compare(causes[b], causes[a]), cmp.Compare(a, b)) })
}
