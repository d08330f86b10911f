package gate

import (
	"fmt"
	"strings"
)

// Tally counts the paths of each verdict. Of NotMeasured it counts those that a vantage was to measure apart from those
// that nobody was to.
func (r *Report) Tally() (of map[Verdict]int, nobodys int) {
	of = map[Verdict]int{}
	for i := range r.Paths {
		p := &r.Paths[i]
		if p.Verdict == NotMeasured && p.Measured != ByVantage && p.Measured != ByReverse {
			nobodys++
			continue
		}
		of[p.Verdict]++
	}
	return of, nobodys
}

// summarize is the report in one line: counts, then the names of what is not green.
func (r *Report) summarize() string {
	of, nobodys := r.Tally()
	parts := []string{fmt.Sprintf("%d of %d paths pass", of[Pass], len(r.Paths))}
	for _, v := range []struct {
		verdict Verdict
		words   string
	}{{Fail, "fail"}, {Inconclusive, "inconclusive"}, {NotMeasured, "could not be measured"}} {
		if n := of[v.verdict]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", n, v.words, r.names(v.verdict)))
		}
	}
	if nobodys > 0 {
		parts = append(parts, fmt.Sprintf("%d declared, not measured", nobodys))
	}
	for i := range r.Objectives {
		if o := &r.Objectives[i]; ofProbe(o.Verdict) != Pass && o.Severity == "error" {
			parts = append(parts, fmt.Sprintf("%s: %s", o.Expr, o.Verdict))
		}
	}
	return string(r.Verdict) + ": " + strings.Join(parts, ", ")
}

// names lists the first few paths of a verdict that a vantage was to measure.
func (r *Report) names(v Verdict) string {
	const most = 8
	var names []string
	for i := range r.Paths {
		if p := &r.Paths[i]; p.Verdict == v && (p.Measured == ByVantage || p.Measured == ByReverse) {
			names = append(names, p.Name)
		}
	}
	if n := len(names); n > most {
		names = append(names[:most], fmt.Sprintf("and %d more", n-most))
	}
	return strings.Join(names, ", ")
}

// Lines is a line for each path: what people read in the attribute Paths and in a pipeline's failure.
func (r *Report) Lines() string {
	var b strings.Builder
	for _, verdict := range Verdicts() {
		for i := range r.Paths {
			if p := &r.Paths[i]; p.Verdict == verdict {
				fmt.Fprintf(&b, "%s %s: %s\n", p.Verdict, p.Name, p.Reason)
			}
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// FailedInStack lists the paths that may fail a deployment and did fail.
func (r *Report) FailedInStack() []string {
	var names []string
	for i := range r.Paths {
		if p := &r.Paths[i]; p.InStack && p.Verdict == Fail {
			names = append(names, p.Name)
		}
	}
	return names
}
