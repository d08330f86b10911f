package gate

import (
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// ReportSchema names the form of a Report.
const ReportSchema = "pathproof/gate-report/v1"

// Verdict is what a run says about a path, or about all.
type Verdict string

// The verdicts. Only Pass is green.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive" // measured, and the figures prove neither
	NotMeasured  Verdict = "notMeasured"  // declared, not measured
)

// Verdicts lists the verdicts, the worst first: the verdict on several things is the first that one of them has.
func Verdicts() []Verdict { return []Verdict{Fail, Inconclusive, NotMeasured, Pass} }

// Report is what a run came to. The gate stores it and returns it to direct callers.
type Report struct {
	Schema   string       `json:"schema"`
	RunID    string       `json:"run_id"`
	RunKey   string       `json:"run_key"` // of the document that the gate worked by
	Network  string       `json:"network"`
	Caller   Caller       `json:"caller"`
	Started  time.Time    `json:"started"`
	Duration probe.Micros `json:"duration_us"`

	Verdict Verdict `json:"verdict"` // of all paths and objectives
	Summary string  `json:"summary"` // one line for people

	// Partial says that only some of the document's paths were asked for.
	Partial bool `json:"partial,omitempty"`

	// Incomplete says that a path which a vantage was to measure has not been measured.
	Incomplete bool `json:"incomplete,omitempty"`

	Paths       []PathVerdict      `json:"paths"`
	Objectives  []probe.Objective  `json:"objectives,omitempty"` // those that compare paths
	Comparisons []probe.Comparison `json:"comparisons,omitempty"`
	Vantages    []VantageState     `json:"vantages,omitempty"`
	Notes       []string           `json:"notes,omitempty"`

	// Result is what the vantages found, merged and judged by package report: the document that the command line renders.
	// It holds all paths, those that were not measured with the reason, and has this report's verdict (notMeasured is
	// skipped there) and exit status. It is missing if the document could not be read.
	Result *probe.Result `json:"result,omitempty"`

	// SamplesDropped says that Result is without samples, because the answer would have been too long with them.
	SamplesDropped bool `json:"samples_dropped,omitempty"`

	// Stored is where the report lies, s3://bucket/key; empty if it does not.
	Stored string `json:"stored,omitempty"`
}

// PathVerdict is the verdict on a path.
type PathVerdict struct {
	Name     string   `json:"name"`
	Measured Measured `json:"measured"`
	Vantage  string   `json:"vantage,omitempty"`
	Verdict  Verdict  `json:"verdict"`
	Reason   string   `json:"reason"`
	InStack  bool     `json:"in_stack,omitempty"`

	// What was measured of its phase; missing if nothing was.
	Phase   probe.Phase   `json:"phase,omitempty"`
	P50     *probe.Micros `json:"p50_us,omitempty"`
	P90     *probe.Micros `json:"p90_us,omitempty"`
	FailPct *float64      `json:"fail_pct,omitempty"`
	Bound   probe.Micros  `json:"bound_us,omitempty"`

	Objectives []probe.Objective `json:"objectives,omitempty"`
}

// VantageState is how a vantage fared.
type VantageState struct {
	Key    string       `json:"key"`
	Region string       `json:"region"`
	AZID   string       `json:"az_id"`
	Waited probe.Micros `json:"waited_us,omitempty"` // until its function could be used
	Tries  int          `json:"tries,omitempty"`     // invocations, those that did not begin included
	Error  string       `json:"error,omitempty"`     // why it measured nothing
}
