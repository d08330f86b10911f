package stats

import (
	"fmt"
	"math"
	"time"
)

// Verdict is what a comparison says about a path against another.
type Verdict string

// The verdicts. Faster and Slower are claimed only when the difference exceeds the margin, Equivalent only when it does
// not, each with the comparison's confidence: no two of them can be true at once.
const (
	Faster       Verdict = "faster"
	Slower       Verdict = "slower"
	Equivalent   Verdict = "equivalent"
	Inconclusive Verdict = "inconclusive"
)

// Margin is the difference that does not matter: the larger of both.
type Margin struct {
	Abs time.Duration
	Rel float64 // of the median of the path compared with
}

// DefaultMargin is about what a good prober adds by itself to a time, and a fiftieth.
var DefaultMargin = Margin{Abs: 250 * time.Microsecond, Rel: 0.02}

// Of returns the margin for a median.
func (m Margin) Of(median Latency) time.Duration {
	return max(m.Abs, time.Duration(m.Rel*float64(median)))
}

// MinAnswers is how many answers it takes to resample them: with fewer, blocks are too few to show how times vary. A
// rule of thumb; the simulations in the tests start at 100.
const MinAnswers = 30

// Options configure a comparison.
type Options struct {
	// Confidence of the intervals. Default: 0.95.
	Confidence float64
	// Margin of equivalence; the zero value calls every difference one that matters. See DefaultMargin.
	Margin Margin
	// Sequential says that one path was measured after the other. What changed in between looks like a difference then.
	// Default: interleaved, slot i of both measured in round i.
	Sequential bool
	Resampling Resampling
}

func (o Options) withDefaults() Options {
	if o.Confidence == 0 {
		o.Confidence = 0.95
	}
	return o
}

// Difference is a difference of two times with its two-sided interval.
type Difference struct {
	Value, Lo, Hi time.Duration
	// Known says that Value is a number, Bounded that Lo and Hi are: losses may make either infinite, and the sample may
	// be too small for an interval.
	Known, Bounded bool
}

// QuantileDifference compares a percentile of all probes, lost ones as infinite.
type QuantileDifference struct {
	Quantile Quantile
	Difference
	NeedN int // samples of each path it takes for the interval
}

// Ratio is a ratio of medians with its two-sided interval.
type Ratio struct {
	Value, Lo, Hi float64
	Bounded       bool // Lo and Hi are numbers
}

// Comparison says how path a differs from path b. Losses are not part of the shift; they stand beside it.
type Comparison struct {
	// Shift is the Hodges-Lehmann estimate of a - b over the answered probes: below zero, a is faster.
	Shift       Difference
	RatioP50    Ratio // of the medians of the answered probes
	Quantiles   []QuantileDifference
	MannWhitney float64 // p-value for information; it takes neighbors for independent, so nothing is decided by it
	LossA       Rate
	LossB       Rate
	// LossDiffers says that the intervals of the losses have no value in common.
	LossDiffers bool
	Margin      time.Duration
	Confidence  float64
	Sequential  bool
	Verdict     Verdict
	Reason      string // why, with the numbers
}

// comparedQuantiles are in every comparison.
var comparedQuantiles = []Quantile{P50, P90, P95, P99}

// Compare compares two series. Interleaved series have to be equally long: a slot without a time is Lost or Absent.
func Compare(a, b []Latency, o Options) (*Comparison, error) {
	if !o.Sequential && len(a) != len(b) {
		return nil, fmt.Errorf("interleaved series: not one slot of each path for a round, got %d and %d slots; mark missing ones as absent", len(a), len(b))
	}
	o = o.withDefaults()
	pa, pb := newPool(a), newPool(b)
	sa, sb := pa.all(), pb.all()
	c := &Comparison{Confidence: o.Confidence, Sequential: o.Sequential, MannWhitney: mannWhitney(sa, sb)}
	c.LossA, c.LossB = sa.loss(o.Confidence), sb.loss(o.Confidence)
	c.LossDiffers = c.LossA.Lo > c.LossB.Hi || c.LossB.Lo > c.LossA.Hi
	if min(sa.ok, sb.ok) < MinAnswers {
		c.Verdict = Inconclusive
		c.Reason = fmt.Sprintf("%d and %d answers, at least %d of each path are needed", sa.ok, sb.ok, MinAnswers)
		return c, nil
	}
	c.Margin = o.Margin.Of(newSample(sb.measured()).quantile(P50))
	c.start(sa, sb)
	p := newPairs(a, b, pa, pb, o)
	c.finish(c.resample(p), p.widening)
	return c, nil
}

func (s sample) loss(confidence float64) Rate {
	return NewRate(len(s.values)-s.ok, len(s.values), confidence)
}

// start fills in the estimates.
func (c *Comparison) start(a, b sample) {
	shift := hodgesLehmann(a.measured(), b.measured(), a.measured()[0]-b.measured()[0])
	c.Shift.Value, c.Shift.Known = time.Duration(shift), true
	c.RatioP50.Value = medianRatio(a, b)
	for _, q := range comparedQuantiles {
		d := QuantileDifference{Quantile: q, NeedN: NeedN(q, 1-(1-c.Confidence)/2)}
		d.set(minus(a.quantile(q), b.quantile(q)))
		c.Quantiles = append(c.Quantiles, d)
	}
}

func medianRatio(a, b sample) float64 {
	over := newSample(b.measured()).quantile(P50)
	return float64(newSample(a.measured()).quantile(P50)) / float64(over)
}

// resampled holds one element for each resample.
type resampled struct {
	shift, ratio []float64
	quantiles    [][]float64
}

func (c *Comparison) resample(p *pairs) *resampled {
	r := &resampled{quantiles: make([][]float64, len(comparedQuantiles))}
	for range p.resamples {
		a, b := p.next()
		if a.ok == 0 || b.ok == 0 {
			continue
		}
		r.shift = append(r.shift, float64(hodgesLehmann(a.measured(), b.measured(), Latency(c.Shift.Value))))
		r.ratio = append(r.ratio, medianRatio(a, b))
		for i, q := range comparedQuantiles {
			r.quantiles[i] = append(r.quantiles[i], minus(a.quantile(q), b.quantile(q)))
		}
	}
	return r
}

// minus subtracts with losses as infinite; NaN for two of them.
func minus(a, b Latency) float64 {
	switch {
	case a == Lost && b == Lost:
		return math.NaN()
	case a == Lost:
		return math.Inf(1)
	case b == Lost:
		return math.Inf(-1)
	}
	return float64(a - b)
}

// finish fills in the intervals and the verdict.
func (c *Comparison) finish(r *resampled, widening func(tail float64) float64) {
	tail := (1 - c.Confidence) / 2
	factor := widening(tail)
	c.Shift.bound(r.shift, tail, factor)
	lo, hi := limits(r.ratio, tail)
	lo, hi = widen(c.RatioP50.Value, lo, hi, factor)
	c.RatioP50.Lo, c.RatioP50.Hi, c.RatioP50.Bounded = lo, hi, finite(lo, hi)
	for i := range c.Quantiles {
		if d := &c.Quantiles[i]; d.Known && min(c.LossA.N, c.LossB.N) >= d.NeedN {
			d.bound(r.quantiles[i], tail, factor)
		}
	}
	c.Verdict = verdict(c.Shift, c.Margin)
	c.Reason = fmt.Sprintf("shift %s, %s interval %s to %s, margin %s", micros(c.Shift.Value), percent(c.Confidence), micros(c.Shift.Lo), micros(c.Shift.Hi), micros(c.Margin))
}

func (d *Difference) set(value float64) {
	if d.Known = finite(value); d.Known {
		d.Value = time.Duration(math.Round(value))
	}
}

// bound sets the interval from resampled values of the difference.
func (d *Difference) bound(statistics []float64, tail, factor float64) {
	lo, hi := limits(statistics, tail)
	lo, hi = widen(float64(d.Value), lo, hi, factor)
	if d.Bounded = d.Known && finite(lo, hi); d.Bounded {
		d.Lo, d.Hi = time.Duration(math.Round(lo)), time.Duration(math.Round(hi))
	}
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// verdict compares the interval with the margin. An interval that touches the margin's edge from outside is outside.
func verdict(shift Difference, margin time.Duration) Verdict {
	switch {
	case !shift.Bounded:
		return Inconclusive
	case shift.Hi < -margin:
		return Faster
	case shift.Lo > margin:
		return Slower
	case shift.Lo >= -margin && shift.Hi <= margin:
		return Equivalent
	}
	return Inconclusive
}

func micros(d time.Duration) string { return d.Round(time.Microsecond).String() }

func percent(share float64) string { return fmt.Sprintf("%.4g%%", 100*share) }
