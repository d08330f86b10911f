package slo

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/stats"
)

func TestParse(t *testing.T) {
	e, err := Parse("0.90 * p99.90( vpn.connect ) >=\n065.50 ms @warn and fail<5%")
	if err != nil {
		t.Fatal(err)
	}
	first := e.Terms[0]
	v := first.Left
	if v.Kind != Latency || v.Measure != (stats.Measure{Kind: stats.Percentile, Quantile: stats.P999}) || v.Path != "vpn" || v.Phase != "connect" || v.Number.Float() != 0.9 {
		t.Errorf("left: %+v", v)
	}
	if first.Op != GreaterEqual || !first.Warn || first.Right.Time() != 65500*time.Microsecond {
		t.Errorf("first term: %+v", first)
	}
	if second := e.Terms[1]; second.Left.Kind != Fail || second.Op != Less || second.Right.Share() != 0.05 || second.Warn {
		t.Errorf("second term: %+v", second)
	}
	for what, c := range map[string]struct {
		at   Span
		want string
	}{
		"left": {v.Span, "0.90 * p99.90( vpn.connect )"}, "path": {v.PathSpan, "vpn"}, "phase": {v.PhaseSpan, "connect"},
		"term": {first.Span, "0.90 * p99.90( vpn.connect ) >=\n065.50 ms @warn"}, "right": {e.Terms[1].Right.Span, "5%"},
	} {
		if got := e.Source[c.at.Pos:c.at.End]; got != c.want {
			t.Errorf("%s is at %q, want %q", what, got, c.want)
		}
	}
}

func TestString_RoundTrips(t *testing.T) {
	for source, want := range map[string]string{
		"p50(connect)<65ms": "p50(connect) < 65ms",
		"0.90 * p99.90( vpn.connect ) >=\n065.50 ms @warn and fail<5%":               "0.9 * p99.9(vpn.connect) >= 65.5ms @warn and fail < 5%",
		"1*p0(a-b.wait) <= p100(wait)":                                               "p0(a-b.wait) <= p100(wait)",
		"100.000% == fail":                                                           "100% == fail",
		"min(and.fail) > 0.001us and max(synloss) < 1s":                              "min(and.fail) > 0.001us and max(synloss) < 1s",
		"jitter(connect) < 10ms and spread(connect) < 20ms and avg(connect) < 3600s": "jitter(connect) < 10ms and spread(connect) < 20ms and avg(connect) < 3600s",
		"synloss <= 0%":                     "synloss <= 0%",
		"p99.9999(p50.p50) < 1000 * p50(x)": "p99.9999(p50.p50) < 1000 * p50(x)",
	} {
		e, err := Parse(source)
		if err != nil {
			t.Errorf("%q: %v", source, err)
			continue
		}
		if got := e.String(); got != want {
			t.Errorf("%q is written as %q, want %q", source, got, want)
		}
	}
}

// Every message of the parser, as a user sees it.
func TestParse_Problems(t *testing.T) {
	var b strings.Builder
	for _, source := range []string{
		"", " \n", "p50(connect)", "p50(connect) <", "p50(connect) < 65", "p50(connect) = 65ms", "p50(connect) < 65mz",
		"fail < 5", "fail < 5ms", "p50(connect) < 5%", "fail < 120%", "fail < synloss", "2 * fail < 5%", "65ms < 70ms", "5 < p50(connect)",
		"p50 < 65ms", "p50() < 65ms", "p50(connect < 65ms", "p50(vpn.) < 65ms", "p50(a.b.c) < 65ms", "p101(connect) < 65ms",
		"p99.99999(connect) < 65ms", "q50(connect) < 65ms", "median(connect) < 65ms", "P50(connect) < 65ms", "p(connect) < 65ms",
		"p50(connect) < 65ms @wrn", "p50(connect) < 65ms @ warn", "p50(connect) < 65ms fail < 5%", "p50(connect) < 65ms and",
		"and fail < 5%", "p50(connect) < 0.0001us", "p50(connect) < 2h", "p50(connect) < 3601s", "p50(connect) < 99999999999ms",
		"p50(connect) < 1.0000000001ms", "0 * p50(connect) < 65ms", "1001 * p50(connect) < 65ms", "p50(connect) == 65ms",
		"p50(connect) < 0ms", "p50(connect) >= 0ms", "fail == 5%", "fail < 0%", "fail >= 0%", "fail > 100%", "fail <= 100%",
		"p50(connect) < p50(connect)", ".5 * p50(connect) < 65ms", "p50(connect) < 65ms; fail < 5%", "p50(연결) < 65ms",
		"p50(connect)\x1b[31m < 65ms", "p50(connect) < -5ms", "p50(connect) < 65ms or fail < 5%",
		"q50(connect) < 65ms and fail < 5 and p50(connect) < 5% and p50(connect) < 70ms",
		strings.Repeat("fail < 5% and ", 20) + "fail < 5 and " + strings.Repeat("fail < 5% and ", 20) + "fail < 5%",
		strings.Repeat("fail < 5% and ", 300),
	} {
		e, err := Parse(source)
		var problems Problems
		if e != nil || !errors.As(err, &problems) || len(problems) == 0 {
			t.Errorf("%q: no problem, %v", source, e)
		}
		for _, p := range problems {
			fmt.Fprintln(&b, p.Format("paths.peering.slo"))
		}
	}
	golden.Compare(t, filepath.Join("testdata", "problems.txt"), b.String())
}

// FuzzParse: nothing crashes, problems have places within the source and can be printed, and the canonical form is stable.
// Run it with: go test ./internal/slo -fuzz FuzzParse -fuzztime 1000000x
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"p90(connect) < 75ms and fail < 5%", "p50(peering.connect) < 0.9 * p50(vpn.connect) @warn", "fail == 100%",
		"10us <= min(wait) and synloss > 0.5%", "p99.9(a.b) >= 1s @warn and @warn", "p50(연결) < 65ms", "1 * * 2", "p99.9.9(((",
	} {
		f.Add(seed)
	}
	c := Context{Own: "own", Paths: map[string]Path{"own": {Phases: []string{"connect", "wait"}, SynLoss: true, Planned: 100}}}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := Parse(source)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("%q: %T without problems", source, err)
			}
			checkProblems(t, source, problems)
			return
		}
		text := e.String()
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%q is written as %q, which is wrong: %v", source, text, err)
		}
		if twice := again.String(); twice != text {
			t.Fatalf("%q is written as %q, then as %q", source, text, twice)
		}
		checkProblems(t, source, Check(c, e))
	})
}

func checkProblems(t *testing.T, source string, problems Problems) {
	for _, p := range problems {
		if p.Pos < 0 || p.Pos > p.End || p.End > len(source) {
			t.Fatalf("%q: a problem at %d to %d", source, p.Pos, p.End)
		}
		for _, c := range p.Format("slo") {
			if c != '\n' && (c < ' ' || c > '~') {
				t.Fatalf("%q: %q in a message", source, c)
			}
		}
	}
}
