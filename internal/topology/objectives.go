package topology

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
)

// codeOf is the code of a problem with an objective.
var codeOf = map[slo.ProblemKind]problem.Code{
	slo.Syntax: problem.BadObjective, slo.Mismatch: problem.BadObjective, slo.Senseless: problem.BadObjective,
	slo.UnknownName: problem.BadObjective, slo.Undersampled: problem.Undersampled, slo.Contradiction: problem.Contradiction,
}

// objectives reads the paths' objectives and says what is wrong with them before anything is measured.
func (b *builder) objectives() {
	known := b.measurable()
	for _, p := range b.plan.Paths {
		path := fmt.Sprintf("paths[%s].slo", p.Name)
		b.flows(p)
		if p.SLO == "" {
			continue
		}
		e, err := slo.Parse(p.SLO)
		var problems slo.Problems
		if errors.As(err, &problems) {
			b.objectiveProblems(path, problems)
			continue
		}
		if p.Expect == config.Unreachable {
			b.addf(problem.Conflict, path, "a path that must be unreachable has no latency, got %q; leave slo out", p.SLO)
			continue
		}
		if b.endsBefore(path, p, e) {
			continue
		}
		b.objectiveProblems(path, slo.Check(slo.Context{Own: p.Name, Paths: known}, e))
		for _, group := range slo.Requires(p.Name, e) {
			b.oneVantage(path, group)
		}
		switch {
		case p.Vantage == VantageNone:
			b.addf(problem.ObjectiveUnwatched, path, "nothing measures the path, so nobody learns whether it holds, got %q; make the path measurable, or leave slo out", p.SLO)
		case b.f.Probe == nil:
			b.addf(problem.ObjectiveUnwatched, path, "nothing measures the path: the file has no probe section, got %q; add probe: {}", p.SLO)
		}
	}
}

// measurable lists what objectives may speak of: what probes of a path's kind measure, without what ends on the way.
func (b *builder) measurable() map[string]slo.Path {
	known := map[string]slo.Path{}
	planned := 0
	if b.f.Probe != nil && b.f.Probe.Count > 0 {
		planned = b.f.Probe.Count
	}
	for _, p := range b.plan.Paths {
		kind := p.measuredAs()
		at := slo.Path{SynLoss: report.SynLoss(kind) && len(p.Ends) == 0, Planned: planned}
		for _, phase := range report.Phases(kind) {
			if !p.ends(string(phase)) {
				at.Phases = append(at.Phases, string(phase))
			}
		}
		known[p.Name] = at
	}
	return known
}

func (b *builder) objectiveProblems(path string, problems slo.Problems) {
	for _, p := range problems {
		message := p.Message
		if p.Kind == slo.Syntax {
			message = fmt.Sprintf("%s (at character %d of %q)", message, p.Pos+1, p.Source)
		}
		b.addf(codeOf[p.Kind], path, "%s", message)
	}
}

func (b *builder) flows(p *Path) {
	path := fmt.Sprintf("paths[%s].flows", p.Name)
	switch {
	case p.Flows == 0:
	case p.Flows < 2 || p.Flows > probe.MaxFlows:
		b.addf(problem.ProbeBudget, path, "out of range, got %d; use 2 to %d, or leave it out", p.Flows, probe.MaxFlows)
	case p.Expect == config.Unreachable:
		b.addf(problem.Conflict, path, "a path that must be unreachable has no flows, got %d; leave it out", p.Flows)
	}
}

// compare reads the comparisons.
func (b *builder) compare() []Comparison {
	var out []Comparison
	for i, c := range b.f.Compare {
		path := fmt.Sprintf("compare[%d].paths", i)
		names := asStrings(c.Paths)
		before := len(b.found)
		if len(names) < 2 {
			b.addf(problem.BadValue, path, "nothing to compare with, got %d; name at least two paths", len(names))
		}
		for j, name := range c.Paths {
			declared, at := b.f.Paths[name], fmt.Sprintf("%s[%d]", path, j)
			_, ok := b.f.Paths[name]
			switch {
			case !ok:
				unknown(b, at, "path", name, b.f.Paths)
			case slices.Contains(c.Paths[:j], name):
				b.addf(problem.Conflict, at, "named twice, got %s; name each path once", name)
			case declared.Expect == config.Unreachable:
				b.addf(problem.Conflict, at, "a path that must be unreachable has no latency, got %s; leave it out", name)
			}
		}
		if len(b.found) == before {
			b.oneVantage(path, names)
			phase := b.comparedBy(fmt.Sprintf("compare[%d].phase", i), names, c.Phase)
			out = append(out, Comparison{Paths: names, Phase: phase, Margin: c.Margin})
		}
	}
	return out
}

// oneVantage checks that paths that are compared start in one place: else the difference is that of two places, and their
// probes cannot be interleaved.
func (b *builder) oneVantage(path string, names []string) {
	var first *Path
	for _, name := range names {
		p := find(b.plan.Paths, func(p *Path) bool { return p.Name == name })
		switch {
		case p == nil: // has problems of its own
		case p.Vantage == VantageNone:
			b.addf(problem.OtherVantage, path, "nothing measures path %s, got a comparison of %s; compare paths that are measured", name, strings.Join(names, ", "))
		case first == nil:
			first = p
		case p.start() != first.start():
			b.addf(problem.OtherVantage, path, "path %s is measured from %s and path %s from %s, so their difference is that of two places; compare paths that start in one", first.Name, first.start(), name, p.start())
		}
	}
}

// start names the place that a path is measured from.
func (p *Path) start() string {
	if p.point != nil {
		return p.point.Key
	}
	return p.From.String()
}
