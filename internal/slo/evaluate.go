package slo

import (
	"fmt"
	"math"

	"github.com/pathproof/pathproof/internal/stats"
)

// Evaluate judges each term of an objective that Check found nothing wrong with. own is the path it belongs to, empty for
// a comparison; runs are keyed by path.
func (e *Expr) Evaluate(own string, runs map[string]Run, p Policy) []Result {
	var results []Result
	j := judge{own, runs, p.withDefaults()}
	for _, t := range e.Terms {
		r := Result{Term: t}
		j.term(&r)
		results = append(results, r)
	}
	return results
}

type judge struct {
	own    string
	runs   map[string]Run
	policy Policy
}

func (j judge) term(r *Result) {
	left, op, right := r.Term.measured()
	values := []Value{left}
	if r.Term.Comparison() {
		values = append(values, right)
	}
	for _, v := range values {
		if path := v.pathOf(j.own); j.runs[path].Sent == 0 {
			r.set(Skipped, "%s: not measured", path)
			return
		}
	}
	if left.share() {
		j.share(r, left, op, right)
		return
	}
	for _, v := range values {
		if run := j.runs[v.pathOf(j.own)]; run.Failed >= run.Sent {
			r.set(Failed, "%s: unreachable, none of %d probes was answered", v.pathOf(j.own), run.Sent)
			return
		}
	}
	if len(values) == 2 {
		j.compare(r, left, op, right)
	} else {
		j.latency(r, left, op, right)
	}
	j.distrust(r, op, values)
}

func (r *Result) set(v Verdict, format string, args ...any) {
	r.Verdict, r.Reason = v, fmt.Sprintf(format, args...)
}

// share judges fail and synloss.
func (j judge) share(r *Result, left Value, op Op, right Value) {
	run := j.runs[left.pathOf(j.own)]
	rate := stats.NewRate(run.Failed, run.Sent, j.policy.Confidence)
	if left.Kind == SynLoss {
		rate = stats.NewRate(run.SynLost, run.Sent-run.Failed, j.policy.Confidence)
	}
	r.Rate = &rate
	mode := j.policy.Shares
	if op == Equal {
		mode = Point
	}
	i := interval{value: rate.Value, lower: rate.Lower, upper: rate.Upper}
	verdict, how := i.judge(mode, op, right.Share())
	r.set(verdict, "%s is %d of %d, %.2f%% (%s bounds %.2f%% and %.2f%%), limit %s %s: %s", left, rate.Count, rate.N, 100*rate.Value,
		percent(j.policy.Confidence), 100*rate.Lower, 100*rate.Upper, op, right, how)
	switch unreachable := run.Failed == run.Sent; {
	case rate.N == 0:
		r.set(Inconclusive, "%s: no handshake was answered", left)
	case verdict == Failed && run.Quality == Poor && !unreachable:
		r.doubt("the prober was unfit")
	}
}

// latency judges a measure of time against a number.
func (j judge) latency(r *Result, left Value, op Op, right Value) {
	run := j.runs[left.pathOf(j.own)]
	e := left.Measure.Estimate(run.Phases[left.Phase], j.policy.Confidence, j.policy.Resampling)
	r.Estimate = &e
	if e.Value == stats.Absent {
		r.set(Inconclusive, "%s: %d probes give no time of %s", left, run.Sent, left.Phase)
		return
	}
	mode := j.policy.Latency
	if left.Measure.OfRun() {
		mode = Point
	}
	factor := left.Number.Float()
	i := interval{factor * float(stats.Bound{Value: e.Value, Known: true}), factor * float(e.Lower), factor * float(e.Upper)}
	verdict, how := i.judge(mode, op, float64(right.Time()))
	r.set(verdict, "%s, limit %s %s: %s", j.describe(left, e), op, right, how)
	if need := left.Measure.NeedN(op.upper(), j.policy.Confidence); verdict == Inconclusive && e.N < need {
		r.set(verdict, "%s, limit %s %s: too few samples, needs n=%d", j.describe(left, e), op, right, need)
	}
}

// describe prints an estimate with its one-sided bounds.
func (j judge) describe(v Value, e stats.Estimate) string {
	factor := ""
	if v.Number != one {
		factor, v.Number = ", times "+v.Number.String(), one
	}
	if e.Measure.OfRun() {
		return fmt.Sprintf("%s is %s of n=%d%s", v, e.Value, e.N, factor)
	}
	return fmt.Sprintf("%s is %s (n=%d, %s bounds %s and %s)%s", v, e.Value, e.N, percent(j.policy.Confidence), e.Lower, e.Upper, factor)
}

// float converts a bound: infinite for Lost, NaN when it is not known.
func float(b stats.Bound) float64 {
	switch {
	case !b.Known:
		return math.NaN()
	case b.Value == stats.Lost:
		return math.Inf(1)
	}
	return float64(b.Value)
}

// compare judges two measures of time: the sign of left - factor*right.
func (j judge) compare(r *Result, left Value, op Op, right Value) {
	a, b := j.series(left), j.series(right)
	both := 1 - 2*(1-j.policy.Confidence) // its ends are bounds of the policy's confidence each
	o := stats.Options{Confidence: both, Resampling: j.policy.Resampling, Sequential: j.policy.Sequential}
	factor := right.Number.Float() / left.Number.Float()
	d, err := stats.Subtract(left.Measure, a, factor, right.Measure, b, o)
	switch {
	case err != nil:
		r.set(Inconclusive, "%s and %s: %v", left, right, err)
		return
	case !d.Known:
		j.infinite(r, left, op, right)
		return
	}
	r.Difference = &d
	mode, i := j.policy.Latency, interval{float64(d.Value), math.NaN(), math.NaN()}
	if left.Measure.OfRun() || right.Measure.OfRun() {
		mode = Point
	}
	if d.Bounded {
		i.lower, i.upper = float64(d.Lo), float64(d.Hi)
	}
	verdict, how := i.judge(mode, op, 0)
	if !d.Bounded && mode != Point {
		how = j.unbounded(left, right)
	}
	r.set(verdict, "%s is %s, %s is %s, difference %s%s: %s", left, j.value(left), right, j.value(right), rounded(d.Value), bounds(d), how)
}

// unbounded says why a difference has no interval.
func (j judge) unbounded(values ...Value) string {
	for _, v := range values {
		n := j.estimate(v).N
		if need := bothSides(v.Measure, j.policy.Confidence); n < need {
			return fmt.Sprintf("too few samples, %s has n=%d and needs n=%d", v, n, need)
		}
	}
	return "lost probes leave no interval"
}

// estimate is an estimate without bounds that would have to be resampled.
func (j judge) estimate(v Value) stats.Estimate {
	return v.Measure.Estimate(j.series(v), j.policy.Confidence, stats.Resampling{Resamples: 1})
}

func (j judge) series(v Value) []stats.Latency { return j.runs[v.pathOf(j.own)].Phases[v.Phase] }

// value is what the estimate of a measured value is, its factor included.
func (j judge) value(v Value) stats.Latency {
	l := j.estimate(v).Value
	if _, ok := l.Duration(); !ok {
		return l
	}
	return stats.Latency(math.Round(v.Number.Float() * float64(l)))
}

// infinite judges a comparison of which a side has no number: it fails only where the side that has to be smaller is
// infinite beyond doubt.
func (j judge) infinite(r *Result, left Value, op Op, right Value) {
	small := left
	if !op.upper() {
		small = right
	}
	e := j.estimate(small)
	verdict := Inconclusive
	if e.Lower.Known && e.Lower.Value == stats.Lost || e.Value == stats.Lost && j.policy.Latency == Point {
		verdict = Failed
	}
	r.set(verdict, "%s is %s, %s is %s: lost probes leave nothing to subtract", left, j.value(left), right, j.value(right))
}

// distrust takes back what a prober that was short of processor time may have caused: a time that is too long.
func (j judge) distrust(r *Result, op Op, values []Value) {
	suspect := r.Verdict == Failed || len(values) == 1 && r.Verdict == Pass && !op.upper()
	for _, v := range values {
		if q := j.runs[v.pathOf(j.own)].Quality; suspect && (q == Degraded || q == Poor) {
			r.doubt("the prober was short of processor time")
			return
		}
	}
}

func (r *Result) doubt(why string) {
	r.set(Inconclusive, "%s; %s, so this does not count as %s", r.Reason, why, r.Verdict)
}
