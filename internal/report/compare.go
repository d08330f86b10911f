package report

import (
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/stats"
)

// The orders in which compared paths were measured.
const (
	interleaved = "interleaved"
	sequential  = "sequential"
)

// compare compares two paths of one result.
func (s slots) compare(r *probe.Result, pair Pair, o Options) (probe.Comparison, error) {
	a, b := Find(r, pair.A), Find(r, pair.B)
	if pair.Phase == "" {
		phase, ok := CommonPhase(a.Kind, b.Kind)
		if !ok {
			return probe.Comparison{}, fmt.Errorf("compare %s and %s: no phase in common, got kinds %s and %s; measure both the same way", pair.A, pair.B, a.Kind, b.Kind)
		}
		pair.Phase = phase
	}
	for _, p := range []*probe.PathResult{a, b} {
		if !slices.Contains(phasesOf[p.Kind], pair.Phase) {
			return probe.Comparison{}, fmt.Errorf("compare %s and %s: no such phase of %s, got %q; use %v", pair.A, pair.B, p.Name, pair.Phase, Phases(p.Kind))
		}
	}
	c := probe.Comparison{A: pair.A, B: pair.B, Phase: pair.Phase, Order: interleaved}
	if why := mixedClocks(r, a, pair.Phase, b, pair.Phase); why != "" {
		c.Verdict, c.Reason = string(stats.Inconclusive), why
		return c, nil
	}
	err := fill(&c, s.series(a, pair.Phase), s.series(b, pair.Phase), stats.Options{
		Confidence: o.perLook(r), Margin: *o.Margin, Sequential: o.Sequential, Resampling: resampling(r, s.end-s.first),
	})
	distrust(&c, r.Env.Quality)
	return c, err
}

// fill compares two series.
func fill(c *probe.Comparison, a, b []stats.Latency, o stats.Options) error {
	got, err := stats.Compare(a, b, o)
	if err != nil {
		return fmt.Errorf("compare %s and %s: %w", c.A, c.B, err)
	}
	if o.Sequential {
		c.Order = sequential
	}
	c.Shift, c.CI95 = difference(got.Shift), differenceInterval(got.Shift)
	c.Margin = number(stats.Latency(got.Margin))
	c.RatioP50 = finite(got.RatioP50.Value)
	if got.RatioP50.Bounded {
		c.RatioCI95 = interval(finite(got.RatioP50.Lo), finite(got.RatioP50.Hi))
	}
	if p := finite(got.MannWhitney); p != nil {
		c.MWUP = *p
	}
	for _, q := range got.Quantiles {
		shift := probe.Shift{Q: float64(q.Quantile) / float64(stats.Maximum), Shift: difference(q.Difference), CI95: differenceInterval(q.Difference)}
		if shift.CI95 == nil {
			shift.NeedsN = q.NeedN
		}
		c.Quantiles = append(c.Quantiles, shift)
	}
	c.LossDiffers, c.Verdict, c.Reason = got.LossDiffers, string(got.Verdict), got.Reason
	return nil
}

// distrust takes back a difference that a prober short of processor time may have caused.
func distrust(c *probe.Comparison, q probe.Quality) {
	if q == probe.Poor && c.Verdict != string(stats.Inconclusive) {
		c.Reason = fmt.Sprintf("%s; the prober was short of processor time, so this does not count as %s", c.Reason, c.Verdict)
		c.Verdict = string(stats.Inconclusive)
	}
}
