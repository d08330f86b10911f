package affinitylab

import (
	"cmp"
	"fmt"
)

// Verdict is how a row ended.
type Verdict string

// The verdicts.
const (
	Pass    Verdict = "pass"
	Over    Verdict = "over"    // a target was missed
	Skipped Verdict = "skipped" // what it needs is not here
	Broken  Verdict = "broken"  // it could not be carried out or measured; says nothing about the library
)

// maxLate is how late the load generator may be at p99 before a row says nothing: then it is the machine that was measured.
const maxLateMS = 100

// busyMS is how late it may be before a missed target is the machine's.
const busyMS = 25

// busy reports whether a row says nothing because the machine had other things to do.
func (r *Row) busy() bool {
	return r.Verdict == Broken && len(r.Clients) > 0
}

// Row is one scenario.
type Row struct {
	Scenario string     `json:"scenario"`
	Fault    string     `json:"fault"`
	Rests    string     `json:"rests_on,omitempty"`
	Clients  []Measured `json:"clients"` // the library first
	Verdict  Verdict    `json:"verdict"`
	Reasons  []string   `json:"reasons,omitempty"`
}

// maxAmplification is below what attempts per call stay in any 10 s.
const maxAmplification = 1.2

// judge compares the library's figures with the scenario's targets.
func (s Scenario) judge(m *Measured) (Verdict, []string) {
	var reasons []string
	over := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	if m.Before.Failed > 0 {
		over("%d of %d calls failed before the fault", m.Before.Failed, m.Before.Calls)
	}
	if m.Before.Cross > 0 {
		over("cross-zone share %.2f %% before the fault; target 0", 100*m.Before.Cross)
	}
	limit := cmp.Or(s.Targets.Attempts, maxAmplification)
	if m.Amplification >= limit {
		over("amplification %.3f in 10 s; target below %.2f", m.Amplification, limit)
	}
	t := s.Targets
	if m.FailedFirst10 > t.MaxFailed {
		over("%.2f %% of calls failed in the first 10 s; target at most %.0f %%", 100*m.FailedFirst10, 100*t.MaxFailed)
	}
	if n := m.failedFrom(t.Clean); t.Clean > 0 && n > 0 {
		over("%d calls failed that began %s after the fault or later; target none", n, t.Clean)
	}
	if t.MaxCross != nil && m.During.Cross > *t.MaxCross {
		over("cross-zone share %.2f %% during the fault; target at most %.0f %%", 100*m.During.Cross, 100**t.MaxCross)
	}
	if t.Leave > 0 && (m.Leave == nil || float64(*m.Leave) > t.Leave.Seconds()) {
		over("the zone was left after %s; target %s", spanText(m.Leave), t.Leave)
	}
	if t.Back > 0 && (m.Back == nil || float64(*m.Back) > t.Back.Seconds()) {
		over("the own zone had its calls back after %s; target %s", spanText(m.Back), t.Back)
	}
	if t.MinServed > 0 && m.Served < t.MinServed {
		over("%.0f calls/s were served during the fault; target at least %.0f", m.Served, t.MinServed)
	}
	if m.Arrived > m.Attempts {
		over("%d requests reached servers, more than the %d attempts that the library tells of", m.Arrived, m.Attempts)
	}
	if m.Twice > 0 {
		over("%d calls reached servers twice; target none", m.Twice)
	}
	if m.Unknown > 0 {
		over("%d calls succeeded that no server knows of", m.Unknown)
	}
	if m.Late > maxLateMS || len(reasons) > 0 && m.Late > busyMS {
		return Broken, append(reasons, fmt.Sprintf("the load generator was %.0f ms late at p99: the machine was too busy to measure", m.Late))
	}
	if len(reasons) > 0 {
		return Over, reasons
	}
	return Pass, nil
}

func spanText(s *Seconds) string {
	if s == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f s", float64(*s))
}
