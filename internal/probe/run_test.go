package probe_test

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestRun_CountsWhatCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{probe: func(n int) (time.Duration, *probe.Failure) {
			switch n {
			case 1: // warm-up
				return time.Millisecond, &probe.Failure{Class: probe.Refused, Op: "connect"}
			case 10:
				return time.Millisecond, &probe.Failure{Class: probe.Refused, Op: "connect"}
			case 20, 21:
				return time.Millisecond, &probe.Failure{Class: probe.Local, Op: "connect"}
			case 30:
				return time.Hour, nil
			}
			return time.Millisecond, nil
		}}
		res := run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("a", f)}, InFlight: 1, RunID: "r1"})
		p := res.Paths[0]
		if p.Sent != 98 || p.OK != 96 || p.Invalid != 2 || p.Warmup != 3 || p.Unsent != 0 || len(p.Samples) != 103 {
			t.Errorf("got sent %d, ok %d, invalid %d, warm-up %d, unsent %d, %d samples", p.Sent, p.OK, p.Invalid, p.Warmup, p.Unsent, len(p.Samples))
		}
		if p.Errors[probe.Refused] != 1 || p.Errors[probe.Timeout] != 1 || len(p.Errors) != 2 {
			t.Errorf("got %v", p.Errors)
		}
		if want := 100 * 2.0 / 98; p.FailPct != want {
			t.Errorf("got %f %% failed, want %f", p.FailPct, want)
		}
		if res.Schema != probe.Schema || res.RunID != "r1" || res.Interrupted || !f.closed.Load() {
			t.Errorf("got %+v", res)
		}
	})
}

// What a slow probe costs is lag of later ones, never their absence.
func TestRun_NeverSkipsASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{probe: func(n int) (time.Duration, *probe.Failure) {
			if n == 20 {
				return 2 * time.Second, nil
			}
			return time.Millisecond, nil
		}}
		p := run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("a", f)}, InFlight: 1, Interval: 50 * time.Millisecond, Warmup: -1}).Paths[0]
		if p.Sent != 100 || len(p.Samples) != 100 {
			t.Fatalf("sent %d, %d samples, want 100", p.Sent, len(p.Samples))
		}
		late := 0
		for i, s := range p.Samples {
			if s.Index != i {
				t.Fatalf("sample %d has index %d", i, s.Index)
			}
			if s.Lag > 1000 {
				late++
			}
			if i <= 20 && s.Lag != 0 {
				t.Errorf("slot %d was %d us late before anything was slow", i, s.Lag)
			}
			if gap := s.Scheduled - p.Samples[max(i-1, 0)].Scheduled; i > 0 && (gap < 40_000 || gap > 60_000) {
				t.Errorf("slot %d comes %d us after the one before", i, gap)
			}
		}
		if late < 35 || late > 50 { // 2 s are 40 slots, made up for one a millisecond
			t.Errorf("%d slots were late", late)
		}
	})
}

// A timeout that itself came late says that this machine stood still, not that the path did.
func TestRun_LateTimeoutsAreLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{probe: func(n int) (time.Duration, *probe.Failure) { return time.Hour, nil }}
		f.stall = 99 * time.Millisecond
		if p := run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("a", f)}, Count: 5}).Paths[0]; p.Errors[probe.Timeout] != 5 {
			t.Errorf("99 ms late: got %v, %d invalid", p.Errors, p.Invalid)
		}
		f.stall = 101 * time.Millisecond
		res := run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("a", f)}, Count: 5})
		if p := res.Paths[0]; p.Sent != 0 || p.Invalid != 5 || res.Env.Quality != probe.Poor {
			t.Errorf("101 ms late: sent %d, %d invalid, quality %s", p.Sent, p.Invalid, res.Env.Quality)
		}
	})
}

func TestRun_BoundsProbesInFlightForEachPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := &fake{probe: func(int) (time.Duration, *probe.Failure) { return time.Hour, nil }}
		live := &fake{}
		res := run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("dead", dead), path("live", live)}, Count: 40})
		if got := dead.most.Load(); got != 4 {
			t.Errorf("%d probes in flight, want 4", got)
		}
		for _, s := range res.Paths[1].Samples {
			if s.Lag > 0 {
				t.Fatalf("the dead path made a probe of the other %d us late", s.Lag)
			}
		}
		if res.Paths[0].Errors[probe.Timeout] != 40 {
			t.Errorf("got %v", res.Paths[0].Errors)
		}
	})
}

func TestRun_QuietsTheCollector(t *testing.T) {
	percent := debug.SetGCPercent(100)
	defer debug.SetGCPercent(percent)
	f := &fake{probe: func(int) (time.Duration, *probe.Failure) {
		if debug.SetGCPercent(-1) != -1 {
			t.Error("the garbage collector is on")
		}
		return 0, nil
	}}
	run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("a", f)}, Count: 1, Warmup: -1})
	if debug.SetGCPercent(100) != 100 {
		t.Error("the garbage collector stays off")
	}
}

func TestRun_InterleavesPaths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []int
		plan := probe.Plan{
			Paths: []probe.Path{path("a", &fake{}), path("b", &fake{}), path("c", &fake{})}, Count: 50, Seed: 7,
			OnSample: func(path int, _ *probe.Sample) {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, path)
			},
		}
		run(t, t.Context(), plan)
		orders := map[string]bool{}
		for i := 0; i+3 <= len(order); i += 3 {
			round := fmt.Sprint(order[i : i+3])
			if strings.Count(round, "0") != 1 || strings.Count(round, "1") != 1 || strings.Count(round, "2") != 1 {
				t.Fatalf("round %d is %s", i/3, round)
			}
			orders[round] = true
		}
		if len(orders) < 4 {
			t.Errorf("rounds come in %d orders: %v", len(orders), orders)
		}
	})
}

func TestRun_SameSeedSameSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		instants := func(seed uint64) (out []probe.Micros) {
			for _, s := range run(t, t.Context(), probe.Plan{Paths: []probe.Path{path("a", &fake{})}, Count: 20, Seed: seed}).Paths[0].Samples {
				out = append(out, s.Scheduled)
			}
			return out
		}
		one, again, other := fmt.Sprint(instants(1)), fmt.Sprint(instants(1)), fmt.Sprint(instants(2))
		if one != again || one == other {
			t.Errorf("seed 1: %s and %s; seed 2: %s", one, again, other)
		}
	})
}

func TestRun_EndsAfterDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		slow := &fake{probe: func(int) (time.Duration, *probe.Failure) { return 500 * time.Millisecond, nil }}
		res := run(t, t.Context(), probe.Plan{
			Paths: []probe.Path{path("live", &fake{}), path("slow", slow)}, Duration: 10 * time.Second, Interval: 100 * time.Millisecond, InFlight: 2, Warmup: -1,
		})
		if took := time.Since(start); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("took %s", took)
		}
		live, starved := res.Paths[0], res.Paths[1]
		if live.Sent < 95 || live.Sent > 100 {
			t.Errorf("sent %d on the live path", live.Sent)
		}
		if starved.Unsent == 0 || starved.Sent+starved.Unsent != 100 {
			t.Errorf("sent %d and left out %d of 100 on the slow path", starved.Sent, starved.Unsent)
		}
	})
}

func TestRun_CancelGivesWhatThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &fake{probe: func(n int) (time.Duration, *probe.Failure) {
			if n == 30 {
				cancel()
				return time.Hour, nil
			}
			return time.Millisecond, nil
		}}
		res := run(t, ctx, probe.Plan{Paths: []probe.Path{path("a", f)}, InFlight: 1, Warmup: -1})
		p := res.Paths[0]
		if !res.Interrupted || p.Sent != 30 || p.OK != 30 || p.Unsent != 70 || len(p.Samples) != 30 {
			t.Errorf("got interrupted %v, sent %d, ok %d, unsent %d, %d samples", res.Interrupted, p.Sent, p.OK, p.Unsent, len(p.Samples))
		}
	})
}

func TestRun_GoesOnWhileInconclusive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks []int
		res := run(t, t.Context(), probe.Plan{
			Paths: []probe.Path{path("a", &fake{}), path("b", &fake{})}, Count: 100, MaxLooks: 3,
			More: func(look int, so *probe.Result) bool {
				looks = append(looks, look, so.Paths[0].Sent, so.Paths[1].Sent)
				return true
			},
		})
		if got := fmt.Sprint(looks); got != "[1 100 100 2 200 200]" {
			t.Errorf("looks at %s", got)
		}
		if p := res.Paths[0]; p.Sent != 400 || p.Warmup != 3 || res.Settings.Looks != 3 || res.Settings.MaxLooks != 3 {
			t.Errorf("sent %d, warm-up %d, %+v", p.Sent, p.Warmup, res.Settings)
		}
	})
}

func TestRun_LongRunsFoldSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen atomic.Int64
		res := run(t, t.Context(), probe.Plan{
			Paths: []probe.Path{path("a", &fake{})}, Count: probe.MaxSamples + 1, Interval: time.Millisecond, Warmup: -1,
			OnSample: func(int, *probe.Sample) { seen.Add(1) },
		})
		if p := res.Paths[0]; len(p.Samples) != 0 || p.Sent != probe.MaxSamples+1 || seen.Load() != probe.MaxSamples+1 {
			t.Errorf("kept %d samples, sent %d, saw %d", len(p.Samples), p.Sent, seen.Load())
		}
	})
}

func TestRun_RefusesBadPlans(t *testing.T) {
	_, err := probe.Run(t.Context(), probe.Plan{
		Interval: time.Nanosecond, Timeout: -1, InFlight: -1, Count: probe.MaxSamples + 1,
		Paths: []probe.Path{
			{Name: "a"}, path("", &fake{}), path("b", &fake{}), path("b", &fake{}),
			{Name: "c", Prober: &fake{}, Flows: 5000, Tunnels: -1},
			{Name: "d", Prober: &fake{}, Expect: probe.ExpectNever, Ready: &probe.Ready{}},
		},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no prober", `got "" at 1`, `got "b" at 3`, "flows must be", "tunnels must", "rules out", "interval must", "timeout must", "in flight", "at most 100000 samples"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if _, err := probe.Run(t.Context(), probe.Plan{}); err == nil || !strings.Contains(err.Error(), "nothing to measure") {
		t.Errorf("got %v", err)
	}
	var f *probe.Failure
	if errors.As(err, &f) {
		t.Error("a bad plan is no failure of a path")
	}
}
