package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
)

// measuredAs is the kind of probes that measure a path.
func (p *Path) measuredAs() probe.Kind {
	if p.Kind == "" {
		return probe.KindTCP
	}
	return p.Kind
}

// waits reports whether its probes measure wait, the answer of the other end. Plain connections do not: behind what ends them on the
// way nothing is measured.
func (p *Path) waits() bool {
	return slices.Contains(report.Phases(p.measuredAs()), probe.PhaseWait)
}

// Judged says how a path is judged and why, if not by connect; else it is empty.
func (p *Path) Judged() string {
	switch {
	case len(p.Ends) == 0:
		return ""
	case !p.waits():
		return fmt.Sprintf("by fail alone: %s ends TCP connections on the way, and nothing behind it is measured", p.Ends[0])
	case len(p.Ends) == 1:
		return fmt.Sprintf("by wait, not by connect: %s ends TCP connections on the way", p.Ends[0])
	}
	return fmt.Sprintf("by wait, not by connect: %s end TCP connections on the way", strings.Join(p.Ends, " and "))
}

// ends reports whether a phase is over at the first thing that ends TCP on the way, and says nothing about what lies behind.
func (p *Path) ends(phase string) bool {
	return len(p.Ends) > 0 && (phase == string(probe.PhaseConnect) || phase == string(probe.PhaseTLS))
}

// whyEnds says why connect must not be judged.
func (p *Path) whyEnds() string {
	return fmt.Sprintf("%s ends TCP connections on the way of path %s, so a connection may be answered there, before it has got anywhere", p.Ends[0], p.Name)
}

// judgeInstead says what can be judged where connect cannot.
func (p *Path) judgeInstead() string {
	if !p.waits() {
		return "judge fail, like fail < 5%: nothing behind it is measured"
	}
	return "judge wait, like p90(wait) < 200ms: the answer comes from the other end"
}

// endsBefore reports an objective on what ends on the way.
func (b *builder) endsBefore(path string, own *Path, e *slo.Expr) bool {
	before := len(b.found)
	for _, t := range e.Terms {
		for _, v := range []slo.Value{t.Left, t.Right} {
			if v.Kind != slo.Latency && v.Kind != slo.SynLoss {
				continue
			}
			p := own
			if v.Path != "" {
				p = find(b.plan.Paths, func(x *Path) bool { return x.Name == v.Path })
			}
			if p == nil || len(p.Ends) == 0 {
				continue
			}
			if v.Kind == slo.SynLoss || p.ends(v.Phase) {
				b.addf(problem.ConnectionEnds, path, "judges what ends on the way, got %s; %s; %s", v, p.whyEnds(), p.judgeInstead())
			}
		}
	}
	return len(b.found) > before
}

// comparedBy settles the phase of a comparison: what is asked for, or else what all its paths measure up to their other end.
func (b *builder) comparedBy(path string, names []string, asked config.Phase) config.Phase {
	phase := asked
	var paths []*Path
	for _, name := range names {
		p := find(b.plan.Paths, func(p *Path) bool { return p.Name == name })
		if p == nil {
			continue // has problems of its own
		}
		paths = append(paths, p)
		if asked == "" && len(p.Ends) > 0 {
			phase = config.PhaseWait
		}
	}
	if phase == "" {
		phase = config.PhaseConnect
	}
	for _, p := range paths {
		switch phases := report.Phases(p.measuredAs()); {
		case len(p.Ends) > 0 && !p.waits():
			b.addf(problem.ConnectionEnds, path, "compares what ends on the way, got path %s; %s; compare paths to its targets, as host/NAME", p.Name, p.whyEnds())
			return phase
		case p.ends(string(phase)):
			b.addf(problem.ConnectionEnds, path, "compares what ends on the way, got %s; %s; compare wait, or leave phase out", phase, p.whyEnds())
			return phase
		case !slices.Contains(phases, probe.Phase(phase)):
			b.addf(problem.BadObjective, path, "not measured on path %s, got %s; it is measured by %s probes, which have %s", p.Name, phase, p.measuredAs(), joinPhases(phases))
			return phase
		}
	}
	return phase
}

func joinPhases(phases []probe.Phase) string {
	var out []string
	for _, p := range phases {
		out = append(out, string(p))
	}
	return strings.Join(out, ", ")
}
