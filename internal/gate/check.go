package gate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
	"github.com/pathproof/pathproof/internal/slo"
)

// plainName is a name that is safe as a dimension, as a part of a key in S3 and in a line for people.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9/._-]{0,127}$`)

// Check reports everything that is wrong with a document with its defaults.
func (c *Config) Check() error {
	k := &checker{c: c}
	if c.Schema != ConfigSchema {
		k.addf("schema: got %q; want %q: the document and the program are of different versions", c.Schema, ConfigSchema)
	}
	if !plainName.MatchString(c.Network) || strings.Contains(c.Network, "/") {
		k.addf("network: not a name, got %q; use letters, digits and ._-", c.Network)
	}
	k.vantages()
	k.paths()
	k.run()
	k.policy()
	k.compared()
	k.objectives()
	return errors.Join(k.errs...)
}

type checker struct {
	c    *Config
	errs []error
}

func (k *checker) addf(format string, args ...any) {
	k.errs = append(k.errs, fmt.Errorf("gate: "+format, args...))
}

func (k *checker) vantages() {
	seen := map[string]bool{}
	for i, v := range k.c.Vantages {
		at := fmt.Sprintf("vantages[%d]", i)
		if !plainName.MatchString(v.Key) || seen[v.Key] {
			k.addf("%s: vantages need different names, got %q", at, v.Key)
		}
		seen[v.Key] = true
		if v.Function == "" || v.Region == "" {
			k.addf("%s: function and region are required, got %q and %q", at, v.Function, v.Region)
		}
	}
}

func (k *checker) paths() {
	if len(k.c.Paths) == 0 {
		k.addf("paths: none; declare at least one")
	}
	seen := map[string]bool{}
	for i := range k.c.Paths {
		p := &k.c.Paths[i]
		if !plainName.MatchString(p.Name) || seen[p.Name] {
			k.addf("paths[%d]: paths need different names, got %q", i, p.Name)
		}
		seen[p.Name] = true
		k.path(p, "path "+p.Name)
	}
}

func (k *checker) path(p *Path, at string) {
	switch p.Measured {
	case ByVantage, ByReverse, ByClient, ByNobody:
	default:
		k.addf("%s: measured: unknown value, got %q; use lambda, reverse, client or none", at, p.Measured)
	}
	if !p.MeasuredHere() {
		if p.Vantage != "" {
			k.addf("%s: measured by %s, yet it has the vantage %q; leave it out", at, p.Measured, p.Vantage)
		}
		return
	}
	if k.c.Vantage(p.Vantage) == nil {
		k.addf("%s: vantage: unknown, got %q; use the key of one", at, p.Vantage)
	}
	if p.Target == nil {
		k.addf("%s: no target; give one", at)
		return
	}
	if err := p.Target.Check(); err != nil {
		k.addf("%s: %w", at, err)
	}
	if phases := report.Phases(p.Target.Kind); p.Phase != "" && !slices.Contains(phases, p.Phase) {
		k.addf("%s: phase: not one of %s, got %q; use one of %q", at, p.Target.Kind, p.Phase, phases)
	}
	switch p.Expect {
	case probe.ExpectAnswer:
	case probe.ExpectNever, probe.ExpectUnreachable:
		if p.Ready != nil || p.SLO != "" {
			k.addf("%s: nothing to wait for and no objective where expect is %s; leave ready and slo out", at, p.Expect)
		}
	default:
		k.addf("%s: expect: unknown value, got %q; use never, unreachable or nothing", at, p.Expect)
	}
	if r := p.Ready; r != nil && (r.Consecutive < 1 || r.Poll < 1000 || r.Within < 1 || r.Slice() > MaxMeasuring) {
		k.addf("%s: ready: consecutive times poll is at most %s, got %d times %s", at, MaxMeasuring/2, r.Consecutive, r.Poll.Duration())
	}
	if p.Flows < 0 || p.Flows > probe.MaxFlows || p.Tunnels < 0 || p.Bound < 0 {
		k.addf("%s: flows are 0 to %d, tunnels and bound not negative, got %d, %d and %d us", at, probe.MaxFlows, p.Flows, p.Tunnels, p.Bound)
	}
}

// MaxAnswer bounds the samples of one vantage, so that its answer fits into what Lambda returns.
const MaxAnswer = 50_000

func (k *checker) run() {
	r := k.c.Run
	if r.Count < 1 || r.ScheduledCount < 1 || r.InFlight < 1 || r.Interval < 100 || r.Timeout < 1000 || r.Wait < 0 || r.Budget < 1 {
		k.addf("run: count and in_flight are at least 1, interval 100 us, timeout 1 ms, got %+v", r)
		return
	}
	if r.InFlight > MaxInFlight || r.Denials < 1 || r.Denials > MaxDenials {
		k.addf("run: in_flight is at most %d and denials 1 to %d, got %d and %d", MaxInFlight, MaxDenials, r.InFlight, r.Denials)
		return
	}
	if m := max(r.Measuring(), r.scheduled().Measuring()); m > MaxMeasuring {
		k.addf("run: a measurement may take %s when nothing answers, got %s; send fewer probes, or wait for less long", MaxMeasuring, m)
	}
	if least := r.Measuring() + 30*time.Second; r.Budget.Duration() < least {
		k.addf("run.budget_us: measuring alone may take %s, got %s; allow more, or send fewer probes", least, r.Budget.Duration())
	}
	for _, v := range k.c.Vantages {
		if n := len(k.c.of(v.Key)) * (max(r.Count, r.ScheduledCount) + max(r.Warmup, 0)); n > MaxAnswer {
			k.addf("run: vantage %s has to return %d samples, want at most %d; send fewer probes", v.Key, n, MaxAnswer)
		}
	}
}

// scheduled is how paths are measured when a schedule asks.
func (r Run) scheduled() Run {
	r.Count = r.ScheduledCount
	return r
}

// of lists the paths of a vantage.
func (c *Config) of(vantage string) []*Path {
	var list []*Path
	for i := range c.Paths {
		if p := &c.Paths[i]; p.MeasuredHere() && p.Vantage == vantage {
			list = append(list, p)
		}
	}
	return list
}

func (k *checker) policy() {
	p := k.c.Policy
	for _, a := range []struct {
		name string
		got  Action
	}{{"on_deploy", p.OnDeploy}, {"pipeline", p.Pipeline}, {"inconclusive", p.Inconclusive}} {
		if a.got != ActReport && a.got != ActFail {
			k.addf("policy.%s: unknown value, got %q; use report or fail", a.name, a.got)
		}
	}
	for _, m := range []slo.Mode{p.Latency, p.Shares} {
		if m != "" && m != slo.Strict && m != slo.Lenient && m != slo.Point {
			k.addf("policy: unknown way to judge, got %q; use strict, lenient or point", m)
		}
	}
	if p.Confidence <= 0.5 || p.Confidence >= 1 {
		k.addf("policy.confidence: got %v; use a share above 0.5 and below 1", p.Confidence)
	}
	inStack := slices.ContainsFunc(k.c.Paths, func(p Path) bool { return p.InStack && p.MeasuredHere() })
	if p.OnDeploy == ActFail && !inStack {
		k.addf("policy.on_deploy: fail has no effect: no path lies wholly in the gate's stack; use report, and let the pipeline decide")
	}
}

func (k *checker) compared() {
	for i, c := range k.c.Comparisons {
		at := fmt.Sprintf("comparisons[%d]", i)
		if len(c.Paths) < 2 {
			k.addf("%s: names %d paths; name at least two", at, len(c.Paths))
		}
		for j, name := range c.Paths {
			p := k.c.Path(name)
			switch {
			case p == nil:
				k.addf("%s: unknown path, got %q", at, name)
			case slices.Contains(c.Paths[:j], name):
				k.addf("%s: names path %s twice", at, name)
			case p.MeasuredHere() && p.Target != nil && !slices.Contains(report.Phases(p.Target.Kind), c.Phase):
				k.addf("%s: phase: not one of path %s, got %q", at, name, c.Phase)
			}
		}
		if c.Margin < 0 || c.MarginRel < 0 {
			k.addf("%s: margins are not negative, got %d us and %v", at, c.Margin, c.MarginRel)
		}
	}
}

// objectives checks the language of the paths' objectives, and that the planned probes could prove them. A path that no
// vantage measures may have one: people measure it.
func (k *checker) objectives() {
	context := slo.Context{Paths: map[string]slo.Path{}, Confidence: k.c.Policy.Confidence}
	for i := range k.c.Paths {
		p := &k.c.Paths[i]
		if p.Target == nil {
			continue
		}
		known := slo.Path{SynLoss: report.SynLoss(p.Target.Kind), Planned: k.c.Run.Count}
		for _, phase := range report.Phases(p.Target.Kind) {
			known.Phases = append(known.Phases, string(phase))
		}
		context.Paths[p.Name] = known
	}
	for i := range k.c.Paths {
		if p := &k.c.Paths[i]; p.SLO != "" && p.Target != nil {
			context.Own = p.Name
			k.objective("path "+p.Name+".slo", context, p.SLO)
		}
	}
	context.Own = ""
	for i, text := range k.c.Objectives {
		k.objective(fmt.Sprintf("objectives[%d]", i), context, text)
	}
}

func (k *checker) objective(at string, context slo.Context, text string) {
	e, err := slo.Parse(text)
	if err != nil {
		k.addf("%s: %w", at, err)
		return
	}
	for _, problem := range slo.Check(context, e) {
		k.addf("%s", problem.Format(at))
	}
}

// mentioned lists the paths that an objective is about; own is that of its bare phases, if it has one.
func mentioned(text, own string) []string {
	e, err := slo.Parse(text)
	if err != nil {
		return nil
	}
	var names []string
	for _, t := range e.Terms {
		for _, v := range []slo.Value{t.Left, t.Right} {
			if v.Path != "" {
				names = append(names, v.Path)
			}
		}
	}
	if own != "" {
		names = append(names, own)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
