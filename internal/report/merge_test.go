package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/probe"
)

// mergedResult is the fixture measured from two zones, and another path of one of them.
func mergedResult(t *testing.T) *probe.Result {
	t.Helper()
	a, b := judgedFixture(t), judgedFixture(t)
	b.Vantage.AZID = "apne2-az3"
	b.Env.Quality, b.Env.Notes = probe.Degraded, []string{"timers were 12ms late at p99"}
	b.Paths = b.Paths[:2]
	merged, err := Merge(false, a, b)
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

func TestMerge(t *testing.T) {
	r := mergedResult(t)
	var names []string
	for i := range r.Paths {
		names = append(names, r.Paths[i].Name+" "+r.Paths[i].Vantage.AZID)
	}
	want := []string{
		"peering@apne2-az1 apne2-az1", "vpn@apne2-az1 apne2-az1", "accelerated apne2-az1", "isolated apne2-az1", "renamed apne2-az1",
		"peering@apne2-az3 apne2-az3", "vpn@apne2-az3 apne2-az3",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if r.Comparisons[2].A != "peering@apne2-az3" || r.Comparisons[2].B != "vpn@apne2-az3" || r.SLO[0].Path != "peering@apne2-az1" {
		t.Errorf("names in comparisons and objectives: got %s, %s, %s", r.Comparisons[2].A, r.Comparisons[2].B, r.SLO[0].Path)
	}
	if r.Verdict != probe.Fail || r.ExitCode != ExitFail || r.Env.Quality != probe.Degraded {
		t.Errorf("got %s, status %d, quality %s", r.Verdict, r.ExitCode, r.Env.Quality)
	}
	if diff := cmp.Diff([]string{"apne2-az3: timers were 12ms late at p99"}, r.Env.Notes); diff != "" {
		t.Error(diff)
	}
	if m := matrixOf(r); len(m.Rows) != 5 || m.Rows[3].From != "apne2-az3" {
		t.Errorf("matrix: got %+v", m)
	}
	if _, err := Merge(false); err == nil {
		t.Error("merged nothing")
	}
}

// Two vantages of which nothing is known still give different names.
func TestMerge_NamesDiffer(t *testing.T) {
	a, b := judgedFixture(t), judgedFixture(t)
	a.Vantage, b.Vantage = probe.Vantage{}, probe.Vantage{}
	r, err := Merge(false, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if r.Paths[0].Name != "peering" || r.Paths[5].Name != "peering#2" {
		t.Errorf("got %s and %s", r.Paths[0].Name, r.Paths[5].Name)
	}
}
