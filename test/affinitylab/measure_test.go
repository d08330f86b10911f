package affinitylab

import (
	"strings"
	"testing"
	"time"
)

// testCell has a fault from 14 s to 24 s and ends at 38 s.
var testCell = Scenario{Name: "test"}.cell()

// steady makes calls at 100 per second whose attempts go where to says.
func steady(c Cell, to func(at time.Duration) (zone string, failed bool, attempts int)) *recorder {
	r := &recorder{}
	for at := time.Duration(0); at < c.spans().end; at += 10 * time.Millisecond {
		zone, failed, attempts := to(at)
		r.calls = append(r.calls, call{Begin: at, End: at + 2*time.Millisecond, Failed: failed, Cause: "test", Zone: zone})
		for i := range attempts {
			r.attempts = append(r.attempts, attempt{Begin: at, Zone: zone, Cross: zone != zoneIDs[0], Again: i > 0})
		}
	}
	return r
}

func TestMeasure(t *testing.T) {
	s := testCell.spans()
	m := measure("test", testCell, steady(testCell, func(at time.Duration) (string, bool, int) {
		switch {
		case at >= s.fault && at < s.fault+time.Second:
			return zoneIDs[0], at < s.fault+500*time.Millisecond, 2 // half of a second fails, each call twice
		case at >= s.fault && at < s.repair+3*time.Second:
			return zoneIDs[1], false, 1
		}
		return zoneIDs[0], false, 1
	}))
	if m.Before.Calls != 700 || m.Before.Failed != 0 || m.Before.Cross != 0 || m.During.Calls != 1000 || m.During.Failed != 50 {
		t.Errorf("parts: got %+v, %+v", m.Before, m.During)
	}
	if m.FailedFirst10 != 0.05 || m.FailedAfter2s != 0 || m.failedFrom(400*time.Millisecond) != 10 || *m.LastFailure != 0.49 {
		t.Errorf("failures: got %+v", m)
	}
	if m.Amplification != 1.1 || m.Retries != 100 {
		t.Errorf("amplification: got %v with %d retries, want 1.1 and 100", m.Amplification, m.Retries)
	}
	if *m.Leave != 1 || *m.Back != 3 {
		t.Errorf("left after %s and back after %s, want 1 s and 3 s", spanText(m.Leave), spanText(m.Back))
	}
	if m.During.Cross < 0.81 || m.During.Cross > 0.82 { // 900 of 1100
		t.Errorf("cross-zone share: got %v", m.During.Cross)
	}
	if m.LongestSilence < 0.49 || m.LongestSilence > 0.52 {
		t.Errorf("silence: got %v", m.LongestSilence)
	}
	if m.Causes["test"] != 50 || m.Before.P50 != 2 || m.Served != 95 {
		t.Errorf("got %v, %v, %v", m.Causes, m.Before.P50, m.Served)
	}
}

// A call that was under way when the fault came is one of the fault's.
func TestMeasure_CallsThatAreCaught(t *testing.T) {
	s := testCell.spans()
	r := &recorder{calls: []call{
		{Begin: s.fault - 100*time.Millisecond, End: s.fault + time.Second, Failed: true, Cause: "caught"},
		{Begin: s.fault - 300*time.Millisecond, End: s.fault - 200*time.Millisecond, Failed: true, Cause: "earlier"},
		{Begin: s.fault + time.Second, End: s.fault + time.Second},
	}}
	m := measure("test", testCell, r)
	if m.Before.Failed != 1 {
		t.Errorf("before: got %d failures, want the one that had ended", m.Before.Failed)
	}
	if m.FailedFirst10 != 0.5 || m.Causes["caught"] != 1 || m.Causes["earlier"] != 0 {
		t.Errorf("got %v and %v", m.FailedFirst10, m.Causes)
	}
}

// A zone that keeps a tenth of the attempts was not left, and one that lacks a tenth is not back.
func TestMeasure_NeitherLeftNorBack(t *testing.T) {
	n := 0
	m := measure("test", testCell, steady(testCell, func(at time.Duration) (string, bool, int) {
		n++
		if at >= testCell.Warm && n%10 != 0 == (at < testCell.spans().repair) || at >= testCell.Warm && n%10 == 0 && at >= testCell.spans().repair {
			return zoneIDs[2], false, 1
		}
		return zoneIDs[0], false, 1
	}))
	if m.Leave != nil || m.Back != nil {
		t.Errorf("left after %s, back after %s", spanText(m.Leave), spanText(m.Back))
	}
}

// The window is found wherever it is, not only where windows happen to begin.
func TestAmplification_AnyWindow(t *testing.T) {
	m := measure("test", testCell, steady(testCell, func(at time.Duration) (string, bool, int) {
		if at >= 3250*time.Millisecond && at < 13250*time.Millisecond {
			return zoneIDs[0], false, 3
		}
		return zoneIDs[0], false, 1
	}))
	if m.Amplification != 3 {
		t.Errorf("got %v, want 3", m.Amplification)
	}
}

// good is a client that meets every target.
func good() Measured {
	return Measured{Before: Part{Calls: 100}, During: Part{Calls: 100}, Leave: seconds(time.Second), Back: seconds(time.Second), Served: 200, Amplification: 1}
}

// Each target is missed once, and only that one is named.
func TestJudge(t *testing.T) {
	s := Scenario{Targets: Targets{MaxFailed: 0.01, Clean: 2 * time.Second, Leave: 5 * time.Second, Back: 10 * time.Second, MaxCross: share(0.15), MinServed: 120}}
	m := good()
	if v, reasons := s.judge(&m); v != Pass || len(reasons) > 0 {
		t.Errorf("a good row: %s %v", v, reasons)
	}
	for _, tt := range []struct {
		spoil func(*Measured)
		want  string
	}{
		{func(m *Measured) { m.Before.Failed = 1 }, "1 of 100 calls failed before the fault"},
		{func(m *Measured) { m.Before.Cross = 0.001 }, "cross-zone share 0.10 % before the fault; target 0"},
		{func(m *Measured) { m.Amplification = 1.2 }, "amplification 1.200 in 10 s; target below 1.20"},
		{func(m *Measured) { m.FailedFirst10 = 0.011 }, "1.10 % of calls failed in the first 10 s; target at most 1 %"},
		{func(m *Measured) { m.failed = []time.Duration{time.Second, 2 * time.Second} }, "1 calls failed that began 2s after the fault or later; target none"},
		{func(m *Measured) { m.During.Cross = 0.16 }, "cross-zone share 16.00 % during the fault; target at most 15 %"},
		{func(m *Measured) { m.Leave = nil }, "the zone was left after -; target 5s"},
		{func(m *Measured) { m.Leave = seconds(6 * time.Second) }, "the zone was left after 6.00 s; target 5s"},
		{func(m *Measured) { m.Back = nil }, "the own zone had its calls back after -; target 10s"},
		{func(m *Measured) { m.Served = 119 }, "119 calls/s were served during the fault; target at least 120"},
		{func(m *Measured) { m.Twice = 1 }, "1 calls reached servers twice; target none"},
		{func(m *Measured) { m.Attempts, m.Arrived = 99, 100 }, "100 requests reached servers, more than the 99 attempts that the library tells of"},
		{func(m *Measured) { m.Unknown = 1 }, "1 calls succeeded that no server knows of"},
	} {
		m := good()
		tt.spoil(&m)
		if v, reasons := s.judge(&m); v != Over || len(reasons) != 1 || reasons[0] != tt.want {
			t.Errorf("%s: got %s %v", tt.want, v, reasons)
		}
	}
	m = good()
	m.Late = maxLateMS + 1
	if v, reasons := s.judge(&m); v != Broken || !strings.Contains(reasons[0], "late at p99") {
		t.Errorf("a late generator: got %s %v", v, reasons)
	}
	m = good()
	m.Late = busyMS + 1
	if v, reasons := s.judge(&m); v != Pass {
		t.Errorf("a generator that is a little late: got %s %v", v, reasons)
	}
	m.Twice = 1
	v, reasons := s.judge(&m)
	row := Row{Verdict: v, Clients: []Measured{m}}
	if !row.busy() || len(reasons) != 2 {
		t.Errorf("a target missed on a busy machine: got %s %v", v, reasons)
	}
}

func TestScenarios(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scenarios() {
		if seen[s.Name] || s.Fault == "" {
			t.Errorf("%s: twice, or without a fault", s.Name)
		}
		seen[s.Name] = true
		if c := s.cell(); !s.Cold && c.Warm < window || c.Fault < window {
			t.Errorf("%s: shorter than the window of the amplification", s.Name)
		}
	}
}
