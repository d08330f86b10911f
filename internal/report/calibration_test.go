package report

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/stats"
)

// Real runs take most of a minute and want a quiet machine, so they are not for every go test.
var calibrate = flag.Bool("calibrate", false, "count the verdicts of real runs; make bench-probe does so")

// tally counts the verdicts of runs that compare the same two paths.
type tally struct {
	runs, poor int
	verdicts   map[string]int
}

// compareOften measures two paths interleaved, so many times, and compares them each time.
func compareOften(t *testing.T, runs int, margin *stats.Margin, plan func(run int) probe.Plan) tally {
	t.Helper()
	got := tally{runs: runs, verdicts: map[string]int{}}
	for i := range runs {
		r, err := probe.Run(t.Context(), plan(i))
		if err != nil {
			t.Fatal(err)
		}
		if err := Judge(r, Options{Compare: []Pair{{A: r.Paths[0].Name, B: r.Paths[1].Name}}, Margin: margin}); err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Paths {
			if p.OK < 95 {
				t.Fatalf("run %d: %s", i, lossLine(&p))
			}
		}
		got.verdicts[r.Comparisons[0].Verdict]++
		if r.Env.Quality == probe.Poor { // its verdict was taken back
			got.poor++
		}
	}
	if 2*got.poor > runs {
		t.Skipf("NOT TESTED: this machine was too busy in %d of %d runs", got.poor, runs)
	}
	return got
}

// text prints the counts, and the interval of the share of those that called the paths different.
func (g tally) text(different int) string {
	rate := stats.NewRate(different, g.runs, confidence)
	return fmt.Sprintf("called different in %d of %d runs (%.1f%%, 95%% CI %.1f-%.1f%%): %d faster, %d slower, %d equivalent, %d inconclusive; prober poor in %d",
		different, g.runs, 100*rate.Value, 100*rate.Lo, 100*rate.Hi,
		g.verdicts["faster"], g.verdicts["slower"], g.verdicts["equivalent"], g.verdicts["inconclusive"], g.poor)
}

// One server at two addresses: whoever calls these paths different is wrong. There is no margin, which would hide it. At
// the nominal rate of 5 % more than 5 of 40 runs are wrong in 1.4 % of all cases.
func TestCalibration_PathsThatDoNotDiffer(t *testing.T) {
	needCalibration(t)
	s, err := probe.Listen(probe.ServerConfig{TCP: "0.0.0.0:0", Rate: 1e6, Burst: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	echo := func(host string) probe.Path {
		return probe.Path{Name: host, Prober: &probe.TCPEcho{Endpoint: probe.Endpoint{Host: host, Port: s.TCPAddr().Port()}}}
	}
	got := compareOften(t, 40, &stats.Margin{}, func(run int) probe.Plan {
		return probe.Plan{Count: 100, Interval: 5 * time.Millisecond, Seed: uint64(run), Paths: []probe.Path{echo("127.0.0.1"), echo("127.0.0.2")}}
	})
	different := got.verdicts["faster"] + got.verdicts["slower"]
	t.Log("two paths that do not differ, without a margin: " + got.text(different))
	if different > 5 {
		t.Errorf("called different in %d of 40 runs, want at most 5", different)
	}
}

// A server that takes 21 ms is 5 % slower than one that takes 20 ms, beyond the default margin.
func TestCalibration_FindsFivePercent(t *testing.T) {
	needCalibration(t)
	taking := func(name string, d time.Duration) probe.Path {
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(d) }))
		t.Cleanup(s.Close)
		return probe.Path{Name: name, Prober: &probe.HTTP{URL: s.URL, Pin: netip.MustParseAddr("127.0.0.1")}}
	}
	slow, fast := taking("21 ms", 21*time.Millisecond), taking("20 ms", 20*time.Millisecond)
	got := compareOften(t, 10, nil, func(run int) probe.Plan {
		return probe.Plan{Count: 100, Interval: 15 * time.Millisecond, Seed: uint64(run), Paths: []probe.Path{slow, fast}}
	})
	t.Log("a shift of 5 % (21 ms against 20 ms), with the default margin: " + got.text(got.verdicts["faster"]+got.verdicts["slower"]))
	if got.verdicts["slower"] < 8-got.poor || got.verdicts["faster"]+got.verdicts["equivalent"] > 0 {
		t.Errorf("slower in %d of 10 runs, want 8 and none faster or equivalent", got.verdicts["slower"])
	}
}

func needCalibration(t *testing.T) {
	t.Helper()
	if !*calibrate {
		t.Skip("run make bench-probe")
	}
}
