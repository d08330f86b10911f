package slo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/stats"
)

// Path is what a path can be asked about.
type Path struct {
	Phases  []string // that probes of its kind measure, such as connect
	SynLoss bool     // whether its handshakes are watched for retransmissions
	Planned int      // probes that will be sent; 0: not known, and then no objective is undersampled
}

// Context is what an objective is about.
type Context struct {
	Own        string          // the path that bare phases, fail and synloss mean; empty for a comparison
	Paths      map[string]Path // all paths there are
	Confidence float64         // at which an objective has to be provable, below 1. Default: 0.95
}

// Check reports what is wrong with objectives of one path: unknown paths and phases, objectives for which the planned
// number of probes is too small whatever they measure, and terms that contradict each other, in one objective or two.
func Check(c Context, objectives ...*Expr) Problems {
	if c.Confidence == 0 {
		c.Confidence = defaultConfidence
	}
	k := &checker{Context: c}
	for _, e := range objectives {
		k.source = e.Source
		for _, t := range e.Terms {
			if k.names(t.Left) && k.names(t.Right) { // both: no short cut after the first problem would be worth it
				k.sampled(t)
				k.bounds = append(k.bounds, boundsOf(e.Source, c.Own, t)...)
			}
		}
	}
	k.contradictions()
	return k.problems
}

type checker struct {
	Context
	source   string
	problems Problems
	bounds   []bound
}

func (k *checker) failf(at Span, kind ProblemKind, format string, args ...any) *Problem {
	k.problems = append(k.problems, Problem{Kind: kind, Span: at, Source: k.source, Message: fmt.Sprintf(format, args...)})
	return &k.problems[len(k.problems)-1]
}

// names checks the path and the phase of a measured value.
func (k *checker) names(v Value) bool {
	if v.constant() {
		return true
	}
	name, at := v.pathOf(k.Own), v.Span
	if v.Path != "" {
		at = v.PathSpan
	}
	path, known := k.Paths[name]
	switch {
	case name == "" && v.Kind != Latency:
		k.failf(at, UnknownName, "%s of no path, got it in a comparison; write it in the path's own objective", v)
	case name == "":
		k.failf(v.PhaseSpan, UnknownName, "a phase without a path, got %s; write it like %s(path.%s)", quote(v.Phase), v.Measure, v.Phase)
	case !known:
		k.failf(at, UnknownName, "unknown path, got %s; %s", quote(name), oneOf(slices.Sorted(maps.Keys(k.Paths)), "declare it"))
	case v.Kind == SynLoss && !path.SynLoss:
		k.failf(at, UnknownName, "no TCP handshake is watched on %s, got synloss; use fail", name)
	case v.Kind == Latency && !slices.Contains(path.Phases, v.Phase):
		k.failf(v.PhaseSpan, UnknownName, "no such phase of %s, got %s; %s", name, quote(v.Phase), oneOf(path.Phases, "it measures none"))
	default:
		return true
	}
	return false
}

// pathOf is the path that a measured value is of.
func (v Value) pathOf(own string) string {
	if v.Path != "" {
		return v.Path
	}
	return own
}

func oneOf(names []string, none string) string {
	switch n := len(names); n {
	case 0:
		return none
	case 1:
		return "use " + names[0]
	default:
		return "use " + strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
}

// sampled reports a term that no outcome of the planned probes could prove.
func (k *checker) sampled(t Term) {
	for _, need := range needs(t, k.Own, k.Confidence) {
		planned := k.Paths[need.path].Planned
		if planned == 0 || planned >= need.n {
			continue
		}
		k.failf(t.Span, Undersampled, "%d probes of %s cannot prove it at %.4g%%, got %s; plan n=%d or more", planned, need.path, 100*k.Confidence, t, need.n).NeedN = need.n
		return
	}
}

// need is how many probes of a path a term takes.
type need struct {
	path string
	n    int
}

// needs returns what a term takes for the outcome that speaks for it most to prove it.
func needs(t Term, own string, confidence float64) []need {
	left, op, right := t.measured()
	switch {
	case left.share():
		return []need{{left.pathOf(own), shareNeeds(op, right.Share(), confidence)}}
	case right.constant():
		return []need{{left.pathOf(own), left.Measure.NeedN(op.upper(), confidence)}}
	}
	return []need{
		{left.pathOf(own), bothSides(left.Measure, confidence)},
		{right.pathOf(own), bothSides(right.Measure, confidence)},
	}
}

// bothSides is what an interval of a difference takes: it resamples both paths, and both ends of a percentile count.
func bothSides(m stats.Measure, confidence float64) int {
	if m.OfRun() {
		return 1
	}
	return max(m.NeedN(true, confidence), m.NeedN(false, confidence), stats.MinAnswers)
}

// shareNeeds: all of n probes answered bound the share from above, all of them lost from below. A share of exactly 0 % or
// 100 % speaks of the run.
func shareNeeds(op Op, limit, confidence float64) int {
	switch {
	case op == Equal || op == LessEqual && limit == 0 || op == GreaterEqual && limit == 1:
		return 1
	case op.upper():
		return stats.NeedNForRate(limit, confidence)
	}
	return stats.NeedNForRate(1-limit, confidence)
}
