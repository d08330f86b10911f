package report

import (
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/slo"
	"github.com/pathproof/pathproof/internal/stats"
)

// Options say how to judge a result. Zero values are the defaults given here.
type Options struct {
	// Objectives are judged in this order.
	Objectives []Objective

	// Compare lists the pairs to compare.
	Compare []Pair

	// Margin is the difference between compared paths that does not matter (stats.DefaultMargin).
	Margin *stats.Margin

	// Confidence is that of objectives and comparisons over all looks together (0.95). Intervals of percentiles and losses
	// always have 95 %.
	Confidence float64

	// Latency and Shares say what of an interval decides an objective (lenient, and point).
	Latency, Shares slo.Mode

	// Strict makes an inconclusive verdict a reason to stop: exit status 2 instead of 0.
	Strict bool

	// Sequential says that compared paths were measured one after the other.
	Sequential bool

	// Long, if set, holds what a run too long for samples folded as it went.
	Long *Long
}

// Objective is an objective of a path, or of none if it compares paths.
type Objective struct {
	Path string
	Expr *slo.Expr
}

// Pair is two paths to compare, A against B. Phase is what to compare (that which CommonPhase finds).
type Pair struct {
	A, B  string
	Phase probe.Phase
}

// Exit statuses of a judged result. The numbers are part of the interface.
const (
	ExitPass         = 0   // everything holds; warnings allowed
	ExitFail         = 1   // an objective or an expectation is not met
	ExitInconclusive = 2   // not proven either way, and Options.Strict is set
	ExitUsage        = 3   // wrong input, for callers; Judge never returns it
	ExitUnmeasurable = 4   // no path could be measured at all
	ExitUnfit        = 5   // this machine is not fit to measure, or lacks a privilege
	ExitAWS          = 6   // an AWS API failed, for callers; Judge never returns it
	ExitInterrupted  = 130 // the run was cut short; the verdict is fail or inconclusive
)

func (o Options) withDefaults() Options {
	if o.Margin == nil {
		m := stats.DefaultMargin
		o.Margin = &m
	}
	if o.Confidence == 0 {
		o.Confidence = 0.95
	}
	return o
}

// perLook is the confidence that each of several looks must have so that all together have the one asked for.
func (o Options) perLook(r *probe.Result) float64 {
	return 1 - (1-o.Confidence)/float64(max(1, r.Settings.MaxLooks))
}

// resampling keeps the work bounded for large samples.
func resampling(r *probe.Result, n int) stats.Resampling {
	return stats.Resampling{Seed: r.Settings.Seed, Resamples: max(400, min(2000, 20_000_000/max(n, 1)))}
}
