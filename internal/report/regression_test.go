package report

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
)

// shifted is the fixture's first path, every time longer by some microseconds.
func shifted(t *testing.T, by probe.Micros) *probe.Result {
	t.Helper()
	all, _ := fixture(t)
	r := *all
	r.Paths = all.Paths[:1]
	for i := range r.Paths[0].Samples {
		if p := &r.Paths[0].Samples[i].Phases; p.Connect > 0 {
			p.Connect += by
		}
	}
	return &r
}

func TestRegression(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after *probe.Result
		verdict       probe.Verdict
		exit          int
		comparison    string
	}{
		{"the same", shifted(t, 0), shifted(t, 0), probe.Pass, 0, "equivalent"},
		{"slower", shifted(t, 0), shifted(t, 3000), probe.Fail, 1, "slower"},
		{"faster", shifted(t, 3000), shifted(t, 0), probe.Pass, 0, "faster"},
	} {
		r, err := Regression(tt.before, tt.after, RegressionOptions{})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		c := r.Comparisons[0]
		if r.Verdict != tt.verdict || r.ExitCode != tt.exit || c.Verdict != tt.comparison || c.Order != "sequential" || c.A != "peering" || c.B != "peering (before)" {
			t.Errorf("%s: got %s, status %d, %+v", tt.name, r.Verdict, r.ExitCode, c)
		}
		if len(r.Paths) != 2 || !strings.HasPrefix(r.Reasons[len(r.Reasons)-1], "the two runs are not interleaved") {
			t.Errorf("%s: got %d paths, reasons %q", tt.name, len(r.Paths), r.Reasons)
		}
	}
}

func TestRegression_LosesMore(t *testing.T) {
	after := shifted(t, 0)
	for i := range after.Paths[0].Samples {
		if i%3 == 0 {
			after.Paths[0].Samples[i].Outcome = probe.Outcome{Elapsed: 1, Failure: &probe.Failure{Class: probe.Timeout, Op: "connect", Detail: "why"}}
		}
	}
	recount(&after.Paths[0])
	r, err := Regression(shifted(t, 0), after, RegressionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != probe.Fail || !strings.Contains(strings.Join(r.Reasons, "\n"), "peering loses more than before: 34.00% against 0.00%") {
		t.Errorf("got %s, %q", r.Verdict, r.Reasons)
	}
}

func TestRegression_RefusesWhatIsNotAlike(t *testing.T) {
	elsewhere, retimed, moved, renamed := shifted(t, 0), shifted(t, 0), shifted(t, 0), shifted(t, 0)
	elsewhere.Vantage.AZID = "apne2-az3"
	retimed.Paths[0].Timing = probe.TimingUserspace
	moved.Paths[0].Target.Port = 22
	renamed.Paths[0].Name = "other"
	for want, after := range map[string]*probe.Result{
		`compare: different vantages, got "lambda ap-northeast-2 apne2-az1 subnet-0a1b2c3d 10.10.1.7" and "lambda ap-northeast-2 apne2-az3 subnet-0a1b2c3d 10.10.1.7"; measure from the same place`: elsewhere,
		"compare: path peering was timed by different clocks, got kernel and userspace; measure both on the same kind of machine":                                                                   retimed,
		"compare: path peering has different targets, got tcp 10.20.1.10:7007 and tcp 10.20.1.10:22; give the other path another name":                                                              moved,
		"compare: no path of the same name in both results; name paths alike":                                                                                                                       renamed,
	} {
		if _, err := Regression(shifted(t, 0), after, RegressionOptions{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		_, err := Regression(shifted(t, 0), after, RegressionOptions{Force: true})
		if forced := after != renamed; (err == nil) != forced {
			t.Errorf("forced: got %v", err)
		}
	}
	if _, err := Regression(WithoutSamples(shifted(t, 0)), shifted(t, 0), RegressionOptions{}); err == nil || !strings.Contains(err.Error(), "holds no samples") {
		t.Errorf("got %v", err)
	}
}
