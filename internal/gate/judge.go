package gate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
	"github.com/pathproof/pathproof/internal/stats"
)

// Finding is what came of one vantage.
type Finding struct {
	State  VantageState
	Result *probe.Result // nil if it measured nothing; State.Error then says why
	// Ready is how the wait for each path went, by name, where there was one.
	Ready map[string]probe.Readiness
	// SamplesDropped says that Result is without samples.
	SamplesDropped bool
}

// clients is the key of the finding that people made.
const clients = "client"

// Submitted is the finding of a result that people measured.
func Submitted(r *probe.Result) []Finding {
	r.Vantage.Kind = string(ByClient)
	return []Finding{{State: VantageState{Key: clients, Region: r.Vantage.Region, AZID: r.Vantage.AZID}, Result: r}}
}

// How old a submitted result may be, counted from the end of its measurement, and how far ahead a clock may be.
const (
	MaxAge  = 24 * time.Hour
	maxSkew = 5 * time.Minute
)

// CheckAge says why what people measured must not stand for how the network is now.
func CheckAge(r *probe.Result, now time.Time) error {
	switch age := now.Sub(ended(r)); {
	case r.Started.IsZero():
		return errors.New("result: it does not say when it was measured; submit what probe run wrote")
	case age > MaxAge:
		return fmt.Errorf("result: measured until %s, %s ago; submit one that is at most %s old", ended(r).UTC().Format(time.RFC3339), age.Round(time.Minute), MaxAge)
	case age < -maxSkew:
		return fmt.Errorf("result: measured until %s, which is yet to come; set the clock of the machine that measured", ended(r).UTC().Format(time.RFC3339))
	}
	return nil
}

// ended is when a result's measurement did.
func ended(r *probe.Result) time.Time { return r.Started.Add(r.Duration.Duration()) }

// Judge makes a report of what the vantages found: verdicts on all paths of the document, those that nothing measured
// included. What is known only to the caller of it, from RunID to Duration, stays empty. It uses up the findings.
func (c *Config) Judge(findings []Finding) *Report {
	j := &judge{c: c, report: &Report{Schema: ReportSchema, Network: c.Network}, parts: map[string]*part{}}
	for i := range findings {
		j.report.Vantages = append(j.report.Vantages, findings[i].State)
	}
	for i := range c.Paths {
		p := &c.Paths[i]
		if p.MeasuredHere() || p.Measured == ByClient && slices.ContainsFunc(findings, func(f Finding) bool { return f.State.Key == clients }) {
			j.parts[p.Name] = c.part(p, findings)
		}
	}
	for i := range c.Paths {
		j.report.Paths = append(j.report.Paths, j.path(&c.Paths[i]))
	}
	for _, text := range c.Objectives {
		j.report.Objectives = append(j.report.Objectives, j.objective("", text)...)
	}
	for _, comparison := range c.Comparisons {
		j.compare(comparison)
	}
	j.conclude()
	j.merge()
	return j.report
}

type judge struct {
	c      *Config
	report *Report
	parts  map[string]*part // by path
}

// options are how everything is judged.
func (j *judge) options() report.Options {
	p := j.c.Policy
	return report.Options{Confidence: p.Confidence, Latency: p.Latency, Shares: p.Shares}
}

// path judges one path.
func (j *judge) path(p *Path) (v PathVerdict) {
	v = PathVerdict{Name: p.Name, Measured: p.Measured, Vantage: p.Vantage, InStack: p.InStack, Verdict: NotMeasured, Bound: p.Bound}
	part := j.parts[p.Name]
	if part == nil {
		v.Reason = cmp.Or(p.Note, "declared, not measured")
		return v
	}
	defer func() {
		if part.vantage == clients && part.missing == "" { // the document does not know what people call the target
			v.Reason += " (measured to " + targetOf(&part.result.Paths[0]).String() + ")"
		}
	}()
	err := report.Judge(part.result, j.options())
	found := &part.result.Paths[0]
	if p.SLO != "" {
		v.Objectives = j.objective(p.Name, p.SLO)
		part.result.SLO = v.Objectives
	}
	v.figures(p, found)
	switch {
	case part.missing != "":
		v.Reason = "not measured: " + part.missing
	case part.void != "":
		v.Verdict, v.Reason = Inconclusive, part.void
	case err != nil:
		v.Verdict, v.Reason = Inconclusive, err.Error()
	default:
		v.judge(p, part.result)
		if v.Verdict == Pass && found.Denial != nil {
			v.Reason = found.Denial.Reading + j.wasUp(p, found.Denial)
		}
	}
	return v
}

// objective judges the objective of a path, or one of none that compares paths.
func (j *judge) objective(own, text string) []probe.Objective {
	expr, err := slo.Parse(text)
	if err != nil { // Check has refused it
		return []probe.Objective{{Expr: text, Path: own, Verdict: probe.Inconclusive, Severity: "error", Reason: err.Error()}}
	}
	r, sequential, missing := j.together(mentioned(text, own))
	if missing != "" {
		return []probe.Objective{{Expr: text, Path: own, Verdict: probe.Skipped, Severity: "error", Reason: missing}}
	}
	o := j.options()
	o.Objectives, o.Sequential = []report.Objective{{Path: own, Expr: expr}}, sequential
	if err := report.Judge(r, o); err != nil {
		return []probe.Objective{{Expr: text, Path: own, Verdict: probe.Inconclusive, Severity: "error", Reason: err.Error()}}
	}
	return r.SLO
}

// compare compares the first path with each of the others.
func (j *judge) compare(c Comparison) {
	margin := stats.Margin{Abs: c.Margin.Duration(), Rel: c.MarginRel}
	if margin == (stats.Margin{}) {
		margin = stats.DefaultMargin
	}
	for _, other := range c.Paths[1:] {
		out := probe.Comparison{A: c.Paths[0], B: other, Phase: c.Phase, Order: "interleaved", Verdict: string(stats.Inconclusive)}
		r, sequential, missing := j.together([]string{c.Paths[0], other})
		if missing != "" {
			out.Reason = missing
		} else {
			o := j.options()
			o.Compare, o.Margin, o.Sequential = []report.Pair{{A: c.Paths[0], B: other, Phase: c.Phase}}, &margin, sequential
			if err := report.Judge(r, o); err != nil {
				out.Reason = err.Error()
			} else {
				out = r.Comparisons[0]
			}
		}
		j.report.Comparisons = append(j.report.Comparisons, out)
	}
}

// merge makes the document that the command line renders: all paths, with those that nobody measured, and the gate's own
// verdict on all.
func (j *judge) merge() {
	var results []*probe.Result
	for i := range j.report.Paths {
		v := &j.report.Paths[i]
		if part := j.parts[v.Name]; part != nil {
			results = append(results, part.result)
		} else {
			results = append(results, unmeasured(&j.c.Paths[i], v.Reason))
		}
	}
	dated(results)
	results[0].SLO = append(results[0].SLO, j.report.Objectives...)
	merged, err := report.Merge(false, results...)
	if err != nil {
		j.report.Notes = append(j.report.Notes, err.Error())
		return
	}
	merged.Comparisons = j.report.Comparisons
	for i := range j.report.Paths { // what only the gate knows to speak against a path
		v := &j.report.Paths[i]
		said := slices.ContainsFunc(merged.Reasons, func(r string) bool { return strings.HasPrefix(r, v.Name+": ") })
		if v.Verdict == Inconclusive && (!said || j.parts[v.Name].void != "") {
			merged.Reasons = append(merged.Reasons, v.Name+": "+v.Reason)
		}
	}
	merged.Verdict, merged.ExitCode = j.report.Verdict.ofResult(), j.report.ExitCode()
	j.report.Result = merged
}

// dated gives results without a time, of what was not measured, that of the first measurement.
func dated(results []*probe.Result) {
	var first time.Time
	for _, r := range results {
		if !r.Started.IsZero() && (first.IsZero() || r.Started.Before(first)) {
			first = r.Started
		}
	}
	for _, r := range results {
		if r.Started.IsZero() {
			r.Started = first
		}
	}
}

// conclude sets the verdict on everything.
func (j *judge) conclude() {
	r := j.report
	verdicts := []Verdict{Pass}
	for i := range r.Paths {
		v := &r.Paths[i]
		verdicts = append(verdicts, v.Verdict)
		if v.Verdict == NotMeasured && (v.Measured == ByVantage || v.Measured == ByReverse) {
			r.Incomplete = true
		}
	}
	for i := range r.Objectives {
		if r.Objectives[i].Severity == "error" {
			verdicts = append(verdicts, ofProbe(r.Objectives[i].Verdict))
		}
	}
	r.Verdict = Worst(verdicts...)
	r.Summary = r.summarize()
}
