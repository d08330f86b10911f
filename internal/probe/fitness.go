package probe

import (
	"fmt"
	"runtime"
	"time"
)

// Limits of this machine's fitness. The program's own slowness hardly moves a kernel-timed median, but its tail, and
// anything that the program times, grows with it.
const (
	degradedOverhead = 10 * time.Millisecond // p90 of what the program adds to the kernel's time
	poorOverhead     = 100 * time.Millisecond
	degradedLag      = 10 * time.Millisecond // p99 of how late timers are
	poorLag          = 100 * time.Millisecond
	degradedOwnClock = 1 * time.Millisecond // p90 of the same where the program's clock measures: it is that late, too
	poorOwnClock     = 10 * time.Millisecond
	degradedThrottle = 0.01 // share of the time that the container's quota stopped the program
	poorThrottle     = 0.25
	degradedPreempt  = 500.0 // a second: another program took the processor ...
	perProbePreempt  = 20.0  // ... and so often for each probe; starting and ending a probe costs a few
	poorInvalid      = 0.10  // share of slots that could not be used
)

// fitness is what is known about this machine during a run.
type fitness struct {
	overhead, lag    Percentiles
	ownClock         bool // the program's clock timed a main phase
	throttled        time.Duration
	preempted        int64
	duration         time.Duration
	invalid, allSent int
}

// judge returns the quality and the reasons for anything but good.
func (f fitness) judge() (Quality, []string) {
	j := judgement{quality: Good}
	j.weigh(f.overhead.P90.Duration(), degradedOverhead, poorOverhead, "the program added %s to the kernel's time at p90")
	j.weigh(f.lag.P99.Duration(), degradedLag, poorLag, "timers were %s late at p99")
	if f.ownClock {
		j.weigh(f.lag.P90.Duration(), degradedOwnClock, poorOwnClock, "times are by the program's own clock, whose timers were %s late at p90")
	}
	if f.duration > 0 {
		share := f.throttled.Seconds() / f.duration.Seconds()
		j.against(share, degradedThrottle, poorThrottle, fmt.Sprintf("the CPU quota stopped the program for %.1f %% of the time", share*100))
		rate := float64(f.preempted) / f.duration.Seconds()
		if float64(f.preempted) < perProbePreempt*float64(f.allSent) {
			rate = 0
		}
		j.against(rate, degradedPreempt, 0, fmt.Sprintf("other programs took the processor %.0f times a second", rate))
	}
	if all := f.invalid + f.allSent; all > 0 {
		share := float64(f.invalid) / float64(all)
		j.against(share, 0, poorInvalid, fmt.Sprintf("%d of %d probes could not be sent by this machine", f.invalid, all))
	}
	return j.quality, j.notes
}

type judgement struct {
	quality Quality
	notes   []string
}

func (j *judgement) weigh(got, degraded, poor time.Duration, format string) {
	j.against(got.Seconds(), degraded.Seconds(), poor.Seconds(), fmt.Sprintf(format, got))
}

// against lowers the quality if got is above a limit; poor 0 is no limit.
func (j *judgement) against(got, degraded, poor float64, note string) {
	if got <= degraded {
		return
	}
	j.notes = append(j.notes, note)
	switch {
	case poor > 0 && got > poor:
		j.quality = Poor
	case j.quality == Good:
		j.quality = Degraded
	}
}

// environment judges this machine over the whole run.
func (r *run) environment(paths []PathResult) Env {
	f := fitness{throttled: r.machine.throttled, preempted: r.machine.preempted}
	if !r.sampling.IsZero() {
		f.duration = time.Since(r.sampling)
	}
	var overheads, wakes []Micros
	timing := Timing("")
	for i, l := range r.lanes {
		overheads = append(overheads, l.overheads()...)
		wakes = append(wakes, l.wakes...)
		f.invalid += paths[i].Invalid
		f.allSent += paths[i].Sent
		if t := paths[i].Timing; timing == "" || t == TimingUserspace {
			timing = t
		}
	}
	f.overhead, f.lag, f.ownClock = percentilesOf(overheads), percentilesOf(wakes), timing == TimingUserspace
	e := Env{
		OS: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(), Timing: timing,
		Overhead: f.overhead, SchedLag: f.lag, CPUThrottled: signed(f.throttled), Preempted: f.preempted,
	}
	e.Quality, e.Notes = f.judge()
	return e
}
