package probe_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// fake is a prober whose probes take a given time of a synctest clock.
type fake struct {
	probe    func(n int) (time.Duration, *probe.Failure) // n counts probes from 0
	prepare  func(n int) error
	byPort   func(port uint16) *probe.Failure
	stall    time.Duration // between the timeout and its being noticed
	n        atomic.Int64
	prepared atomic.Int64
	inFlight atomic.Int64
	most     atomic.Int64
	closed   atomic.Bool
	ports    struct {
		sync.Mutex
		m       map[uint16]int // probes in flight; nil: not of interest
		clashes int
	}
}

func (f *fake) Kind() probe.Kind     { return probe.KindTCP }
func (f *fake) Target() probe.Target { return probe.Target{Host: "fake"} }
func (f *fake) Close() error         { f.closed.Store(true); return nil }
func (f *fake) Prepare(context.Context) error {
	n := int(f.prepared.Add(1)) - 1
	if f.prepare == nil {
		return nil
	}
	return f.prepare(n)
}

func (f *fake) Probe(ctx context.Context, shot probe.Shot) probe.Outcome {
	now := f.inFlight.Add(1)
	defer f.inFlight.Add(-1)
	for most := f.most.Load(); now > most && !f.most.CompareAndSwap(most, now); most = f.most.Load() {
	}
	f.usePort(shot.SourcePort, 1)
	defer f.usePort(shot.SourcePort, -1)
	took, fail := time.Millisecond, (*probe.Failure)(nil)
	if f.probe != nil {
		took, fail = f.probe(int(f.n.Add(1)) - 1)
	}
	if f.byPort != nil {
		fail = f.byPort(shot.SourcePort)
	}
	select {
	case <-time.After(took):
	case <-ctx.Done():
		time.Sleep(f.stall)
		class := probe.Timeout
		if ctx.Err() == context.Canceled {
			class = probe.Canceled
		}
		return probe.Outcome{Failure: &probe.Failure{Class: class, Op: "connect"}}
	}
	o := probe.Outcome{Elapsed: probe.MicrosOf(took), Timing: probe.TimingKernel, Failure: fail}
	if fail == nil {
		o.Phases.Connect = probe.MicrosOf(took)
	}
	return o
}

func (f *fake) usePort(port uint16, by int) {
	f.ports.Lock()
	defer f.ports.Unlock()
	if f.ports.m == nil {
		return
	}
	if f.ports.m[port] += by; f.ports.m[port] > 1 {
		f.ports.clashes++
	}
}

func path(name string, p probe.Prober) probe.Path { return probe.Path{Name: name, Prober: p} }

func run(t *testing.T, ctx context.Context, p probe.Plan) *probe.Result {
	t.Helper()
	res, err := probe.Run(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	return res
}
