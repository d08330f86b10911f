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
// paths of both. Its verdict is fail if a path has become slower, or loses more. The error says everything because of
// which the two must not be compared, unless Force is set; both need samples. The results stay as they are.
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
	for i := range now.Paths {
		if p := Find(was, now.Paths[i].Name); p != nil {
			if err := c.regress(was, now, p, &now.Paths[i], o, options); err != nil {
				return nil, err
			}
		}
	}
	c.machine()
	if len(out.Comparisons) == 0 {
		return nil, errors.New("compare: no path of the same name in both results; name paths alike")
	}
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
	if a, b := before.Vantage, after.Vantage; a.Kind != b.Kind || a.Region != b.Region || a.AZID != b.AZID || a.Subnet != b.Subnet || a.SourceIP != b.SourceIP {
		bad("different vantages, got %q and %q; measure from the same place", fromOf(a), fromOf(b))
	}
	for i := range after.Paths {
		b := &after.Paths[i]
		a := Find(before, b.Name)
		if a == nil {
			continue
		}
		if a.Kind != b.Kind || a.Target.Host != b.Target.Host || a.Target.Port != b.Target.Port {
			bad("path %s has different targets, got %s %s and %s %s; give the other path another name", b.Name, a.Kind, targetOf(a), b.Kind, targetOf(b))
			continue
		}
		if a.Expect != probe.ExpectAnswer || b.Expect != probe.ExpectAnswer {
			continue
		}
		phase := phaseFor(b, o)
		if ca, cb := clock(before, a, phase), clock(after, b, phase); ca != cb && ca != "" && cb != "" {
			bad("path %s was timed by different clocks, got %s and %s; measure both on the same kind of machine", b.Name, ca, cb)
		}
	}
	return errors.Join(errs...)
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
	if a.Expect != probe.ExpectAnswer || b.Expect != probe.ExpectAnswer {
		return nil
	}
	c.measured++
	phase := phaseFor(b, o)
	slotsA, err := slotsOf(was)
	if err != nil {
		return err
	}
	slotsB, err := slotsOf(now)
	if err != nil {
		return err
	}
	got := probe.Comparison{A: b.Name, B: old.Name, Phase: phase}
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
