package probeplan

import (
	"maps"
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
	"github.com/pathproof/pathproof/internal/stats"
)

// Run is a run, ready to be measured by probe.Run and judged by report.Judge.
type Run struct {
	Plan  probe.Plan
	Judge report.Options
}

// Document is a probe document as internal/config loads it.
type Document = config.DocumentOf[config.ProbeFile]

// Build makes a run of a document, whose File must not be nil. order is that of the paths; nil sorts them by name. The
// run is only fit for use if the list holds no error.
func Build(doc *Document, order []string) (*Run, problem.List) {
	b := builder{doc: doc, file: doc.File, order: order}
	if order == nil {
		for _, name := range slices.Sorted(maps.Keys(doc.File.Paths)) {
			b.order = append(b.order, string(name))
		}
	}
	b.numbers()
	for _, name := range b.order {
		b.path(name, b.file.Paths[config.Name(name)])
	}
	b.judge()
	b.compare()
	b.objectives()
	b.size()
	b.problems.Locate(doc.Position)
	b.problems.Sort()
	return &b.run, b.problems
}

type builder struct {
	doc      *Document
	file     *config.ProbeFile
	order    []string
	run      Run
	problems problem.List
}

// atLeast reports a number that is too small, or too large.
func (b *builder) atLeast(path string, got, least, most int) {
	if got < least || got > most {
		b.problems.Addf(problem.BadValue, path, "out of range, got %d; use %d to %d", got, least, most)
	}
}

func (b *builder) notShorter(path string, got config.Duration, least time.Duration) {
	if time.Duration(got) < least {
		b.problems.Addf(problem.BadValue, path, "too short, got %s; use at least %s", got, least)
	}
}

// numbers reads the schedule.
func (b *builder) numbers() {
	d := b.file.Defaults
	b.atLeast("defaults.count", d.Count, 1, 10_000_000)
	b.atLeast("defaults.warmup", d.Warmup, 0, 10_000)
	b.atLeast("defaults.inFlight", d.InFlight, 1, 1024)
	if d.Confidence < 0.5 || d.Confidence > 0.9999 {
		b.problems.Addf(problem.BadValue, "defaults.confidence", "out of range, got %v; use 0.5 to 0.9999, like 0.95", d.Confidence)
	}
	b.notShorter("defaults.interval", d.Interval, 100*time.Microsecond)
	b.notShorter("defaults.timeout", d.Timeout, time.Millisecond)
	p := &b.run.Plan
	p.Count, p.Duration, p.Interval, p.Timeout = d.Count, time.Duration(d.Duration), time.Duration(d.Interval), time.Duration(d.Timeout)
	p.Warmup, p.InFlight = d.Warmup, d.InFlight
	if p.Warmup == 0 {
		p.Warmup = -1 // none
	}
}

// judge reads the policy.
func (b *builder) judge() {
	p := b.file.Policy
	b.atLeast("policy.looks", p.Looks, 1, 10)
	if p.Looks > 1 && b.file.Defaults.Duration > 0 {
		b.problems.Addf(problem.Conflict, "policy.looks", "does not go with a duration, got %d looks; give count in place of duration", p.Looks)
	}
	o := &b.run.Judge
	o.Margin = &stats.Margin{Abs: p.Margin.Abs, Rel: p.Margin.Rel}
	o.Confidence = b.file.Defaults.Confidence
	o.Latency, o.Shares = slo.Mode(p.Latency), slo.Mode(p.Shares)
	o.Strict = p.OnInconclusive == "fail"
	if p.Looks > 1 {
		b.run.Plan.MaxLooks = p.Looks
		b.run.Plan.More = b.run.more
	}
}

// more reports whether a judgement of what there is so far leaves anything open.
func (r *Run) more(_ int, so *probe.Result) bool {
	return report.Judge(so, r.Judge) == nil && report.Inconclusive(so)
}

// planned is how many probes of each path count, over all looks.
func (b *builder) planned() int {
	n := b.run.Plan.Count
	if d, i := b.run.Plan.Duration, b.run.Plan.Interval; d > 0 && i > 0 {
		n = int(d / i)
	}
	return n << (min(max(b.file.Policy.Looks, 1), 10) - 1)
}

// size looks whether samples can be kept, and has them folded if not.
func (b *builder) size() {
	if b.planned()+max(b.run.Plan.Warmup, 0) <= probe.MaxSamples {
		return
	}
	if len(b.file.SLO) > 0 || len(b.file.Compare) > 0 || b.file.Policy.Looks > 1 {
		key := "defaults.count"
		if b.run.Plan.Duration > 0 {
			key = "defaults.duration"
		}
		b.problems.Addf(problem.Conflict, key, "objectives, comparisons and looks need samples, which are kept up to %d of a path, got %d probes; measure less, or leave them out",
			probe.MaxSamples, b.planned())
		return
	}
	b.run.Judge.Long = report.NewLong(b.run.Plan.Paths)
	b.run.Plan.OnSample = b.run.Judge.Long.Add
}

// compare reads the pairs.
func (b *builder) compare() {
	for i, pair := range b.file.Compare {
		where := "compare[" + itoa(i) + "]"
		first, ok := b.named(where+".path", string(pair.Path))
		second, ok2 := b.named(where+".with", string(pair.With))
		if !ok || !ok2 {
			continue
		}
		if pair.Path == pair.With {
			b.problems.Addf(problem.Conflict, where+".with", "compares a path with itself, got %s twice; name another", pair.With)
			continue
		}
		phase := probe.Phase(pair.Phase)
		if phase == "" {
			if phase, ok = report.CommonPhase(first.Prober.Kind(), second.Prober.Kind()); !ok {
				b.problems.Addf(problem.Conflict, where, "no phase in common, got a %s and a %s probe; measure both the same way", first.Prober.Kind(), second.Prober.Kind())
				continue
			}
		}
		for _, p := range []probe.Path{first, second} {
			if phases := report.Phases(p.Prober.Kind()); !slices.Contains(phases, phase) {
				b.problems.Addf(problem.UnknownName, where+".phase", "no such phase of %s, got %s; use %v", p.Name, phase, phases)
			}
		}
		if report.KernelTimed(first.Prober.Kind(), phase) != report.KernelTimed(second.Prober.Kind(), phase) {
			b.problems.Addf(problem.Conflict, where, "%s of a %s and of a %s probe is timed by different clocks, the kernel's and the program's; measure both the same way",
				phase, first.Prober.Kind(), second.Prober.Kind())
			continue
		}
		b.run.Judge.Compare = append(b.run.Judge.Compare, report.Pair{A: string(pair.Path), B: string(pair.With), Phase: phase})
	}
}

// named finds a path that is expected to answer, by name.
func (b *builder) named(where, name string) (probe.Path, bool) {
	i := slices.IndexFunc(b.run.Plan.Paths, func(p probe.Path) bool { return p.Name == name })
	switch {
	case i < 0 && slices.Contains(b.order, name): // its own problem is reported already
		return probe.Path{}, false
	case i < 0:
		b.problems.Addf(problem.UnknownName, where, "unknown path, got %q; %s", name, problem.OneOf(name, b.order))
		return probe.Path{}, false
	case b.run.Plan.Paths[i].Expect != probe.ExpectAnswer:
		b.problems.Addf(problem.Conflict, where, "a path that must not work has no latency, got %s; name one that is expected to answer", name)
		return probe.Path{}, false
	}
	return b.run.Plan.Paths[i], true
}
