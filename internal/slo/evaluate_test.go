package slo

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/stats"
)

const ms = stats.Latency(time.Millisecond)

// run returns n probes with times from 60 ms up in steps of 0.1 ms, in an order that has no trend, and then lost ones.
func run(n, lost int, plus stats.Latency) Run {
	var series []stats.Latency
	for i := range n {
		series = append(series, 60*ms+plus+stats.Latency(i*37%n)*ms/10)
	}
	series = append(series, slices.Repeat([]stats.Latency{stats.Lost}, lost)...)
	return Run{Phases: map[string][]stats.Latency{"connect": series}, Sent: n + lost, Failed: lost, Quality: Good}
}

func (r Run) with(q Quality) Run {
	r.Quality = q
	return r
}

func (r Run) retransmitted(n int) Run {
	r.SynLost = n
	return r
}

// The 100 times are 60.0 to 69.9 ms: p50 is 64.9 ms, with one-sided 95 % bounds x42 = 64.1 and x59 = 65.8 ms.
var measured = map[string]Run{
	"own":      run(100, 0, 0),
	"slower":   run(100, 0, 8*ms),
	"same":     run(100, 0, ms/10),
	"few":      run(10, 0, 0),
	"lossy":    run(88, 12, 0).retransmitted(3),
	"down":     run(0, 100, 0),
	"starved":  run(100, 0, 20*ms).with(Degraded),
	"unfit":    run(80, 20, 20*ms).with(Poor),
	"unfit0":   run(0, 100, 0).with(Poor),
	"noTime":   {Sent: 100},
	"halfLeft": run(52, 48, 8*ms),
	"halfLost": run(48, 52, 0),
}

var evaluations = []struct {
	own, source            string
	strict, lenient, point Verdict
}{
	{"own", "p50(connect) < 66ms", Pass, Pass, Pass},
	{"own", "p50(connect) < 65.5ms", Inconclusive, Pass, Pass},
	{"own", "p50(connect) < 64.5ms", Inconclusive, Pass, Failed},
	{"own", "p50(connect) < 64.1ms", Failed, Failed, Failed},
	{"own", "p50(connect) <= 64.1ms", Inconclusive, Pass, Failed},
	{"own", "p50(connect) > 64ms", Pass, Pass, Pass},
	{"own", "p50(connect) > 65ms", Inconclusive, Pass, Failed},
	{"own", "66ms <= p50(connect)", Failed, Failed, Failed},
	{"own", "2 * p50(connect) < 132ms", Pass, Pass, Pass},
	{"own", "2 * p50(connect) < 128ms", Failed, Failed, Failed},
	{"own", "max(connect) < 70ms and min(connect) >= 60ms", Pass, Pass, Pass},
	{"own", "max(connect) < 69.9ms", Failed, Failed, Failed},
	{"own", "avg(connect) < 67ms", Pass, Pass, Pass},
	{"own", "avg(connect) < 62ms", Failed, Failed, Failed},
	{"own", "spread(connect) < 9ms and jitter(connect) < 9ms", Pass, Pass, Pass},
	{"own", "p99(connect) < 80ms", Inconclusive, Inconclusive, Pass},
	{"own", "fail < 5% and synloss == 0%", Pass, Pass, Pass},
	{"own", "fail < 2%", Inconclusive, Pass, Pass},
	{"own", "p50(nothing) < 66ms", Inconclusive, Inconclusive, Inconclusive},
	{"few", "p50(connect) < 66ms", Pass, Pass, Pass},
	{"few", "p90(connect) < 66ms", Inconclusive, Inconclusive, Pass},
	{"few", "avg(connect) < 66ms", Inconclusive, Inconclusive, Pass},
	{"lossy", "fail < 5%", Failed, Failed, Failed},
	{"lossy", "fail < 10%", Inconclusive, Pass, Failed},
	{"lossy", "fail > 1% and synloss < 10%", Pass, Pass, Pass},
	{"lossy", "p95(connect) < 75ms", Failed, Failed, Failed}, // infinite beyond doubt
	{"lossy", "p90(connect) < 75ms", Inconclusive, Pass, Failed},
	{"lossy", "spread(connect) < 75ms", Inconclusive, Inconclusive, Failed},
	{"down", "p50(connect) < 75ms", Failed, Failed, Failed},
	{"down", "p50(connect) > 75ms", Failed, Failed, Failed},
	{"down", "fail < 5%", Failed, Failed, Failed},
	{"down", "fail == 100%", Pass, Pass, Pass},
	{"down", "fail > 90%", Pass, Pass, Pass},
	{"down", "synloss < 5%", Inconclusive, Inconclusive, Inconclusive},
	{"starved", "p50(connect) < 66ms", Inconclusive, Inconclusive, Inconclusive},
	{"starved", "p50(connect) < 90ms", Pass, Pass, Pass},
	{"starved", "p50(connect) > 70ms", Inconclusive, Inconclusive, Inconclusive}, // the delay may be the prober's
	{"starved", "p50(connect) > 90ms", Inconclusive, Inconclusive, Inconclusive},
	{"starved", "fail < 5%", Pass, Pass, Pass},
	{"unfit", "fail < 5%", Inconclusive, Inconclusive, Inconclusive},
	{"unfit0", "fail < 5%", Failed, Failed, Failed},
	{"unfit0", "p50(connect) < 66ms", Failed, Failed, Failed},
	{"noTime", "p50(connect) < 66ms", Inconclusive, Inconclusive, Inconclusive},
	{"absent", "p50(connect) < 66ms", Skipped, Skipped, Skipped},
	{"absent", "fail < 5%", Skipped, Skipped, Skipped},

	{"", "p50(own.connect) < p50(slower.connect)", Pass, Pass, Pass},
	{"", "p50(slower.connect) < p50(own.connect)", Failed, Failed, Failed},
	{"", "p50(own.connect) < 0.9 * p50(slower.connect)", Pass, Pass, Pass}, // 64.9 against 65.6 ms, and both move together
	{"", "p50(own.connect) < 0.8 * p50(slower.connect)", Failed, Failed, Failed},
	{"", "p50(slower.connect) > 1.1 * p50(own.connect)", Pass, Pass, Pass},
	{"", "max(own.connect) < max(slower.connect)", Pass, Pass, Pass},
	{"", "p99(own.connect) < p99(slower.connect)", Inconclusive, Inconclusive, Pass},
	{"", "p50(own.connect) < p50(halfLeft.connect)", Inconclusive, Inconclusive, Pass},
	{"", "p90(own.connect) < 2 * p50(own.connect)", Pass, Pass, Pass},
	{"", "p50(own.connect) < p50(absent.connect)", Skipped, Skipped, Skipped},
	{"", "p50(own.connect) < p50(down.connect)", Failed, Failed, Failed},
	{"", "p50(own.connect) < p50(few.connect)", Inconclusive, Inconclusive, Inconclusive},
	{"", "p50(starved.connect) < p50(own.connect)", Inconclusive, Inconclusive, Inconclusive},
	{"", "p50(halfLost.connect) < p50(own.connect)", Inconclusive, Inconclusive, Failed},
	{"", "p90(halfLost.connect) < p90(own.connect)", Failed, Failed, Failed},
	{"", "p90(own.connect) < p90(halfLost.connect)", Inconclusive, Inconclusive, Inconclusive},
}

func TestEvaluate(t *testing.T) {
	var b strings.Builder
	for _, c := range evaluations {
		e := must(t, c.source)[0]
		fmt.Fprintf(&b, "%s: %s\n", c.own, c.source)
		for _, mode := range []struct {
			mode Mode
			want Verdict
		}{{Strict, c.strict}, {Lenient, c.lenient}, {Point, c.point}} {
			results := e.Evaluate(c.own, measured, Policy{Latency: mode.mode, Shares: mode.mode, Resampling: stats.Resampling{Resamples: 200}})
			if got := Overall(results); got != mode.want && (mode.want != Skipped || got != Inconclusive || results[0].Verdict != Skipped) {
				t.Errorf("%s, %s, %s: %s, want %s: %s", c.own, c.source, mode.mode, got, mode.want, results[0].Reason)
			}
			for _, r := range results {
				fmt.Fprintf(&b, "  %-8s %-12s %s\n", mode.mode, r.Verdict, r.Reason)
			}
		}
	}
	golden.Compare(t, filepath.Join("testdata", "evaluated.txt"), b.String())
}

// Without a policy, times are judged leniently and shares by point.
func TestEvaluate_Defaults(t *testing.T) {
	e := must(t, "p50(connect) < 64.5ms and fail < 2%")[0]
	if got := Overall(e.Evaluate("own", measured, Policy{})); got != Pass {
		t.Errorf("%s", got)
	}
	if got := Overall(must(t, "fail < 10%")[0].Evaluate("lossy", measured, Policy{})); got != Failed {
		t.Errorf("12%% of losses: %s", got)
	}
}

func TestEvaluate_Warn(t *testing.T) {
	e := must(t, "p50(connect) < 1ms @warn and fail < 5%")[0]
	results := e.Evaluate("own", measured, Policy{})
	if results[0].Verdict != Failed || Overall(results) != Pass {
		t.Errorf("a failed warning: %s, overall %s", results[0].Verdict, Overall(results))
	}
}

func TestOverall(t *testing.T) {
	for _, c := range []struct {
		verdicts []Verdict
		want     Verdict
	}{
		{[]Verdict{Pass, Pass}, Pass}, {[]Verdict{Pass, Inconclusive}, Inconclusive}, {[]Verdict{Inconclusive, Failed}, Failed},
		{[]Verdict{Skipped, Pass}, Inconclusive}, {nil, Pass},
	} {
		var results []Result
		for _, v := range c.verdicts {
			results = append(results, Result{Verdict: v})
		}
		if got := Overall(results); got != c.want {
			t.Errorf("%v: %s, want %s", c.verdicts, got, c.want)
		}
	}
}

// Sequential runs may have different lengths; interleaved ones may not.
func TestEvaluate_Sequential(t *testing.T) {
	e := must(t, "p50(own.connect) < p50(longer.connect)")[0]
	runs := map[string]Run{"own": measured["own"], "longer": run(150, 0, 20*ms)}
	if r := e.Evaluate("", runs, Policy{})[0]; r.Verdict != Inconclusive || !strings.Contains(r.Reason, "100 and 150 slots") {
		t.Errorf("interleaved: %s, %s", r.Verdict, r.Reason)
	}
	if r := e.Evaluate("", runs, Policy{Sequential: true})[0]; r.Verdict != Pass {
		t.Errorf("sequential: %s, %s", r.Verdict, r.Reason)
	}
}
