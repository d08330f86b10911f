package report

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		n, most int
		want    string
	}{
		{0, 100, ""}, {1, 100_000, "▏"}, {1, 40, "█"}, {1, 80, "▌"}, {100, 100, strings.Repeat("█", barWidth)},
	} {
		if got := bar(tt.n, tt.most); got != tt.want {
			t.Errorf("%d of %d: got %q, want %q", tt.n, tt.most, got, tt.want)
		}
	}
}

// An estimate says no more than the sample does.
func TestEstimate(t *testing.T) {
	v, least := probe.Micros(64_100), probe.Micros(63_400)
	low, high := 62_140.0, 62_270.0
	for _, tt := range []struct {
		q           probe.Quantile
		value, know string
	}{
		{probe.Quantile{Q: 0.5, V: &v, Resolved: true, CI95: &probe.Interval{Low: &low, High: &high}}, "64.100", "95% CI 62.140 to 62.270"},
		{probe.Quantile{Q: 0.99, V: &v, Resolved: true, CI95: &probe.Interval{Low: &low}}, "64.100", "95% CI 62.140 or more"},
		{probe.Quantile{Q: 0.99, V: &v, NeedsN: 299, AtLeast: &least}, "~64.100", ">= 63.400 (n=100: not resolvable, needs n=299)"},
		{probe.Quantile{Q: 0.99, NeedsN: 299, AtLeast: &least}, "~infinite", ">= 63.400 (n=100: not resolvable, needs n=299)"},
		{probe.Quantile{Q: 0.999, V: &v, NeedsN: 2995}, "~64.100", "(n=100: not resolvable, needs n=2995)"},
		{probe.Quantile{Q: 0.9, Resolved: true}, "infinite", "too many probes failed"},
		{probe.Quantile{Q: 1, V: &v, Resolved: true}, "64.100", "of this run"},
	} {
		if value, known := estimate(tt.q, 100); value != tt.value || known != tt.know {
			t.Errorf("%+v: got %q, %q, want %q, %q", tt.q, value, known, tt.value, tt.know)
		}
	}
}

func TestScale_Ticks(t *testing.T) {
	for _, tt := range []struct {
		lo, hi float64
		want   string
	}{
		{33_100, 34_200, "33.2 33.4 33.6 33.8 34.0 34.2"},
		{33_100, 33_104, "33.100 33.101 33.102 33.103 33.104"},
		{1_000, 4_000, "1 2 3 4"},
		{150, 12_000_000, "1 10 100 1000 10000"},
		{40, 40, "0.038 0.039 0.040 0.041 0.042"},
		{-9_500, 900, "-8 -6 -4 -2 0"},
	} {
		s := newScale(tt.lo, tt.hi)
		var labels []string
		last := -1.0
		for _, tick := range s.ticks(5, 1000) {
			labels = append(labels, tick.label)
			if tick.pos <= last || tick.pos < 0 || tick.pos > 100 {
				t.Errorf("%v to %v: tick %s at %v after %v", tt.lo, tt.hi, tick.label, tick.pos, last)
			}
			last = tick.pos
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("%v to %v: got %s, want %s", tt.lo, tt.hi, got, tt.want)
		}
		if s.pos(tt.lo) < 0 || s.pos(tt.hi) > 100 || tt.hi > tt.lo && s.pos(tt.hi) <= s.pos(tt.lo) {
			t.Errorf("%v to %v: from %v to %v", tt.lo, tt.hi, s.pos(tt.lo), s.pos(tt.hi))
		}
	}
}
