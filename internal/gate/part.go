package gate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

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
		if at := targetOf(found); p.Measured == ByClient && at.port() != p.Target.port() {
			out.missing = fmt.Sprintf("the result is about %s, the path about port %d; measure that", at, p.Target.port())
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
		if out.void = c.wrongPlace(p, f); f.SamplesDropped {
			out.void = "the vantage left its samples out, because its answer would have been too long; send fewer probes"
		}
	}
	if out.result == nil {
		out.result = unmeasured(p, out.missing)
	}
	return out
}

// targetOf is what a path was measured to.
func targetOf(p *probe.PathResult) Target {
	return Target{Kind: p.Kind, Host: p.Target.Host, Port: p.Target.Port}
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

// unmeasured is a result that says that a path has not been measured. It has no time. Of a path without a target nobody knows
// the kind; it is tcp there, because results need one.
func unmeasured(p *Path, why string) *probe.Result {
	path := probe.PathResult{Name: p.Name, Kind: probe.KindTCP, Expect: p.Expect, Failure: &probe.Failure{Class: probe.Canceled, Op: "prepare", Detail: why}}
	if t := p.Target; t != nil {
		path.Kind, path.Target = t.Kind, probe.Target{Host: t.Host, Port: t.port()}
	}
	return &probe.Result{Schema: probe.Schema, Env: probe.Env{Quality: probe.Good}, Paths: []probe.PathResult{path}}
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
