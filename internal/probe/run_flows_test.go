package probe_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestRun_TriesFailedFlowsAgain(t *testing.T) {
	var mu sync.Mutex
	var ports []uint16 // in the order of their first use
	f := &fake{byPort: func(port uint16) *probe.Failure {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
		if slices.Index(ports, port) == 1 {
			return &probe.Failure{Class: probe.Timeout, Op: "connect"}
		}
		return nil
	}}
	p := run(t, t.Context(), probe.Plan{
		Paths: []probe.Path{{Name: "a", Prober: f, Flows: 4}}, Count: 8, Interval: time.Millisecond, InFlight: 1, Warmup: -1,
	}).Paths[0]
	if p.Sent != 8 || p.OK != 6 || len(p.Samples) != 8+probe.Reprobes {
		t.Errorf("sent %d, ok %d, %d samples", p.Sent, p.OK, len(p.Samples))
	}
	for i, flow := range p.Flows.Flows {
		want := map[int]int{1: probe.Reprobes}[i]
		if flow.Sent != 2 || flow.Reprobed != want || flow.ReprobedOK != 0 {
			t.Errorf("flow %d: got %+v, want %d re-probes", i, flow, want)
		}
	}
}

// Two connections cannot have both ends in common.
func TestRun_UsesAPortForOneProbeAtATime(t *testing.T) {
	f := &fake{probe: func(int) (time.Duration, *probe.Failure) { return 5 * time.Millisecond, nil }}
	f.ports.m = map[uint16]int{}
	res := run(t, t.Context(), probe.Plan{Paths: []probe.Path{{Name: "a", Prober: f, Flows: 2}}, Count: 20, Interval: time.Millisecond})
	if len(f.ports.m) != 2 || f.ports.clashes > 0 || f.most.Load() != 2 {
		t.Errorf("%d ports, used by two probes at once %d times, %d in flight; want 2, never, 2", len(f.ports.m), f.ports.clashes, f.most.Load())
	}
	for i, s := range res.Paths[0].Samples {
		if s.Flow != i%2+1 {
			t.Errorf("sample %d is of flow %d", i, s.Flow)
		}
	}
}
