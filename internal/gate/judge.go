package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	j.merge()
	j.conclude()
	return j.report
}

type judge struct {
	c      *Config
	report *Report
	parts  map[string]*part // by path
}

// part is what a vantage found about one path, as a result of its own.
type part struct {
	vantage string
	result  *probe.Result
	missing string // why nothing was measured; result then holds a path that says so
	void    string // why nothing that was measured may count
}

// part takes one path out of what its vantage found.
func (c *Config) part(p *Path, findings []Finding) *part {
	out := &part{vantage: p.Vantage}
	if p.Measured == ByClient {
		out.vantage = clients
	}
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.State.Key == out.vantage })
	switch {
	case i < 0:
		out.missing = "its vantage was not asked"
	case findings[i].Result == nil:
		out.missing = cmp.Or(findings[i].State.Error, "its vantage gave no answer")
	default:
		f := &findings[i]
		result := *f.Result
		found := report.Find(f.Result, p.Name)
		if found == nil || p.Target == nil || found.Kind != p.Target.Kind {
			out.missing = "its vantage's answer does not hold it"
			break
		}
		if ready, ok := f.Ready[p.Name]; ok {
			found.Ready = &ready
		}
		result.Paths = []probe.PathResult{*found}
		out.result = &result
		if found.Failure != nil && !found.Failure.Class.CountsAsLoss() {
			out.missing = found.Failure.Error()
		}
		out.void = c.wrongPlace(p, f)
	}
	if out.result == nil {
		out.result = unmeasured(p, out.missing)
	}
	return out
}

// wrongPlace says why a vantage cannot be where the document says it is.
func (c *Config) wrongPlace(p *Path, f *Finding) string {
	v := c.Vantage(p.Vantage)
	if v == nil { // people are wherever they are
		return ""
	}
	if got := f.Result.Vantage.AZID; v.AZID != "" && got != "" && got != v.AZID {
		return fmt.Sprintf("measured from zone %s, not from %s: the wrong vantage answered", got, v.AZID)
	}
	return ""
}

// unmeasured is a result that says that a path has not been measured.
func unmeasured(p *Path, why string) *probe.Result {
	path := probe.PathResult{Name: p.Name, Failure: &probe.Failure{Class: probe.Canceled, Op: "prepare", Detail: why}}
	if t := p.Target; t != nil {
		path.Kind, path.Target = t.Kind, probe.Target{Host: t.Host, Port: t.port()}
	}
	return &probe.Result{Schema: probe.Schema, Env: probe.Env{Quality: probe.Good}, Paths: []probe.PathResult{path}}
}

// options are how everything is judged.
func (j *judge) options() report.Options {
	p := j.c.Policy
	return report.Options{Confidence: p.Confidence, Latency: p.Latency, Shares: p.Shares}
}

// path judges one path.
func (j *judge) path(p *Path) PathVerdict {
	v := PathVerdict{Name: p.Name, Measured: p.Measured, Vantage: p.Vantage, InStack: p.InStack, Verdict: NotMeasured, Bound: p.Bound}
	part := j.parts[p.Name]
	if part == nil {
		v.Reason = cmp.Or(p.Note, "declared, not measured")
		return v
	}
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
	case err != nil:
		v.Verdict, v.Reason = Inconclusive, err.Error()
	case part.void != "":
		v.Verdict, v.Reason = Inconclusive, part.void
	default:
		v.judge(p, part.result)
		if v.Verdict == Pass && found.Denial != nil {
			v.Reason = found.Denial.Reading + j.wasUp(p, found.Denial)
		}
	}
	return v
}

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

// Worst is the verdict on several things.
func Worst(verdicts ...Verdict) Verdict {
	for _, v := range Verdicts() {
		if slices.Contains(verdicts, v) {
			return v
		}
	}
	return Pass
}

// together puts the parts of some paths into one result. Those of one vantage were measured interleaved, others were not.
func (j *judge) together(names []string) (r *probe.Result, sequential bool, missing string) {
	var results []*probe.Result
	vantage := ""
	for _, n := range names {
		part := j.parts[n]
		switch {
		case part == nil:
			return nil, false, n + " is not measured by the gate"
		case part.missing != "" || part.void != "":
			return nil, false, n + " was not measured: " + cmp.Or(part.missing, part.void)
		case vantage != "" && vantage != part.vantage:
			sequential = true
		}
		vantage = part.vantage
		results = append(results, part.result)
	}
	first := *results[0]
	first.Paths, first.SLO, first.Comparisons = nil, nil, nil
	if !sequential {
		for _, r := range results {
			first.Paths = append(first.Paths, r.Paths...)
		}
		return &first, false, ""
	}
	merged, err := report.Merge(false, results...)
	if err != nil {
		return nil, false, err.Error()
	}
	return merged, true, ""
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

// merge makes the document that the command line renders.
func (j *judge) merge() {
	var results []*probe.Result
	for i := range j.c.Paths {
		if part := j.parts[j.c.Paths[i].Name]; part != nil {
			results = append(results, part.result)
		}
	}
	if len(results) == 0 {
		return
	}
	results[0].SLO = append(results[0].SLO, j.report.Objectives...)
	merged, err := report.Merge(false, results...)
	if err != nil {
		j.report.Notes = append(j.report.Notes, err.Error())
		return
	}
	merged.Comparisons = j.report.Comparisons
	for i := range j.report.Paths { // what only the gate knows to speak against a path
		if v := &j.report.Paths[i]; v.Verdict == Inconclusive && merged.Verdict == probe.Pass {
			merged.Verdict = probe.Inconclusive
			merged.Reasons = append(merged.Reasons, v.Name+": "+v.Reason)
		}
	}
	j.report.Result = merged
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
