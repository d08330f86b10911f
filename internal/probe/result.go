package probe

import (
	"encoding/json"
	"net/netip"
	"time"
)

// Schema names the form of a Result. Readers must ignore fields that they do not know.
const Schema = "pathproof/probe-result/v1"

// Result is what a run found. Run fills in what it measures; whoever judges it fills in PathResult's aggregates,
// Comparisons, SLO, Verdict and ExitCode, from the samples.
type Result struct {
	Schema      string       `json:"schema"`
	RunID       string       `json:"run_id,omitempty"`
	Tool        Tool         `json:"tool"`
	Started     time.Time    `json:"started"`
	Duration    Micros       `json:"duration_us"`
	Interrupted bool         `json:"interrupted,omitempty"` // the run was cancelled: what is here is what there was
	Vantage     Vantage      `json:"vantage"`
	Settings    Settings     `json:"settings"`
	Env         Env          `json:"env"`
	Paths       []PathResult `json:"paths"`
	Comparisons []Comparison `json:"comparisons,omitempty"`
	SLO         []Objective  `json:"slo,omitempty"`
	Verdict     Verdict      `json:"verdict,omitempty"`
	Reasons     []string     `json:"reasons,omitempty"` // why the verdict is not pass, and what to know of one that is
	ExitCode    int          `json:"exit_code"`
}

// Tool is the program that measured.
type Tool struct {
	Version string `json:"version,omitempty"`
	Go      string `json:"go,omitempty"`
}

// Vantage is where it measured.
type Vantage struct {
	Kind      string     `json:"kind,omitempty"` // lambda, reverse or client
	Region    string     `json:"region,omitempty"`
	AZID      string     `json:"az_id,omitempty"`
	Subnet    string     `json:"subnet,omitempty"`
	SourceIP  netip.Addr `json:"source_ip,omitzero"` // of the first probe that got an answer, unless it was given
	ColdStart bool       `json:"cold_start,omitempty"`
}

// Settings are the plan's numbers.
type Settings struct {
	Seed     uint64 `json:"seed"`
	Interval Micros `json:"interval_us"`
	Timeout  Micros `json:"timeout_us"`
	InFlight int    `json:"in_flight"`
	Looks    int    `json:"looks"`     // how often the samples were looked at to decide whether to go on
	MaxLooks int    `json:"max_looks"` // how often they might have been: the confidence of each look divides by this
}

// Env is what the run knows about its own machine.
type Env struct {
	OS           string      `json:"os"`
	CPUs         int         `json:"cpus"`
	Timing       Timing      `json:"timing,omitempty"` // userspace if any path's main phase was timed so
	Overhead     Percentiles `json:"overhead_us"`      // what the program's own clock adds to the kernel's
	SchedLag     Percentiles `json:"sched_lag_us"`     // how late its timers were
	CPUThrottled Micros      `json:"cpu_throttled_us"` // for how long the container's quota stopped it
	Preempted    int64       `json:"preempted"`        // how often another program took its processor
	Quality      Quality     `json:"quality"`
	Notes        []string    `json:"notes,omitempty"` // reasons for the quality
}

// Percentiles are nearest-rank percentiles; 0 if there is nothing to rank.
type Percentiles struct {
	P50 Micros `json:"p50"`
	P90 Micros `json:"p90"`
	P99 Micros `json:"p99"`
}

// Quality says how far the figures can be trusted. Anything but good can excuse no path and condemn none by latency.
type Quality string

// The qualities.
const (
	Good     Quality = "good"
	Degraded Quality = "degraded"
	Poor     Quality = "poor"
)

// PathResult is one path. Counts are of probes that count: neither warm-up nor re-probes nor invalid or limited slots.
type PathResult struct {
	Name   string `json:"name"`
	Kind   Kind   `json:"kind"`
	Target Target `json:"target"`
	Expect Expect `json:"expect,omitempty"`
	Timing Timing `json:"timing,omitempty"` // of the main phase; userspace if any sample's was

	// Vantage and Env are those of this path, in a document that was merged of several runs.
	Vantage *Vantage `json:"vantage,omitempty"`
	Env     *Env     `json:"env,omitempty"`

	// Failure is set if nothing could be measured: no such name, not ready in time, no privilege.
	Failure *Failure   `json:"failure,omitempty"`
	Ready   *Readiness `json:"ready,omitempty"`

	Sent        int           `json:"sent"`
	OK          int           `json:"ok"`
	Errors      map[Class]int `json:"errors,omitempty"`
	Invalid     int           `json:"invalid,omitempty"` // slots this machine could not use (class local): neither sent nor lost
	Limited     int           `json:"limited,omitempty"` // probes over the rate limit of our own server: neither sent nor lost
	Unsent      int           `json:"unsent,omitempty"`  // slots whose time ran out before they could begin
	SYNRetrans  int           `json:"syn_retrans"`       // probes that needed more than one SYN: ok, but with no latency
	Warmup      int           `json:"warmup_dropped"`
	FailPct     float64       `json:"fail_pct"`
	FailCI95Pct *Interval     `json:"fail_ci95_pct,omitempty"`

	Phases    map[Phase]PhaseStats `json:"phases,omitempty"`
	Histogram *Histogram           `json:"histogram,omitempty"`
	Flows     *FlowTable           `json:"per_flow,omitempty"`
	ServedBy  []Served             `json:"served_by,omitempty"` // sorted by name; empty if nobody said
	Denial    *Denial              `json:"denial,omitempty"`

	// Samples is optional in a document. It is empty where a path had more than MaxSamples.
	Samples []Sample `json:"samples,omitempty"`
}

// Sample is one slot of the schedule. Times are since Result.Started.
type Sample struct {
	Index     int    `json:"i"` // counts from 0 within the path, warm-up first
	Scheduled Micros `json:"sched_us"`
	Lag       Micros `json:"lag_us"` // how much later it began
	Warmup    bool   `json:"warmup,omitempty"`
	Reprobe   bool   `json:"reprobe,omitempty"`
	Flow      int    `json:"flow,omitempty"` // 1 is the first row of the path's flow table; 0: no flows
	Outcome
}

// Counts reports whether the sample is one that percentages and percentiles are made of.
func (s *Sample) Counts() bool {
	return !s.Warmup && !s.Reprobe && (s.Failure == nil || s.Failure.Class.CountsAsLoss())
}

// Readiness is how the wait for a path went.
type Readiness struct {
	OK     bool   `json:"ok"`
	Waited Micros `json:"waited_us"` // until the last of the consecutive successes, or until it gave up
	Tries  int    `json:"tries"`
}

// PhaseStats are the aggregates of one phase. Quantiles are of all probes, failed ones as infinite; everything else is
// of the N probes that succeeded.
type PhaseStats struct {
	Clock     Timing     `json:"timing"`
	N         int        `json:"n"`
	Ranked    int        `json:"ranked"` // probes behind the quantiles: N, and those that failed
	Min       Micros     `json:"min"`
	Avg       Micros     `json:"avg"`
	Max       Micros     `json:"max"`
	SD        *Micros    `json:"sd"`             // null: fewer than two
	Jitter    *Micros    `json:"jitter_ipdv"`    // null: no two consecutive probes succeeded
	Spread    *Micros    `json:"spread_p90_p50"` // null: p90 is infinite
	Quantiles []Quantile `json:"quantiles,omitempty"`
}

// Quantile is one estimate with its confidence interval.
type Quantile struct {
	Q    float64   `json:"q"`
	V    *Micros   `json:"v"` // null: infinite, because so many probes failed
	CI95 *Interval `json:"ci95,omitempty"`

	// Resolved says that the sample bounds the quantile from above. If it does not, NeedsN probes would, V is a guess, and
	// all that is known is that the quantile is AtLeast so much.
	Resolved bool    `json:"resolved"`
	NeedsN   int     `json:"needs_n,omitempty"`
	AtLeast  *Micros `json:"at_least,omitempty"`
}

// Histogram counts samples between edges; Counts has one element less than Edges. Counts[i] are of times from Edges[i] to
// below Edges[i+1], the last one of times up to the last edge.
type Histogram struct {
	Phase  Phase    `json:"phase"`
	Scale  string   `json:"scale"` // log or linear
	Edges  []Micros `json:"edges_us"`
	Counts []int    `json:"counts"`
}

// Served is what one of those that answered a path took, by the kind's main phase.
type Served struct {
	By  string `json:"by"` // an AZ ID or an instance
	N   int    `json:"n"`
	P50 Micros `json:"p50"`
	P90 Micros `json:"p90"`
}

// Comparison is path A against path B: a shift below zero says that A is faster.
type Comparison struct {
	A           string    `json:"a"`
	B           string    `json:"b"`
	Phase       Phase     `json:"phase"`
	Order       string    `json:"order"`    // interleaved, or sequential for results of two runs
	Shift       *Micros   `json:"shift_us"` // Hodges-Lehmann; null: too few answers to say
	CI95        *Interval `json:"ci95,omitempty"`
	Margin      Micros    `json:"margin_us"`           // a difference up to this does not matter
	RatioP50    *float64  `json:"ratio_p50,omitempty"` // of the medians of answered probes
	RatioCI95   *Interval `json:"ratio_ci95,omitempty"`
	MWUP        float64   `json:"mwu_p"` // Mann-Whitney, for information: it takes neighbors for independent
	Quantiles   []Shift   `json:"quantiles,omitempty"`
	LossDiffers bool      `json:"loss_differs,omitempty"` // the intervals of the losses have nothing in common
	Verdict     string    `json:"verdict"`                // faster, slower, equivalent or inconclusive
	Reason      string    `json:"reason,omitempty"`
}

// Shift is a difference of quantiles of all probes, failed ones as infinite. NeedsN is set if there are too few samples
// for an interval.
type Shift struct {
	Q      float64   `json:"q"`
	Shift  *Micros   `json:"shift_us"` // null: one or both are infinite
	CI95   *Interval `json:"ci95,omitempty"`
	NeedsN int       `json:"needs_n,omitempty"`
}

// Objective is one term of an SLO, judged.
type Objective struct {
	Expr     string    `json:"expr"`
	Path     string    `json:"path,omitempty"`
	ValueUS  *Micros   `json:"value_us,omitempty"`  // of an objective on a time; missing: none, or infinite
	ValuePct *float64  `json:"value_pct,omitempty"` // of an objective on failures
	CI95     *Interval `json:"ci95,omitempty"`      // bounds of one side each, in the unit of the value
	Verdict  Verdict   `json:"verdict"`
	Severity string    `json:"severity"` // error or warn
	Reason   string    `json:"reason,omitempty"`
}

// Verdict is what became of an objective, or of all.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
	Skipped      Verdict = "skipped"
)

// Interval is [low, high] in JSON. A nil end is unbounded, null in JSON.
type Interval struct{ Low, High *float64 }

// MarshalJSON writes [low, high].
func (i Interval) MarshalJSON() ([]byte, error) { return json.Marshal([2]*float64{i.Low, i.High}) }

// UnmarshalJSON reads [low, high].
func (i *Interval) UnmarshalJSON(b []byte) error {
	var ends [2]*float64
	if err := json.Unmarshal(b, &ends); err != nil {
		return err
	}
	i.Low, i.High = ends[0], ends[1]
	return nil
}
