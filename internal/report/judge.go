package report

import (
	"errors"
	"fmt"
	"math"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/slo"
	"github.com/pathproof/pathproof/internal/stats"
)

// Judge fills in the aggregates, comparisons, objectives, verdict and exit status of a result, from its samples. It
// returns an error for a result without samples and for options that name a path which is not there; it has judged
// nothing then. Judging again gives the same.
func Judge(r *probe.Result, o Options) error {
	o = o.withDefaults()
	s, err := slotsOf(r)
	if err != nil {
		return err
	}
	if err := o.check(r); err != nil {
		return err
	}
	for i := range r.Paths {
		if p := &r.Paths[i]; o.Long.has(p) {
			o.Long.aggregate(r, p)
		} else {
			s.aggregate(r, p)
		}
	}
	r.Comparisons, r.SLO = nil, nil
	for _, pair := range o.Compare {
		c, err := s.compare(r, pair, o)
		if err != nil {
			return err
		}
		r.Comparisons = append(r.Comparisons, c)
	}
	s.objectives(r, o)
	conclude(r, o.Strict)
	return nil
}

// Inconclusive reports whether more samples could settle what a judged result leaves open.
func Inconclusive(r *probe.Result) bool {
	for i := range r.Comparisons {
		if r.Comparisons[i].Verdict == string(stats.Inconclusive) {
			return true
		}
	}
	for i := range r.SLO {
		if r.SLO[i].Verdict == probe.Inconclusive {
			return true
		}
	}
	return false
}

// check finds names that the result does not have, and paths without samples.
func (o Options) check(r *probe.Result) error {
	var errs []error
	need := func(name, by string) {
		switch p := Find(r, name); {
		case p == nil:
			errs = append(errs, fmt.Errorf("%s: unknown path, got %q; use one of the result", by, name))
		case p.Sent > 0 && len(p.Samples) == 0:
			errs = append(errs, fmt.Errorf("%s: the result holds no samples of path %s; measure again and keep them, at most %d of a path", by, name, probe.MaxSamples))
		}
	}
	for i := range r.Paths {
		if p := &r.Paths[i]; p.Sent > 0 && len(p.Samples) == 0 && !o.Long.has(p) {
			need(p.Name, "judge")
		}
	}
	for _, pair := range o.Compare {
		need(pair.A, "compare")
		need(pair.B, "compare")
	}
	for _, objective := range o.Objectives {
		if objective.Path != "" {
			need(objective.Path, "objective "+objective.Expr.String())
		}
	}
	return errors.Join(errs...)
}

// Find returns a path by name, or nil.
func Find(r *probe.Result, name string) *probe.PathResult {
	for i := range r.Paths {
		if r.Paths[i].Name == name {
			return &r.Paths[i]
		}
	}
	return nil
}

// objectives judges all objectives.
func (s slots) objectives(r *probe.Result, o Options) {
	if len(o.Objectives) == 0 {
		return
	}
	runs := map[string]slo.Run{}
	for i := range r.Paths {
		runs[r.Paths[i].Name] = s.run(r, &r.Paths[i])
	}
	policy := slo.Policy{
		Latency: o.Latency, Shares: o.Shares, Confidence: o.perLook(r), Sequential: o.Sequential, Resampling: resampling(r, s.end-s.first),
	}
	for _, objective := range o.Objectives {
		for _, result := range objective.Expr.Evaluate(objective.Path, runs, policy) {
			if why := mixed(r, result.Term); why != "" {
				result.Verdict, result.Reason, result.Difference = slo.Inconclusive, why, nil
			}
			r.SLO = append(r.SLO, judged(objective.Path, result))
		}
	}
}

// run is a path as objectives see it.
func (s slots) run(r *probe.Result, p *probe.PathResult) slo.Run {
	run := slo.Run{Sent: p.Sent, Failed: p.Sent - p.OK, Quality: slo.Quality(r.Env.Quality), Phases: map[string][]stats.Latency{}}
	for i := range p.Samples {
		if sample := &p.Samples[i]; sample.Counts() && sample.OK() && sample.SYNRetransmits > 0 {
			run.SynLost++
		}
	}
	for _, phase := range Phases(p.Kind) {
		run.Phases[string(phase)] = s.series(p, phase)
	}
	return run
}

// mixed says why a comparison must not be judged: two clocks.
func mixed(r *probe.Result, t slo.Term) string {
	if !t.Comparison() {
		return ""
	}
	a, b := Find(r, t.Left.Path), Find(r, t.Right.Path)
	if a == nil || b == nil {
		return ""
	}
	return mixedClocks(r, a, probe.Phase(t.Left.Phase), b, probe.Phase(t.Right.Phase))
}

func mixedClocks(r *probe.Result, a *probe.PathResult, phaseA probe.Phase, b *probe.PathResult, phaseB probe.Phase) string {
	ca, cb := clock(r, a, phaseA), clock(r, b, phaseB)
	if ca == "" || cb == "" || ca == cb {
		return ""
	}
	return fmt.Sprintf("not compared: %s of %s is timed by %s, %s of %s by %s; compare what one clock measured",
		phaseA, a.Name, clockName(ca), phaseB, b.Name, clockName(cb))
}

func clockName(t probe.Timing) string {
	if t == probe.TimingKernel {
		return "the kernel"
	}
	return "the program"
}

// judged is a term's result as it stands in a document.
func judged(path string, result slo.Result) probe.Objective {
	out := probe.Objective{
		Expr: result.Term.String(), Path: path, Verdict: probe.Verdict(result.Verdict), Severity: "error", Reason: result.Reason,
	}
	if result.Term.Warn {
		out.Severity = "warn"
	}
	switch {
	case result.Estimate != nil:
		out.ValueUS = micros(result.Estimate.Value)
		if !result.Estimate.Measure.OfRun() {
			out.CI95 = interval(end(result.Estimate.Lower), end(result.Estimate.Upper))
		}
	case result.Rate != nil:
		value, low, high := 100*result.Rate.Value, 100*result.Rate.Lower, 100*result.Rate.Upper
		out.ValuePct, out.CI95 = &value, interval(&low, &high)
	case result.Difference != nil:
		out.ValueUS, out.CI95 = difference(*result.Difference), differenceInterval(*result.Difference)
	}
	return out
}

// finite is nil for what JSON has no number for.
func finite(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}
