package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

func verdictOf(t *testing.T, r *Report, name string) PathVerdict {
	t.Helper()
	for _, v := range r.Paths {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no verdict on %s", name)
	return PathVerdict{}
}

func want(t *testing.T, r *Report, name string, verdict Verdict, words ...string) {
	t.Helper()
	v := verdictOf(t, r, name)
	if v.Verdict != verdict {
		t.Errorf("%s: got %s (%s), want %s", name, v.Verdict, v.Reason, verdict)
	}
	for _, w := range words {
		if !strings.Contains(v.Reason, w) {
			t.Errorf("%s: reason %q does not say %q", name, v.Reason, w)
		}
	}
}

func TestJudge_AllWell(t *testing.T) {
	c := loaded(t, twoVantages())
	r := c.Judge(wellFound(c))
	want(t, r, "idc", Pass, "p50(connect) 5.04ms", "p90 5.08ms", "fail 0.00%")
	want(t, r, "peering", Pass)
	want(t, r, "back", Pass)
	want(t, r, "isolated", Pass, "100 of 100 probes got no answer", "nothing else in this run shows that it was")
	want(t, r, "home", NotMeasured, "measured by people")
	want(t, r, "paper", NotMeasured, "declared, not measured")
	if r.Verdict != NotMeasured || r.Incomplete {
		t.Errorf("verdict %s, incomplete %t; what nobody measures is never green, and no fault of the gate's", r.Verdict, r.Incomplete)
	}
	if got, want := r.Summary, "notMeasured: 4 of 6 paths pass, 2 declared, not measured"; got != want {
		t.Errorf("got summary %q, want %q", got, want)
	}
	if v := verdictOf(t, r, "isolated"); v.FailPct != nil || v.P50 != nil {
		t.Error("a path that must not work has figures; its failures are no loss")
	}
	if len(r.Comparisons) != 1 || r.Comparisons[0].Order != "interleaved" || r.Comparisons[0].Verdict != "faster" {
		t.Errorf("got comparisons %+v", r.Comparisons)
	}
	if len(r.Result.Paths) != 6 || r.Result.Verdict != probe.Skipped || r.Result.ExitCode != report.ExitPass || r.Result.Paths[2].Vantage.Region != "us-west-2" {
		t.Errorf("merged result: %d paths, verdict %s, %v", len(r.Result.Paths), r.Result.Verdict, r.Result.Reasons)
	}
}

// Whatever is rendered of a run says which paths nobody measured, and is not green.
func TestJudge_ResultHoldsWhatWasNotMeasured(t *testing.T) {
	c := loaded(t, twoVantages())
	for name, of := range map[string]struct {
		findings []Finding
		exit     int
		skipped  map[string]string
	}{
		"nobody's": {wellFound(c), report.ExitPass, map[string]string{"home": "measured by people", "paper": "declared, not measured"}},
		"lost":     {wellFound(c)[1:], report.ExitUnmeasurable, map[string]string{"idc": "its vantage was not asked", "peering": "its vantage was not asked"}},
	} {
		r := c.Judge(of.findings).Result
		if r.Verdict != probe.Skipped || r.ExitCode != of.exit || !r.Started.Equal(wellFound(c)[0].Result.Started) {
			t.Errorf("%s: verdict %s, exit status %d, begins at %s", name, r.Verdict, r.ExitCode, r.Started)
		}
		var junit strings.Builder
		if err := report.Write(&junit, report.JUnit, r); err != nil {
			t.Fatal(err)
		}
		for path, why := range of.skipped {
			if p := report.Find(r, path); p == nil || p.Failure == nil || p.Failure.Detail != why {
				t.Errorf("%s: %s is %+v, want %q", name, path, p, why)
			}
			if !strings.Contains(junit.String(), `<skipped message="`+path+": not measured: ") {
				t.Errorf("%s: %s is not skipped in\n%s", name, path, &junit)
			}
		}
	}
}

func TestJudge_OnlyMeasuredPathsPass(t *testing.T) {
	c := twoVantages()
	c.Paths = c.Paths[:4]
	c = loaded(t, c)
	if r := c.Judge(wellFound(c)); r.Verdict != Pass || r.Summary != "pass: 4 of 4 paths pass" {
		t.Errorf("got %s: %s", r.Verdict, r.Summary)
	}
}

func TestJudge_WhatGoesWrong(t *testing.T) {
	seoul, oregon := "seoul/app/apne2-az1", "oregon/service/usw2-az1"
	for name, c := range map[string]struct {
		change  func(*Config, []Finding) []Finding
		path    string
		verdict Verdict
		words   []string
		overall Verdict
		partial bool // Incomplete
	}{
		"objective missed": {func(c *Config, f []Finding) []Finding {
			f[0] = finding(c, seoul, found(c.Path("idc"), 100, 0, 25*ms), f[0].Result.Paths[1])
			return f
		}, "idc", Fail, []string{"p90(connect) < 15ms", "refuted"}, Fail, false},
		"losses": {func(c *Config, f []Finding) []Finding {
			f[0] = finding(c, seoul, found(c.Path("idc"), 100, 7, 5*ms), f[0].Result.Paths[1])
			return f
		}, "idc", Fail, []string{"fail < 5%", "7 of 100"}, Fail, false},
		"unreachable": {func(c *Config, f []Finding) []Finding {
			f[1] = finding(c, oregon, found(c.Path("back"), 100, 100, 0), f[1].Result.Paths[1])
			return f
		}, "back", Fail, []string{"unreachable, none of 100 probes was answered"}, Fail, false},
		"not isolated": {func(c *Config, f []Finding) []Finding {
			f[1] = finding(c, oregon, f[1].Result.Paths[0], denied(c.Path("isolated"), 100, false))
			return f
		}, "isolated", Fail, []string{"must not be reachable"}, Fail, false},
		"faster than light": {func(c *Config, f []Finding) []Finding {
			f[0] = finding(c, seoul, found(c.Path("idc"), 100, 0, ms/10), f[0].Result.Paths[1])
			return f
		}, "idc", Inconclusive, []string{"a round trip of 100µs is shorter than physics allows (500µs)"}, Inconclusive, false},
		"another zone": {func(c *Config, f []Finding) []Finding {
			f[0].Result.Vantage.AZID = "apne2-az3"
			return f
		}, "idc", Inconclusive, []string{"measured from zone apne2-az3, not from apne2-az1"}, Inconclusive, false},
		"starved vantage": {func(c *Config, f []Finding) []Finding {
			f[0] = finding(c, seoul, found(c.Path("idc"), 100, 0, 25*ms), f[0].Result.Paths[1])
			f[0].Result.Env.Quality = probe.Degraded
			return f
		}, "idc", Inconclusive, []string{"short of processor time"}, Inconclusive, false},
		"vantage lost": {func(_ *Config, f []Finding) []Finding {
			f[0].Result, f[0].State.Error = nil, "could not be invoked"
			return f
		}, "peering", NotMeasured, []string{"could not be invoked"}, NotMeasured, true},
		"vantage not asked": {func(_ *Config, f []Finding) []Finding { return f[1:] }, "idc", NotMeasured, []string{"was not asked"}, NotMeasured, true},
		"path left out": {func(_ *Config, f []Finding) []Finding {
			f[0].Result.Paths = f[0].Result.Paths[:1]
			return f
		}, "peering", NotMeasured, []string{"does not hold it"}, NotMeasured, true},
		"another kind": {func(_ *Config, f []Finding) []Finding {
			f[0].Result.Paths[0].Kind = probe.KindDNS
			return f
		}, "idc", NotMeasured, []string{"does not hold it"}, NotMeasured, true},
		"refused by the vantage": {func(_ *Config, f []Finding) []Finding {
			p := &f[0].Result.Paths[0]
			*p = probe.PathResult{Name: p.Name, Kind: p.Kind, Failure: &probe.Failure{Class: probe.Local, Op: "prepare", Detail: "may not"}}
			return f
		}, "idc", NotMeasured, []string{"prepare: may not"}, NotMeasured, true},
		"name unknown": {func(_ *Config, f []Finding) []Finding {
			p := &f[0].Result.Paths[0]
			*p = probe.PathResult{Name: p.Name, Kind: p.Kind, Failure: &probe.Failure{Class: probe.DNS, Op: "resolve", Detail: "no such host"}}
			return f
		}, "idc", Fail, []string{"no such host"}, Fail, false},
		"samples dropped": {func(_ *Config, f []Finding) []Finding {
			f[0].Result.Paths[0].Samples, f[0].SamplesDropped = nil, true
			return f
		}, "idc", Inconclusive, []string{"left its samples out"}, Inconclusive, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := loaded(t, twoVantages())
			r := cfg.Judge(c.change(cfg, wellFound(cfg)))
			want(t, r, c.path, c.verdict, c.words...)
			if r.Verdict != c.overall || r.Incomplete != c.partial {
				t.Errorf("overall %s, incomplete %t: %s", r.Verdict, r.Incomplete, r.Summary)
			}
			if r.Result.Verdict != r.Verdict.ofResult() || r.Result.ExitCode != r.ExitCode() || r.Result.Started.IsZero() {
				t.Errorf("the merged result has verdict %s, exit status %d and begins at %s", r.Result.Verdict, r.Result.ExitCode, r.Result.Started)
			}
			if reasons := strings.Join(r.Result.Reasons, "\n"); !strings.Contains(reasons, c.path+": ") {
				t.Errorf("the merged result does not say what speaks against %s:\n%s", c.path, reasons)
			}
			if !strings.Contains(r.Lines(), string(c.verdict)+" "+c.path+": ") {
				t.Errorf("lines:\n%s", r.Lines())
			}
		})
	}
}

// Paths of two vantages have nothing in common that interleaving could cancel out.
func TestJudge_AcrossVantages(t *testing.T) {
	c := twoVantages()
	c.Objectives = []string{"p50(idc.connect) < 0.5 * p50(peering.connect)", "p50(idc.connect) < p50(back.connect)"}
	c.Comparisons = []Comparison{{Paths: []string{"back", "idc", "peering"}, Phase: probe.PhaseConnect}}
	c = loaded(t, c)
	r := c.Judge(wellFound(c))
	if len(r.Objectives) != 2 || r.Objectives[0].Verdict != probe.Pass || r.Objectives[1].Verdict != probe.Fail {
		t.Errorf("got %+v", r.Objectives)
	}
	if r.Verdict != Fail || !strings.Contains(r.Summary, "p50(idc.connect) < p50(back.connect): fail") {
		t.Errorf("got %s", r.Summary)
	}
	for _, x := range r.Comparisons {
		if x.Order != "sequential" || x.A != "back" {
			t.Errorf("got %+v", x)
		}
	}
	r = c.Judge(wellFound(c)[:1])
	if r.Objectives[1].Verdict != probe.Skipped || !strings.Contains(r.Objectives[1].Reason, "back was not measured") {
		t.Errorf("got %+v", r.Objectives[1])
	}
	if r.Comparisons[0].Verdict != "inconclusive" || !strings.Contains(r.Comparisons[0].Reason, "back was not measured") {
		t.Errorf("got %+v", r.Comparisons[0])
	}
}

func TestJudge_NothingFound(t *testing.T) {
	c := loaded(t, twoVantages())
	r := c.Judge(nil)
	for _, v := range r.Paths {
		if v.Verdict != NotMeasured {
			t.Errorf("%s: %s", v.Name, v.Verdict)
		}
	}
	if r.Verdict != NotMeasured || !r.Incomplete || r.FailedInStack() != nil {
		t.Errorf("%s, %t", r.Verdict, r.Incomplete)
	}
	c = loaded(t, &Config{Schema: ConfigSchema, Network: "n", Paths: []Path{{Name: "a", Measured: ByNobody}}})
	if r := c.Judge(nil); r.Result.Verdict != probe.Skipped || r.Incomplete || r.Verdict != NotMeasured {
		t.Errorf("got %+v", r)
	}
}

// Silence proves something where the same target answers somebody else.
func TestJudge_SilenceBesideAnAnswer(t *testing.T) {
	c := twoVantages()
	c.Paths[3].Target.Host = c.Paths[2].Target.Host
	c = loaded(t, c)
	want(t, c.Judge(wellFound(c)), "isolated", Pass, "it answered path back in this run")
}

func TestJudge_Submitted(t *testing.T) {
	c := twoVantages()
	c.Paths[4].SLO, c.Paths[4].Bound = "p90(connect) < 50ms", 100
	c = loaded(t, c)
	r := finding(c, "seoul/app/apne2-az1", found(c.Path("home"), 100, 0, 70*ms)).Result
	some, err := c.For(&Event{Caller: ByDirect, Submitted: r, Paths: []string{"home"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := some.Judge(Submitted(r))
	want(t, got, "home", Fail, "p90(connect) < 50ms")
	if got.Verdict != Fail || got.Incomplete || len(got.Paths) != 1 || got.Result.Paths[0].Vantage.Kind != "client" {
		t.Errorf("got %+v", got)
	}
	if e := ofPath(written(t, some, got), "home"); len(e) != 1 || e[0]["SourceAzId"] != NoZone || e[0]["SloPass"] != 0.0 {
		t.Errorf("got %v", e)
	}
	r.Paths[0].Target.Port = 22
	want(t, some.Judge(Submitted(r)), "home", NotMeasured, "the result is about tcp://10.0.0.227:22, the path about port 7007")
	_, err = c.For(&Event{Caller: ByDirect, Submitted: r, Paths: []string{"idc"}}, nil)
	if err == nil || !strings.Contains(err.Error(), "path idc is measured by lambda; submit paths") {
		t.Errorf("got %v", err)
	}
}

func TestCheckAge(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		0: "", MaxAge: "", -maxSkew: "",
		MaxAge + time.Minute:   "24h1m0s ago",
		-maxSkew - time.Minute: "yet to come",
	} {
		err := CheckAge(&probe.Result{Started: now.Add(-ago - time.Second), Duration: 1_000_000}, now)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s ago: got %v, want %q", ago, err, want)
		}
	}
	if err := CheckAge(&probe.Result{}, now); err == nil || !strings.Contains(err.Error(), "does not say when") {
		t.Errorf("without a time: got %v", err)
	}
}

func TestJudge_FailedInStack(t *testing.T) {
	c := loaded(t, twoVantages())
	f := wellFound(c)
	f[0] = finding(c, "seoul/app/apne2-az1", found(c.Path("idc"), 100, 100, 0), found(c.Path("peering"), 100, 100, 0))
	if got := cmp.Diff([]string{"peering"}, c.Judge(f).FailedInStack()); got != "" {
		t.Error(got)
	}
}

func TestWorst(t *testing.T) {
	if got := Worst(Pass, NotMeasured, Inconclusive); got != Inconclusive {
		t.Errorf("got %s", got)
	}
	if got := Worst(Pass, Pass); got != Pass {
		t.Errorf("got %s", got)
	}
}
