package slo

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/golden"
)

func must(t *testing.T, sources ...string) []*Expr {
	t.Helper()
	var out []*Expr
	for _, s := range sources {
		e, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

var paths = map[string]Path{
	"peering": {Phases: []string{"connect"}, SynLoss: true, Planned: 100},
	"vpn":     {Phases: []string{"connect"}, SynLoss: true, Planned: 100},
	"proxy":   {Phases: []string{"connect", "wait", "total"}, SynLoss: true, Planned: 30},
	"ping":    {Phases: []string{"rtt"}, Planned: 5000},
	"bare":    {},
}

func TestCheck_Accepts(t *testing.T) {
	for _, c := range []struct{ own, source string }{
		{"peering", "p90(connect) < 75ms and fail < 5% and synloss < 5%"},
		{"peering", "p95(connect) < 75ms and p50(connect) > 1ms and max(connect) < 80ms and min(connect) > 1ms"},
		{"peering", "p50(connect) < 10ms and p90(connect) > 20ms and spread(connect) > 1ms and jitter(connect) < 10ms"},
		{"peering", "fail == 0%"}, {"peering", "fail == 100%"}, {"peering", "fail > 0% and fail > 50%"}, {"peering", "fail >= 100%"},
		{"ping", "p99.9(rtt) < 100ms and fail < 0.1%"},
		{"", "p50(peering.connect) < 0.9 * p50(vpn.connect) and avg(proxy.wait) < 2 * avg(proxy.connect)"},
		{"", "p99.9(ping.rtt) < 2 * max(vpn.connect)"},
		{"peering", "p50(connect) >= 10ms and p50(connect) <= 10ms"},
		{"peering", "2 * p50(connect) < 30ms and p50(connect) > 10ms"},
		{"peering", "2 * p50(connect) > 30ms and p50(connect) < 20ms"},
		{"peering", "p50(connect) < 10ms and p50(vpn.connect) > 20ms"}, // two paths
		{"proxy", "p50(connect) < 10ms and p50(wait) > 20ms"},          // two phases
	} {
		if problems := Check(Context{Own: c.own, Paths: paths}, must(t, c.source)...); problems != nil {
			t.Errorf("%s: %v", c.source, problems)
		}
	}
}

// Every message of Check, as a user sees it.
func TestCheck_Problems(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct {
		own     string
		sources []string
		kinds   []ProblemKind
	}{
		{"peering", []string{"p50(wait) < 65ms and p50(vpm.connect) < 65ms"}, []ProblemKind{UnknownName, UnknownName}},
		{"proxy", []string{"p50(conect) < 65ms"}, []ProblemKind{UnknownName}},
		{"bare", []string{"p50(connect) < 65ms and synloss < 5%"}, []ProblemKind{UnknownName, UnknownName}},
		{"", []string{"p50(connect) < p50(vpn.connect) and fail < 5%"}, []ProblemKind{UnknownName, UnknownName}},
		{"ping", []string{"synloss < 5%"}, []ProblemKind{UnknownName}},
		{"peering", []string{"p99(connect) < 75ms"}, []ProblemKind{Undersampled}},
		{"peering", []string{"p99.9(connect) < 75ms @warn"}, []ProblemKind{Undersampled}},
		{"peering", []string{"75ms > p99(connect) and fail < 0.1%"}, []ProblemKind{Undersampled, Undersampled}},
		{"peering", []string{"p1(connect) > 75ms and fail > 99%"}, []ProblemKind{Undersampled, Undersampled}},
		{"proxy", []string{"fail < 5% and jitter(connect) < 5ms"}, []ProblemKind{Undersampled, Undersampled}},
		{"", []string{"p99(peering.connect) < p99(ping.rtt)"}, []ProblemKind{Undersampled}},
		{"peering", []string{"p50(connect) < 10ms and p50(connect) > 20ms"}, []ProblemKind{Contradiction}},
		{"peering", []string{"p90(connect) < 5ms and p50(connect) > 10ms"}, []ProblemKind{Contradiction}},
		{"peering", []string{"p90(connect) < 5ms", "fail < 5% and p50(peering.connect) > 10ms"}, []ProblemKind{Contradiction}},
		{"peering", []string{"p50(connect) >= 10ms and p50(connect) < 10ms"}, []ProblemKind{Contradiction}},
		{"peering", []string{"2 * p50(connect) > 40ms and p50(connect) < 20ms"}, []ProblemKind{Contradiction}},
		{"peering", []string{"avg(connect) < 5ms and min(connect) > 10ms and max(connect) < 5ms"}, []ProblemKind{Contradiction, Contradiction}},
		{"peering", []string{"max(connect) < 5ms and jitter(connect) > 5ms and spread(connect) > 5ms and avg(connect) > 5ms"}, []ProblemKind{Contradiction, Contradiction, Contradiction}},
		{"peering", []string{"p90(connect) < 5ms and spread(connect) > 5ms"}, []ProblemKind{Contradiction}},
		{"peering", []string{"fail == 0% and fail > 10%", "synloss > 10%"}, []ProblemKind{Contradiction}},
		{"peering", []string{"fail == 100% and fail < 10%"}, []ProblemKind{Contradiction}},
	} {
		problems := Check(Context{Own: c.own, Paths: paths}, must(t, c.sources...)...)
		where := "paths." + c.own + ".slo"
		if c.own == "" {
			where = "compare"
		}
		var kinds []ProblemKind
		for _, p := range problems {
			kinds = append(kinds, p.Kind)
			fmt.Fprintln(&b, p.Format(where))
		}
		if diff := cmp.Diff(c.kinds, kinds); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", c.sources, diff)
		}
	}
	golden.Compare(t, filepath.Join("testdata", "checked.txt"), b.String())
}

func TestCheck_NeedN(t *testing.T) {
	for source, want := range map[string]int{
		"p99(connect) < 1s": 299, "p99.9(connect) < 1s": 2995, "fail < 0.1%": 2995, "fail <= 1%": 299, "synloss < 2%": 149,
	} {
		problems := Check(Context{Own: "peering", Paths: paths}, must(t, source)...)
		if len(problems) != 1 || problems[0].NeedN != want {
			t.Errorf("%s: %+v, want n=%d", source, problems, want)
			continue
		}
		enough := map[string]Path{"peering": {Phases: []string{"connect"}, SynLoss: true, Planned: want}}
		if problems := Check(Context{Own: "peering", Paths: enough}, must(t, source)...); problems != nil {
			t.Errorf("%s with n=%d: %v", source, want, problems)
		}
	}
	if problems := Check(Context{Own: "peering", Paths: paths, Confidence: 0.99}, must(t, "p95(connect) < 1s and p99(connect) < 1s")...); len(problems) != 1 || problems[0].NeedN != 459 {
		t.Errorf("at 99 %%: %v", problems)
	}
}

func TestRequires(t *testing.T) {
	for _, c := range []struct {
		own     string
		sources []string
		want    [][]string
	}{
		{"peering", []string{"p50(connect) < 65ms and fail < 5%"}, nil},
		{"peering", []string{"p90(connect) < 2 * p50(connect)"}, nil},
		{"peering", []string{"p50(connect) < p50(vpn.connect)"}, [][]string{{"peering", "vpn"}}},
		{"", []string{"p50(x.c) < p50(b.c) and p50(d.c) < p50(c.c)", "p50(b.c) < p50(a.c)"}, [][]string{{"a", "b", "x"}, {"c", "d"}}},
		{"", []string{"p50(a.c) < p50(b.c) and p50(c.c) < p50(d.c) and p50(d.c) < p50(a.c)"}, [][]string{{"a", "b", "c", "d"}}},
	} {
		if diff := cmp.Diff(c.want, Requires(c.own, must(t, c.sources...)...)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", c.sources, diff)
		}
	}
}
