package slo

import "github.com/pathproof/pathproof/internal/stats"

// Mode says what of a confidence interval decides.
type Mode string

// The modes. A term for which there are too few samples is inconclusive in strict and lenient mode.
const (
	Strict  Mode = "strict"  // pass when the interval proves the term, fail when it refutes it, inconclusive otherwise
	Lenient Mode = "lenient" // fail when the interval refutes the term, pass otherwise
	Point   Mode = "point"   // the estimate decides, and its interval is for information
)

// Policy says how terms are judged.
type Policy struct {
	Latency    Mode    // of measures of time. Default: lenient. min and max speak of the run: they are judged by point
	Shares     Mode    // of fail and synloss. Default: point
	Confidence float64 // of bounds, one-sided. Default: 0.95
	Sequential bool    // compared paths were measured one after the other: their slots have nothing to do with each other
	Resampling stats.Resampling
}

const defaultConfidence = 0.95

func (p Policy) withDefaults() Policy {
	if p.Latency == "" {
		p.Latency = Lenient
	}
	if p.Shares == "" {
		p.Shares = Point
	}
	if p.Confidence == 0 {
		p.Confidence = defaultConfidence
	}
	return p
}

// Quality is what the prober found out about itself.
type Quality string

// The qualities. A prober that was short of processor time adds to what it measures: a degraded one proves no time to be
// too long, a poor one no loss either.
const (
	Good     Quality = "good"
	Degraded Quality = "degraded"
	Poor     Quality = "poor"
)

// Run is what was measured on a path.
type Run struct {
	// Phases holds the series of each phase, one element for each slot. Compared paths have the same slots.
	Phases  map[string][]stats.Latency
	Sent    int // probes that count; 0: the path was not measured
	Failed  int // of these, how many got no answer
	SynLost int // of the answered ones, how many needed a second packet for the handshake
	Quality Quality
}

// Verdict is the outcome of a term or of an objective.
type Verdict string

// The verdicts. A term is skipped when its path was not measured.
const (
	Pass         Verdict = "pass"
	Failed       Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
	Skipped      Verdict = "skipped"
)

// Result is the verdict on a term.
type Result struct {
	Term    Term
	Verdict Verdict
	Reason  string // with the numbers

	// What decided, by the kind of the term; the others are nil.
	Estimate   *stats.Estimate   // a measure of time
	Rate       *stats.Rate       // fail or synloss
	Difference *stats.Difference // left - right of a comparison, over the left factor; its ends are one-sided bounds
}

// Overall returns the verdict on all terms: fail if one fails, inconclusive if one is not proven either way or was not
// measured, pass otherwise. Terms with @warn do not count.
func Overall(results []Result) Verdict {
	verdict := Pass
	for _, r := range results {
		switch {
		case r.Term.Warn || r.Verdict == Pass:
		case r.Verdict == Failed:
			return Failed
		default:
			verdict = Inconclusive
		}
	}
	return verdict
}
