package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestJudge_Aggregates(t *testing.T) {
	r := judgedFixture(t)
	peering, vpn := Find(r, "peering"), Find(r, "vpn")
	connect := peering.Phases[probe.PhaseConnect]
	if connect.N != 99 || connect.Ranked != 99 || connect.Clock != probe.TimingKernel {
		t.Errorf("the lost SYN counts as answer and has no latency: got n=%d of %d by %s", connect.N, connect.Ranked, connect.Clock)
	}
	byQ := map[float64]probe.Quantile{}
	for _, q := range connect.Quantiles {
		byQ[q.Q] = q
	}
	if q := byQ[0.5]; !q.Resolved || q.CI95 == nil || *q.CI95.Low > float64(*q.V) || *q.CI95.High < float64(*q.V) {
		t.Errorf("p50: got %+v", q)
	}
	if q := byQ[0.99]; q.Resolved || q.NeedsN != 299 || q.AtLeast == nil {
		t.Errorf("99 samples cannot bound p99: got %+v", q)
	}
	if vpn.FailPct < 40 || *vpn.FailCI95Pct.Low > vpn.FailPct || *vpn.FailCI95Pct.High < vpn.FailPct {
		t.Errorf("loss: got %v in %v", vpn.FailPct, vpn.FailCI95Pct)
	}
	lost := vpn.Phases[probe.PhaseConnect]
	if last := lost.Quantiles[2]; last.Q != 0.9 || last.V != nil {
		t.Errorf("half of the probes are lost, so p90 is infinite: got %+v", last)
	}
	if lost.Spread != nil {
		t.Errorf("spread is infinite: got %d", *lost.Spread)
	}
	if f := vpn.Flows.Flows; f[0].P50 != nil || f[1].P50 == nil {
		t.Errorf("flow medians: got %v and %v", f[0].P50, f[1].P50)
	}
	total := 0
	for _, n := range peering.Histogram.Counts {
		total += n
	}
	if total != 99 || len(peering.Histogram.Edges) != len(peering.Histogram.Counts)+1 {
		t.Errorf("histogram: got %+v", peering.Histogram)
	}
}

func TestJudge_ComparesAndRefusesTwoClocks(t *testing.T) {
	r := judgedFixture(t)
	if c := r.Comparisons[0]; c.Verdict != "faster" || c.Phase != probe.PhaseConnect || c.Shift == nil || *c.Shift > -8000 || *c.Shift < -10_000 {
		t.Errorf("got %+v", c)
	}
	c := r.Comparisons[1]
	want := "not compared: connect of peering is timed by the kernel, connect of accelerated by the program; compare what one clock measured"
	if c.Verdict != "inconclusive" || c.Shift != nil || c.Reason != want {
		t.Errorf("got %+v", c)
	}
	r, o := fixture(t)
	o.Compare, o.Objectives = nil, []Objective{objective(t, "", "p50(peering.connect) < p50(accelerated.wait)")}
	if err := Judge(r, o); err != nil {
		t.Fatal(err)
	}
	if got := r.SLO[0]; got.Verdict != probe.Inconclusive || !strings.HasPrefix(got.Reason, "not compared: ") || got.ValueUS != nil {
		t.Errorf("an objective mixes clocks: got %+v", got)
	}
}

func TestJudge_Objectives(t *testing.T) {
	r := judgedFixture(t)
	var got []string
	for _, o := range r.SLO {
		got = append(got, o.Path+"|"+o.Expr+"|"+string(o.Verdict)+"|"+o.Severity)
	}
	want := []string{
		"peering|p50(connect) < 65ms|pass|error",
		"peering|p99(connect) < 80ms|inconclusive|error",
		"vpn|fail < 5%|fail|error",
		"vpn|jitter(connect) < 1ms @warn|inconclusive|warn",
		"|p50(peering.connect) < 0.9 * p50(vpn.connect)|inconclusive|error",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every look costs certainty: the same samples say less when they might have been looked at three times.
func TestJudge_LooksShareTheError(t *testing.T) {
	width := func(looks int) float64 {
		r, o := fixture(t)
		r.Settings.MaxLooks = looks
		if err := Judge(r, o); err != nil {
			t.Fatal(err)
		}
		ci := r.Comparisons[0].CI95
		return *ci.High - *ci.Low
	}
	if one, three := width(1), width(3); one >= three {
		t.Errorf("intervals of one look are %v wide, of three %v", one, three)
	}
}

func TestJudge_TwiceIsTheSame(t *testing.T) {
	r, o := fixture(t)
	var texts [2]bytes.Buffer
	for i := range texts {
		if err := Judge(r, o); err != nil {
			t.Fatal(err)
		}
		if err := writeJSON(&texts[i], r); err != nil {
			t.Fatal(err)
		}
	}
	if texts[0].String() != texts[1].String() {
		t.Error("judging again gave something else")
	}
}

func TestJudge_RefusesWhatIsNotThere(t *testing.T) {
	r, o := fixture(t)
	o.Compare = append(o.Compare, Pair{A: "peering", B: "nowhere"})
	if err := Judge(r, o); err == nil || err.Error() != `compare: unknown path, got "nowhere"; use one of the result` {
		t.Errorf("got %v", err)
	}
	r, o = fixture(t)
	o.Compare = []Pair{{A: "peering", B: "vpn", Phase: probe.PhaseTLS}}
	if err := Judge(r, o); err == nil || !strings.Contains(err.Error(), `no such phase of peering, got "tls"; use [connect]`) {
		t.Errorf("got %v", err)
	}
	r, o = fixture(t)
	if err := Judge(WithoutSamples(r), o); err == nil || !strings.Contains(err.Error(), "the result holds no samples of path peering") {
		t.Errorf("got %v", err)
	}
}

// edit returns the fixture reduced to paths of these names, changed and judged without objectives.
func edit(t *testing.T, change func(*probe.Result), names ...string) *probe.Result {
	t.Helper()
	all, _ := fixture(t)
	r := *all
	r.Paths = nil
	for _, name := range names {
		r.Paths = append(r.Paths, *Find(all, name))
	}
	if change != nil {
		change(&r)
	}
	if err := Judge(&r, Options{}); err != nil {
		t.Fatal(err)
	}
	return &r
}

func failAll(class probe.Class) func(*probe.Result) { return failWith(class, 0) }

// failWith makes all probes fail after a connect that took so long; 0 is none.
func failWith(class probe.Class, connect probe.Micros) func(*probe.Result) {
	return func(r *probe.Result) {
		for i := range r.Paths {
			p := &r.Paths[i]
			for j := range p.Samples {
				p.Samples[j].Outcome = probe.Outcome{Elapsed: 1, Phases: probe.Phases{Connect: connect}, Failure: &probe.Failure{Class: class, Op: "connect", Detail: "why"}}
			}
			recount(p)
			if class == probe.Local {
				p.Sent, p.Errors, p.Invalid = 0, nil, fixtureCount
			}
		}
	}
}

func TestJudge_ExitStatus(t *testing.T) {
	poor := func(r *probe.Result) { r.Env.Quality, r.Env.Notes = probe.Poor, []string{"timers were 2s late at p99"} }
	noPrivilege := func(r *probe.Result) {
		r.Paths[0].Failure = &probe.Failure{Class: probe.Local, Op: "prepare", Detail: "no ICMP socket"}
		r.Paths[0].Samples, r.Paths[0].Sent, r.Paths[0].OK = nil, 0, 0
	}
	for _, tt := range []struct {
		name    string
		result  *probe.Result
		exit    int
		verdict probe.Verdict
		reason  string
	}{
		{"all answered", edit(t, nil, "peering"), 0, probe.Pass, ""},
		{"denied as expected", edit(t, nil, "isolated"), 0, probe.Pass, ""},
		{"one of two not measurable", edit(t, nil, "peering", "renamed"), 1, probe.Fail, "renamed: not measured: resolve: lookup old.corp.example: no such host"},
		{"nothing measurable", edit(t, nil, "renamed"), 4, probe.Fail, "renamed: not measured: resolve: lookup old.corp.example: no such host"},
		{"nothing answers", edit(t, failAll(probe.Refused), "peering"), 4, probe.Fail, "peering: unreachable, none of 100 probes was answered (refused: why)"},
		{"errors are answers", edit(t, failWith(probe.HTTPStatus, 340), "peering"), 1, probe.Fail,
			"peering: no probe succeeded: 100 x http_status (http_status: why); 100 of 100 connected, in 0.340 ms at the median"},
		{"silent after a connect", edit(t, failWith(probe.Timeout, 340), "peering"), 1, probe.Fail,
			"peering: no probe succeeded: 100 x timeout (timeout: why); 100 of 100 connected, in 0.340 ms at the median"},
		{"no certificate", edit(t, failWith(probe.TLS, 0), "peering"), 1, probe.Fail, "peering: no probe succeeded: 100 x tls (tls: why)"},
		{"wrong answers", edit(t, failWith(probe.Assertion, 0), "peering"), 1, probe.Fail, "peering: no probe succeeded: 100 x assertion (assertion: why)"},
		{"resets", edit(t, failWith(probe.Reset, 0), "peering"), 1, probe.Fail, "peering: no probe succeeded: 100 x reset (reset: why)"},
		{"too many for the server", edit(t, func(r *probe.Result) { r.Paths[0].Limited = 802 }, "peering"), 0, probe.Inconclusive,
			"peering: 802 of 902 probes were over the rate limit of the server and say nothing about the path; probe less often, or raise --rate and --burst of probe serve"},
		{"no descriptors", edit(t, failAll(probe.Local), "peering"), 5, probe.Inconclusive, "peering: none of 100 probes could be sent by this machine (local: why)"},
		{"no privilege", edit(t, noPrivilege, "peering", "isolated"), 5, probe.Inconclusive, "peering: not measured: prepare: no ICMP socket"},
		{"starved", edit(t, poor, "peering"), 5, probe.Inconclusive, "this machine is not fit to measure: timers were 2s late at p99"},
		{"got through", edit(t, func(r *probe.Result) {
			r.Paths[0].Denial = &probe.Denial{Expect: probe.ExpectNever, Connected: 1, Silent: 12, Reading: "1 of 13 probes got through"}
		}, "isolated"), 1, probe.Fail, "isolated: must not be reachable, but 1 of 13 probes got through"},
		{"cut short", edit(t, func(r *probe.Result) { r.Interrupted, r.Paths[0].Unsent = true, 60 }, "peering"), 130, probe.Inconclusive,
			"interrupted after 103 of 163 probes: this is what there was until then"},
		{"cut short, and failed", edit(t, func(r *probe.Result) { failAll(probe.Refused)(r); r.Interrupted = true }, "peering"), 130, probe.Fail,
			"peering: unreachable, none of 100 probes was answered (refused: why)\ninterrupted after 103 of 103 probes: this is what there was until then"},
	} {
		if tt.result.ExitCode != tt.exit || tt.result.Verdict != tt.verdict {
			t.Errorf("%s: got status %d and %s, want %d and %s", tt.name, tt.result.ExitCode, tt.result.Verdict, tt.exit, tt.verdict)
		}
		if got := strings.Join(tt.result.Reasons, "\n"); got != tt.reason {
			t.Errorf("%s: got reasons %q, want %q", tt.name, got, tt.reason)
		}
	}
}

func TestJudge_StrictStopsAtWhatIsOpen(t *testing.T) {
	for strict, want := range map[bool]int{false: 0, true: 2} {
		all, _ := fixture(t)
		r := *all
		r.Paths = []probe.PathResult{all.Paths[0]}
		if err := Judge(&r, Options{Strict: strict, Objectives: []Objective{objective(t, "peering", "p99(connect) < 80ms")}}); err != nil {
			t.Fatal(err)
		}
		if r.ExitCode != want || r.Verdict != probe.Inconclusive {
			t.Errorf("strict %v: got status %d and %s, want %d", strict, r.ExitCode, r.Verdict, want)
		}
	}
}

// A suite without failures must not stand for a run that was cut short, or for a comparison that failed.
func TestJUnit_ShowsWhatNoPathShows(t *testing.T) {
	cut := edit(t, func(r *probe.Result) { r.Interrupted, r.Paths[0].Unsent = true, 60 }, "peering")
	slower, err := Regression(shifted(t, 0), shifted(t, 3000), RegressionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for want, r := range map[string]*probe.Result{
		`failures="0" errors="1" skipped="0"`: cut,
		`failures="1" errors="0" skipped="0"`: slower,
		`failures="0" errors="0" skipped="0"`: edit(t, nil, "peering"),
	} {
		var b bytes.Buffer
		if err := Write(&b, JUnit, r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	var b bytes.Buffer
	if err := Write(&b, JUnit, cut); err != nil || !strings.Contains(b.String(), `<error message="inconclusive: interrupted after 103 of 163 probes: `) {
		t.Errorf("got %v and\n%s", err, b.String())
	}
}
