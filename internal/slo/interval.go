package slo

import (
	"fmt"
	"math"
	"time"

	"github.com/pathproof/pathproof/internal/stats"
)

// interval is an estimate with its one-sided bounds; NaN is a bound that is not known.
type interval struct{ value, lower, upper float64 }

// judge compares with a limit and says how the verdict was reached.
func (i interval) judge(mode Mode, op Op, limit float64) (Verdict, string) {
	good, bad := i.upper, i.lower // the ends that prove and refute a bound from above
	if !op.upper() {
		good, bad = i.lower, i.upper
	}
	proven := !math.IsNaN(good) && op.holds(good, limit)
	refuted := !math.IsNaN(bad) && !op.holds(bad, limit)
	switch {
	case mode == Point && op.holds(i.value, limit):
		return Pass, "holds in this run"
	case mode == Point:
		return Failed, "does not hold in this run"
	case refuted:
		return Failed, "refuted"
	case proven:
		return Pass, "proven"
	case mode == Lenient && !math.IsNaN(good):
		return Pass, "not refuted"
	}
	return Inconclusive, "neither proven nor refuted"
}

func bounds(d stats.Difference) string {
	if !d.Bounded {
		return ""
	}
	return fmt.Sprintf(" (at least %s, at most %s)", rounded(d.Lo), rounded(d.Hi))
}

func rounded(d time.Duration) string { return d.Round(time.Microsecond).String() }

func percent(share float64) string { return fmt.Sprintf("%.4g%%", 100*share) }
