package probeplan

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
)

// comparison is the name under which objectives that compare paths stand.
const comparison = "compare"

// entry is an objective of the document.
type entry struct {
	where, own string
	expr       *slo.Expr
}

// objectives reads and checks the objectives.
func (b *builder) objectives() {
	var entries []entry
	for i, one := range b.file.SLO {
		for _, name := range slices.Sorted(maps.Keys(one)) {
			if e, ok := b.entry("slo["+itoa(i)+"]["+string(name)+"]", string(name), one[name]); ok {
				entries = append(entries, e)
			}
		}
	}
	known := b.known()
	byPath := map[string][]entry{}
	for _, e := range entries {
		byPath[e.own] = append(byPath[e.own], e)
		b.run.Judge.Objectives = append(b.run.Judge.Objectives, report.Objective{Path: e.own, Expr: e.expr})
	}
	for _, own := range slices.Sorted(maps.Keys(byPath)) {
		var exprs []*slo.Expr
		for _, e := range byPath[own] {
			exprs = append(exprs, e.expr)
		}
		context := slo.Context{Own: own, Paths: known, Confidence: 1 - (1-b.file.Defaults.Confidence)/float64(max(b.file.Policy.Looks, 1))}
		for _, p := range slo.Check(context, exprs...) {
			b.objective(whereOf(byPath[own], p.Source), p)
		}
		for _, e := range byPath[own] {
			b.clocks(e)
		}
	}
}

// clocks refuses terms that compare what two clocks measure.
func (b *builder) clocks(e entry) {
	for _, t := range e.expr.Terms {
		if !t.Comparison() {
			continue
		}
		left, ok := b.kernelTimed(e.own, t.Left)
		right, ok2 := b.kernelTimed(e.own, t.Right)
		if ok && ok2 && left != right {
			b.objective(e.where, slo.Problem{Kind: slo.Contradiction, Span: t.Span, Source: e.expr.Source,
				Message: fmt.Sprintf("compares what the kernel times with what the program times, got %s; compare the same phase of probes of one kind", t)})
		}
	}
}

// kernelTimed reports whether the kernel times what a value measures; false for a path that there is not.
func (b *builder) kernelTimed(own string, v slo.Value) (kernel, ok bool) {
	i := slices.IndexFunc(b.run.Plan.Paths, func(p probe.Path) bool { return p.Name == cmp.Or(v.Path, own) })
	if i < 0 {
		return false, false
	}
	return report.KernelTimed(b.run.Plan.Paths[i].Prober.Kind(), probe.Phase(v.Phase)), true
}

// entry parses one objective.
func (b *builder) entry(where, name, text string) (entry, bool) {
	e := entry{where: where, own: name}
	if name == comparison {
		e.own = ""
	} else if _, ok := b.named(where, name); !ok {
		return e, false
	}
	expr, err := slo.Parse(text)
	if list := (slo.Problems)(nil); errors.As(err, &list) {
		for _, p := range list {
			b.objective(where, p)
		}
		return e, false
	}
	e.expr = expr
	return e, true
}

// known is what objectives can ask about.
func (b *builder) known() map[string]slo.Path {
	out := map[string]slo.Path{}
	for _, p := range b.run.Plan.Paths {
		if p.Expect != probe.ExpectAnswer {
			continue
		}
		kind := p.Prober.Kind()
		known := slo.Path{SynLoss: report.SynLoss(kind), Planned: b.planned()}
		for _, phase := range report.Phases(kind) {
			known.Phases = append(known.Phases, string(phase))
		}
		out[p.Name] = known
	}
	return out
}

func whereOf(entries []entry, source string) string {
	i := slices.IndexFunc(entries, func(e entry) bool { return e.expr.Source == source })
	return entries[max(i, 0)].where
}

// objective adds a problem of an objective, at its place within the text where the line shows it as it is.
func (b *builder) objective(where string, p slo.Problem) {
	code := problem.BadValue
	switch p.Kind {
	case slo.UnknownName:
		code = problem.UnknownName
	case slo.Contradiction:
		code = problem.Conflict
	}
	out := problem.Problem{Code: code, Severity: problem.Error, Path: where, Message: p.Message, Pos: b.within(where, p)}
	if p.Kind == slo.Undersampled && b.file.Policy.Undersampled == "warn" {
		out.Severity = problem.Warning
	}
	b.problems = append(b.problems, out)
}

// within is the place of a part of a text; the text's own place if its line does not hold it as it is.
func (b *builder) within(where string, p slo.Problem) problem.Position {
	at := b.doc.Position(where)
	if at.Line < 1 || at.Line > len(b.doc.Lines) {
		return at
	}
	line := []rune(b.doc.Lines[at.Line-1])
	rest := string(line[min(max(at.Column-1, 0), len(line)):])
	if i := strings.Index(rest, p.Source); i == 0 || i == 1 {
		at.Column += i + p.Span.Pos
	}
	return at
}

// ForAll adds an objective from a command line to a file: under compare if all that it measures names a path, else for each
// path that is expected to answer. What cannot be read is added once, for Build to report.
func ForAll(f *config.ProbeFile, order []string, text string) {
	expr, err := slo.Parse(text)
	if err != nil || comparesOnly(expr) {
		f.SLO = append(f.SLO, map[config.Name]string{comparison: text})
		return
	}
	for _, name := range order {
		if f.Paths[config.Name(name)].Expect.Connect == "" {
			f.SLO = append(f.SLO, map[config.Name]string{config.Name(name): text})
		}
	}
}

// comparesOnly reports whether an objective needs no path of its own.
func comparesOnly(e *slo.Expr) bool {
	for _, t := range e.Terms {
		for _, v := range []slo.Value{t.Left, t.Right} {
			if v.Kind == slo.Fail || v.Kind == slo.SynLoss || v.Kind == slo.Latency && v.Path == "" {
				return false
			}
		}
	}
	return true
}
