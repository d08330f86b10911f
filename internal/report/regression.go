package report

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/stats"
)

// RegressionOptions say how two results are compared. Zero values are the defaults given here.
type RegressionOptions struct {
	Margin     *stats.Margin // a difference that does not matter (stats.DefaultMargin)
	Confidence float64       // of each comparison (0.95)
	Phase      probe.Phase   // what to compare (the main phase of each kind)
	Strict     bool          // an inconclusive verdict is a reason to stop
	Force      bool          // compare what was not measured alike
}

// Regression compares two results path by path, the new one against the old one, and returns a judged result with the
// paths of both. Its verdict is fail if a path has become slower, loses more, is not answered any more, is gone, or lets
// through what it must not. The error says everything because of which the two must not be compared, unless Force is set;
// both need samples. The results stay as they are.
func Regression(before, after *probe.Result, o RegressionOptions) (*probe.Result, error) {
	options := Options{Margin: o.Margin, Confidence: o.Confidence, Strict: o.Strict, Sequential: true}.withDefaults()
	if err := unlike(before, after, o); err != nil && !o.Force {
		return nil, err
	}
	was, now := clone(before), clone(after)
	if err := errors.Join(Judge(was, Options{}), Judge(now, Options{})); err != nil {
		return nil, err
	}
	out := *now
	out.Paths = nil
	out.SLO = nil
	c := conclusion{result: &out}
	c.note("the two runs are not interleaved: whatever changed in between looks like a difference of the path")
	common := 0
	for i := range now.Paths {
		p := Find(was, now.Paths[i].Name)
		if p == nil {
			c.note("%s: not in the old result, so not compared", now.Paths[i].Name)
			continue
		}
		common++
		if err := c.regress(was, now, p, &now.Paths[i], o, options); err != nil {
			return nil, err
		}
	}
	if common == 0 {
		return nil, errors.New("compare: no path of the same name in both results; name paths alike")
	}
	c.gone(was, now)
	c.machine()
	c.close(o.Strict)
	return &out, nil
}

func clone(r *probe.Result) *probe.Result {
	out := *r
	out.Paths = slices.Clone(r.Paths)
	return &out
}

// unlike says what was not measured alike.
func unlike(before, after *probe.Result, o RegressionOptions) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("compare: "+format, args...)) }
	if a, b := before.Vantage, after.Vantage; elsewhere(a, b) {
		bad("different vantages, got %q and %q; measure from the same place", fromOf(a), fromOf(b))
	}
	for i := range after.Paths {
		b := &after.Paths[i]
		a := Find(before, b.Name)
		if a == nil {
			continue
		}
		if a.Kind != b.Kind || probe.Redacted(a.Target.Host) != probe.Redacted(b.Target.Host) || known(a) && known(b) && a.Target.Port != b.Target.Port {
			bad("path %s has different targets, got %s %s and %s %s; give the other path another name", b.Name, a.Kind, targetOf(a), b.Kind, targetOf(b))
			continue
		}
		if a.Expect != b.Expect {
			bad("path %s has different expectations, got %q and %q; give the other path another name", b.Name, orAnswer(a.Expect), orAnswer(b.Expect))
			continue
		}
		if b.Expect != probe.ExpectAnswer {
			continue
		}
		phase := phaseFor(b, o)
		if ca, cb := clock(before, a, phase), clock(after, b, phase); ca != cb && ca != "" && cb != "" {
			bad("path %s was timed by different clocks, got %s and %s; measure both on the same kind of machine", b.Name, ca, cb)
		}
	}
	return errors.Join(errs...)
}

// elsewhere reports whether two vantages are not the same. Only a probe that was answered tells the source address.
func elsewhere(a, b probe.Vantage) bool {
	return a.Kind != b.Kind || a.Region != b.Region || a.AZID != b.AZID || a.Subnet != b.Subnet ||
		a.SourceIP.IsValid() && b.SourceIP.IsValid() && a.SourceIP != b.SourceIP
}

// known reports whether a path got as far as knowing its port: a default one comes with the address.
func known(p *probe.PathResult) bool { return p.Target.Port != 0 }

func orAnswer(e probe.Expect) string {
	if e == probe.ExpectAnswer {
		return "answer"
	}
	return string(e)
}

func phaseFor(p *probe.PathResult, o RegressionOptions) probe.Phase {
	if o.Phase != "" && slices.Contains(phasesOf[p.Kind], o.Phase) {
		return o.Phase
	}
	return MainPhase(p.Kind)
}

// regress compares one path, new against old.
func (c *conclusion) regress(was, now *probe.Result, a, b *probe.PathResult, o RegressionOptions, options Options) error {
	old := *a
	old.Name += " (before)"
	c.result.Paths = append(c.result.Paths, *b, old)
	switch {
	case b.Expect != probe.ExpectAnswer:
		c.stillDenied(a, b)
		return nil
	case b.OK == 0 && a.OK == 0:
		c.doubt("%s: not answered, and not before either, so there is nothing to compare", b.Name)
		return nil
	case b.OK == 0:
		c.path(b)
		c.died++
		return nil
	case a.OK == 0:
		c.measured++
		c.note("%s: answered now, and not before, so there is nothing to compare", b.Name)
		return nil
	}
	c.measured++
	return c.slowed(was, now, a, b, o, options)
}

// stillDenied judges a path that must not work. What broke its expectation before does not excuse it now.
func (c *conclusion) stillDenied(a, b *probe.PathResult) {
	if c.path(b); b.Denial == nil {
		if b.Failure == nil {
			c.doubt("%s: the new result does not say whether the path is denied; measure it again", b.Name)
		}
		return
	}
	if a.Denial != nil && a.Denial.Held && b.Denial.Held && a.Denial.Proof != b.Denial.Proof {
		c.note("%s: denied by %s before, and by %s now", b.Name, a.Denial.Proof, b.Denial.Proof)
	}
}

// gone fails for paths that only the old result has: nobody knows what has become of them.
func (c *conclusion) gone(was, now *probe.Result) {
	for i := range was.Paths {
		old := was.Paths[i]
		if Find(now, old.Name) != nil {
			continue
		}
		c.fail("%s: measured before, and not in the new result; measure it again, or leave it out of the old result", old.Name)
		old.Name += " (before)"
		c.result.Paths = append(c.result.Paths, old)
	}
}

// slowed compares the times and losses of a path that was and is answered.
func (c *conclusion) slowed(was, now *probe.Result, a, b *probe.PathResult, o RegressionOptions, options Options) error {
	phase := phaseFor(b, o)
	slotsA, err := slotsOf(was)
	if err != nil {
		return err
	}
	slotsB, err := slotsOf(now)
	if err != nil {
		return err
	}
	got := probe.Comparison{A: b.Name, B: a.Name + " (before)", Phase: phase}
	seriesA, seriesB := slotsA.series(a, phase), slotsB.series(b, phase)
	if err := fill(&got, seriesB, seriesA, stats.Options{
		Confidence: options.Confidence, Margin: *options.Margin, Sequential: true, Resampling: resampling(now, max(len(seriesA), len(seriesB))),
	}); err != nil {
		return err
	}
	distrust(&got, worse(was.Env.Quality, now.Env.Quality))
	c.result.Comparisons = append(c.result.Comparisons, got)
	switch {
	case got.LossDiffers && b.FailPct > a.FailPct:
		c.fail("%s loses more than before: %.2f%% against %.2f%%", b.Name, b.FailPct, a.FailPct)
	case got.Verdict == string(stats.Slower):
		c.fail("%s", sentence(&got))
	case got.Verdict == string(stats.Inconclusive):
		c.doubt("inconclusive: %s", sentence(&got))
	}
	return nil
}

// worse is the lower of two qualities.
func worse(a, b probe.Quality) probe.Quality {
	if rank := []probe.Quality{probe.Good, probe.Degraded, probe.Poor}; slices.Index(rank, a) > slices.Index(rank, b) {
		return a
	}
	return b
}
