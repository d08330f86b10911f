package slo

import (
	"fmt"

	"github.com/pathproof/pathproof/internal/stats"
)

// bound is a measured value with a number above or below it.
type bound struct {
	place Place
	term  Term
	path  string
	value Value
	above bool // limit bounds the value from above
	open  bool // the limit itself is excluded
	limit float64
}

// boundsOf returns the bounds that a term sets: two for ==, none for a comparison of two measures.
func boundsOf(source, own string, t Term) []bound {
	left, op, right := t.measured()
	if t.Comparison() {
		return nil
	}
	b := bound{place: Place{source, t.Span}, term: t, path: left.pathOf(own), value: left}
	if b.limit = right.Share(); right.Kind == Duration {
		b.limit = float64(right.Time()) / left.Number.Float()
	}
	if op == Equal {
		above := b
		above.above = true
		return []bound{above, b}
	}
	b.above, b.open = op.upper(), op == Less || op == Greater
	return []bound{b}
}

// contradictions reports bounds that no measurement meets together: the smaller of two values has to lie above a limit,
// and the larger below a smaller one.
func (k *checker) contradictions() {
	for i, upper := range k.bounds {
		for j, lower := range k.bounds {
			if !upper.above || lower.above || upper.path != lower.path || !atLeast(upper.value, lower.value) {
				continue
			}
			if lower.limit < upper.limit || lower.limit == upper.limit && !upper.open && !lower.open {
				continue
			}
			first, second := upper, lower
			if j < i {
				first, second = lower, upper
			}
			k.problems = append(k.problems, Problem{
				Kind: Contradiction, Span: first.place.Span, Source: first.place.Source, Also: &second.place,
				Message: fmt.Sprintf("contradict each other, got %s and %s; change one of them", first.term, second.term),
			})
		}
	}
}

// atLeast reports whether a is never below b. Losses aside, max is not below any percentile.
func atLeast(a, b Value) bool {
	switch {
	case a.Kind != b.Kind || a.Phase != b.Phase:
		return false
	case a.Kind != Latency || a.Measure == b.Measure:
		return true
	}
	switch top := level(a.Measure); b.Measure.Kind {
	case stats.Spread: // p90 - p50
		return top >= int(stats.P90)
	case stats.Jitter: // a mean of differences, none above max
		return a.Measure.Kind == stats.Max
	case stats.Avg:
		return a.Measure.Kind == stats.Max
	default:
		return a.Measure.Kind == stats.Avg && b.Measure.Kind == stats.Min || top >= 0 && top >= level(b.Measure)
	}
}

// level orders minimum, percentiles and maximum; -1 for other measures.
func level(m stats.Measure) int {
	switch m.Kind {
	case stats.Min:
		return 0
	case stats.Max:
		return int(stats.Maximum)
	case stats.Percentile:
		return int(m.Quantile)
	}
	return -1
}
