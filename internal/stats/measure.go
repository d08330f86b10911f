package stats

import (
	"fmt"
	"math"
)

// Kind is a statistic of a series.
type Kind int

// The kinds of statistics. Percentile needs a Quantile beside it.
const (
	Percentile Kind = iota // of all probes, lost ones as infinite
	Min                    // of the answered probes of this run
	Max                    // of the answered probes of this run
	Avg                    // mean of the answered probes
	Jitter                 // mean absolute difference of consecutive answered probes
	Spread                 // p90 - p50, lost probes as infinite
)

var kindNames = [...]string{"p", "min", "max", "avg", "jitter", "spread"}

// Measure is a statistic that may be estimated, compared and bounded by an objective.
type Measure struct {
	Kind     Kind
	Quantile Quantile // of a Percentile
}

// String returns a name such as "p99.9" or "avg".
func (m Measure) String() string {
	if m.Kind == Percentile {
		return m.Quantile.String()
	}
	return kindNames[m.Kind]
}

// OfRun reports whether the measure describes only the run itself: no sample bounds the population's minimum from below
// or its maximum from above.
func (m Measure) OfRun() bool {
	return m.Kind == Min || m.Kind == Max || m.Kind == Percentile && (m.Quantile == Minimum || m.Quantile == Maximum)
}

// NeedN returns the smallest sample that bounds the measure at this confidence on one side, from above or from below.
func (m Measure) NeedN(above bool, confidence float64) int {
	switch {
	case m.OfRun():
		return 1
	case m.Kind == Percentile && above:
		return NeedN(m.Quantile, confidence)
	case m.Kind == Percentile:
		return NeedNBelow(m.Quantile, confidence)
	case m.Kind == Jitter:
		return MinAnswers + 1 // so many pairs
	}
	return MinAnswers
}

// Estimate estimates the measure from a series. Average, jitter and spread get their bounds from resampling; they are
// unknown below MinAnswers values.
func (m Measure) Estimate(series []Latency, confidence float64, r Resampling) Estimate {
	p := newPool(m.view(series))
	all := p.all()
	if m.Kind == Percentile {
		return estimate(m.Quantile, len(all.values), all.at, confidence)
	}
	e := Estimate{Measure: m, N: len(all.values), Value: m.of(all), NeedN: m.NeedN(true, confidence)}
	if m.OfRun() || e.Value == Absent || e.Value == Lost || all.ok < MinAnswers {
		return e
	}
	values, block := m.resample(p, series, r)
	bounds := func(tail float64) (lo, hi Bound) {
		l, h := limits(values, tail)
		l, h = widen(float64(e.Value), l, h, widening(len(series), block, tail))
		return boundOf(l), boundOf(h)
	}
	e.Lo, e.Hi = bounds((1 - confidence) / 2)
	e.Lower, e.Upper = bounds(1 - confidence)
	return e
}

// boundOf converts a limit; an infinite one is known to be infinite.
func boundOf(limit float64) Bound {
	switch {
	case math.IsInf(limit, 1):
		return Bound{Lost, true}
	case !finite(limit):
		return Bound{}
	}
	return Bound{Latency(math.Round(max(0, limit))), true}
}

// view is the series that the measure is taken from.
func (m Measure) view(series []Latency) []Latency {
	if m.Kind == Jitter {
		return Deltas(series)
	}
	return series
}

// of takes the measure of a sample of view.
func (m Measure) of(s sample) Latency {
	switch {
	case m.Kind == Percentile:
		return s.quantile(m.Quantile)
	case m.Kind == Spread:
		return spread(s.at, len(s.values))
	case s.ok == 0:
		return Absent
	case m.Kind == Min:
		return s.values[0]
	case m.Kind == Max:
		return s.values[s.ok-1]
	}
	return mean(s.measured())
}

// resample returns the measure of many resamples and the length of their blocks.
func (m Measure) resample(p *pool, series []Latency, r Resampling) (values []float64, block int) {
	view := m.view(series)
	block, random := r.block(counted(view, ranks(view, p))), r.random()
	times := make([]int32, len(series))
	for range r.resamples() {
		draw(random, block, times)
		values = append(values, number(m.of(p.take(times))))
	}
	return values, block
}

// number converts a time: infinite for Lost, NaN for Absent.
func number(l Latency) float64 {
	switch l {
	case Lost:
		return math.Inf(1)
	case Absent:
		return math.NaN()
	}
	return float64(l)
}

// Subtract estimates ma(a) - factor*mb(b) with a two-sided interval. Each end of an interval of confidence 1-2x is a bound
// of confidence 1-x on its side. There is no interval for minimum and maximum and where a sample is too small for either
// measure.
func Subtract(ma Measure, a []Latency, factor float64, mb Measure, b []Latency, o Options) (Difference, error) {
	if !o.Sequential && len(a) != len(b) {
		return Difference{}, fmt.Errorf("interleaved series: not one slot of each path for a round, got %d and %d slots; mark missing ones as absent", len(a), len(b))
	}
	o = o.withDefaults()
	va, vb := ma.view(a), mb.view(b)
	pa, pb := newPool(va), newPool(vb)
	subtract := func(a, b sample) float64 { return number(ma.of(a)) - factor*number(mb.of(b)) }
	var d Difference
	d.set(subtract(pa.all(), pb.all()))
	if !d.Known || ma.OfRun() || mb.OfRun() || !ma.enough(pa, o.Confidence) || !mb.enough(pb, o.Confidence) {
		return d, nil
	}
	p := newPairs(va, vb, pa, pb, o)
	values := make([]float64, 0, p.resamples)
	for range p.resamples {
		values = append(values, subtract(p.next()))
	}
	tail := (1 - o.Confidence) / 2
	d.bound(values, tail, p.widening(tail))
	return d, nil
}

// enough reports whether a sample bounds the measure from both sides and can be resampled.
func (m Measure) enough(p *pool, confidence float64) bool {
	half := 1 - (1-confidence)/2
	n := max(m.NeedN(true, half), m.NeedN(false, half))
	return len(p.values) >= n && p.all().ok >= MinAnswers
}
