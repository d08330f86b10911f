package report

import (
	"net/netip"
	"slices"
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

// silent makes all probes of the only path fail, so that nothing tells the source address.
func silent(t *testing.T) *probe.Result {
	t.Helper()
	r := shifted(t, 0)
	failAll(probe.Timeout)(r)
	r.Vantage.SourceIP = netip.Addr{}
	return r
}

func unresolved(t *testing.T) *probe.Result {
	t.Helper()
	r := shifted(t, 0)
	p := &r.Paths[0]
	*p = probe.PathResult{Name: p.Name, Kind: p.Kind, Target: probe.Target{Host: p.Target.Host}, Failure: &probe.Failure{Class: probe.DNS, Op: "resolve", Detail: "no such host"}}
	r.Vantage.SourceIP = netip.Addr{}
	return r
}

// isolation is the fixture's path that must not work, denied in a way.
func isolation(t *testing.T, d probe.Denial) *probe.Result {
	t.Helper()
	all, _ := fixture(t)
	r := *all
	r.Paths = []probe.PathResult{*Find(all, "isolated")}
	d.Expect = probe.ExpectNever
	r.Paths[0].Denial = &d
	return &r
}

func with(a, b *probe.Result) *probe.Result {
	r := *a
	r.Paths = slices.Concat(a.Paths, b.Paths)
	return &r
}

func TestRegression_SeesWhatBroke(t *testing.T) {
	held := isolation(t, probe.Denial{Held: true, Proof: probe.ProofSilence, Silent: 13, Reading: "silence"})
	refused := isolation(t, probe.Denial{Held: true, Proof: probe.ProofRefusal, Refused: 13, Reading: "refusal"})
	broken := isolation(t, probe.Denial{Connected: 13, Reading: "13 of 13 probes got through"})
	untried := isolation(t, probe.Denial{Reading: "nothing could be tried, so nothing is proven"})
	for _, tt := range []struct {
		name          string
		before, after *probe.Result
		verdict       probe.Verdict
		exit          int
		reason        string
	}{
		{"isolation holds", held, held, probe.Pass, 0, "the two runs are not interleaved"},
		{"isolation broke", held, broken, probe.Fail, 1, "isolated: must not be reachable, but 13 of 13 probes got through"},
		{"isolation broke, beside a path that is well", with(shifted(t, 0), held), with(shifted(t, 0), broken), probe.Fail, 1, "isolated: must not be reachable"},
		{"isolation not tried", held, untried, probe.Inconclusive, 4, "isolated: nothing could be tried"},
		{"isolation by another proof", held, refused, probe.Pass, 0, "isolated: denied by silence before, and by refusal now"},
		{"gone", with(shifted(t, 0), held), shifted(t, 0), probe.Fail, 1, "isolated: measured before, and not in the new result"},
		{"new", shifted(t, 0), with(shifted(t, 0), held), probe.Pass, 0, "isolated: not in the old result, so not compared"},
		{"died", shifted(t, 0), silent(t), probe.Fail, 1, "peering: unreachable, none of 100 probes was answered"},
		{"lost its name", shifted(t, 0), unresolved(t), probe.Fail, 1, "peering: not measured: resolve: no such host"},
		{"dead before, too", silent(t), silent(t), probe.Inconclusive, 4, "peering: not answered, and not before either"},
		{"came back", silent(t), shifted(t, 0), probe.Pass, 0, "peering: answered now, and not before"},
	} {
		r, err := Regression(tt.before, tt.after, RegressionOptions{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if r.Verdict != tt.verdict || r.ExitCode != tt.exit || !strings.Contains(strings.Join(r.Reasons, "\n"), tt.reason) {
			t.Errorf("%s: got %s, status %d, reasons %q; want %s, %d, %q", tt.name, r.Verdict, r.ExitCode, r.Reasons, tt.verdict, tt.exit, tt.reason)
		}
	}
	answering := isolation(t, probe.Denial{})
	answering.Paths[0].Expect, answering.Paths[0].Denial = probe.ExpectAnswer, nil
	want := `compare: path isolated has different expectations, got "never" and "answer"; give the other path another name`
	if _, err := Regression(held, answering, RegressionOptions{}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
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
