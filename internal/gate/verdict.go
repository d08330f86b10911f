package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// wasUp says what a run knows of the target of a path on which nothing came back. Silence proves as much as that.
func (j *judge) wasUp(p *Path, d *probe.Denial) string {
	if d.Proof != probe.ProofSilence {
		return ""
	}
	for i := range j.c.Paths {
		other := &j.c.Paths[i]
		part := j.parts[other.Name]
		if part != nil && other.Target != nil && other.Target.Host == p.Target.Host && other.Target.port() == p.Target.port() && part.result.Paths[0].OK > 0 {
			return "; it answered path " + other.Name + " in this run"
		}
	}
	return "; nothing else in this run shows that it was"
}

// figures fills in what was measured of the path's phase. A path that must not work has none: what fails there is well.
func (v *PathVerdict) figures(p *Path, found *probe.PathResult) {
	if found.Sent == 0 || found.Denial != nil {
		return
	}
	v.FailPct = &found.FailPct
	v.Phase = cmp.Or(p.Phase, report.MainPhase(found.Kind))
	for _, q := range found.Phases[v.Phase].Quantiles {
		switch q.Q {
		case 0.5:
			v.P50 = q.V
		case 0.9:
			v.P90 = q.V
		}
	}
}

// judge sets the verdict on a path that was measured.
func (v *PathVerdict) judge(p *Path, result *probe.Result) {
	v.Verdict = ofProbe(result.Verdict)
	var reasons []string
	for _, r := range result.Reasons {
		reasons = append(reasons, strings.TrimPrefix(r, p.Name+": "))
	}
	for _, o := range v.Objectives {
		if o.Severity == "error" {
			v.Verdict = Worst(v.Verdict, ofProbe(o.Verdict))
		}
		if o.Verdict != probe.Pass {
			reasons = append(reasons, fmt.Sprintf("%s: %s", o.Expr, o.Reason))
		}
	}
	found := &result.Paths[0]
	if low := found.Phases[v.Phase].Min; low > 0 && low < p.Bound {
		v.Verdict = Inconclusive
		reasons = []string{fmt.Sprintf("a round trip of %s is shorter than physics allows (%s%s): not measured on this path, or by a wrong clock",
			low.Duration(), p.Bound.Duration(), note(p.BoundNote))}
	}
	if len(reasons) == 0 {
		reasons = []string{v.describe()}
	}
	v.Reason = strings.Join(reasons, "; ")
}

func note(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// describe is the figures in a few words.
func (v *PathVerdict) describe() string {
	var words []string
	if v.P50 != nil {
		words = append(words, fmt.Sprintf("p50(%s) %s", v.Phase, v.P50.Duration()))
	}
	if v.P90 != nil {
		words = append(words, fmt.Sprintf("p90 %s", v.P90.Duration()))
	}
	if v.FailPct != nil {
		words = append(words, fmt.Sprintf("fail %.2f%%", *v.FailPct))
	}
	return strings.Join(words, ", ")
}

func ofProbe(v probe.Verdict) Verdict {
	switch v {
	case probe.Pass:
		return Pass
	case probe.Fail:
		return Fail
	case probe.Skipped:
		return NotMeasured
	}
	return Inconclusive
}

// ofResult is the verdict as results know it.
func (v Verdict) ofResult() probe.Verdict {
	switch v {
	case Pass:
		return probe.Pass
	case Fail:
		return probe.Fail
	case NotMeasured:
		return probe.Skipped
	}
	return probe.Inconclusive
}

// ExitCode is the exit status of whoever has the network verified and is not strict: what is inconclusive, and what nobody
// is to measure, is allowed.
func (r *Report) ExitCode() int {
	switch {
	case r.Verdict == Fail:
		return report.ExitFail
	case r.Incomplete:
		return report.ExitUnmeasurable
	}
	return report.ExitPass
}

// Worst is the verdict on several things.
func Worst(verdicts ...Verdict) Verdict {
	for _, v := range Verdicts() {
		if slices.Contains(verdicts, v) {
			return v
		}
	}
	return Pass
}
