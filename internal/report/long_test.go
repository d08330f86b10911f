package report

import (
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
)

// longResult is the fixture's first path as a run too long to keep samples.
func longResult(t *testing.T) *probe.Result {
	t.Helper()
	all, _ := fixture(t)
	r := *all
	r.Paths = []probe.PathResult{all.Paths[0]}
	l := NewLong([]probe.Path{{Name: "peering", Prober: &probe.TCP{}}})
	for i := range r.Paths[0].Samples {
		l.Add(0, &r.Paths[0].Samples[i])
	}
	r.Paths[0].Samples = nil
	if err := Judge(&r, Options{Long: l}); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestJudge_LongRun(t *testing.T) {
	long, exact := longResult(t).Paths[0].Phases[probe.PhaseConnect], judgedFixture(t).Paths[0].Phases[probe.PhaseConnect]
	if long.N != exact.N || long.Ranked != exact.Ranked || long.Min != exact.Min || long.Max != exact.Max || long.Avg != exact.Avg {
		t.Errorf("got %+v, want %+v", long, exact)
	}
	for i, q := range long.Quantiles {
		if want := *exact.Quantiles[i].V; *q.V < want*995/1000 || *q.V > want*1005/1000 {
			t.Errorf("%s: got %d, want about %d", quantileName(q.Q), *q.V, want)
		}
	}
	if long.Jitter != nil || long.SD != nil {
		t.Error("a histogram knows no jitter and no deviation")
	}
}
