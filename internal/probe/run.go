package probe

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/probe/kernel"
)

// Run measures a plan. It returns an error only for a plan that cannot be run; paths that cannot be measured, and runs
// that ctx ends early, are in the result. It closes the plan's probers.
//
// While it samples, the garbage collector of this process rests until memory grows by some 50 MB.
func Run(ctx context.Context, plan Plan) (*Result, error) {
	plan = plan.withDefaults()
	if err := plan.check(); err != nil {
		return nil, err
	}
	r := &run{plan: plan, started: time.Now(), rng: rand.New(rand.NewPCG(plan.Seed, 0))}
	defer r.close()
	defer kernel.KeepStamping()()
	for i := range plan.Paths {
		r.lanes = append(r.lanes, &lane{index: i, path: &plan.Paths[i]})
	}
	r.prepare(ctx)
	r.measure(ctx)
	res := r.result()
	res.Interrupted = ctx.Err() != nil
	return res, nil
}

// run is one call of Run.
type run struct {
	plan     Plan
	started  time.Time
	sampling time.Time // when the first slot was due
	rng      *rand.Rand
	lanes    []*lane
	looks    int
	machine  machineUse
}

// close frees what probers hold. Their errors come too late to matter.
func (r *run) close() {
	for _, l := range r.lanes {
		_ = l.path.Prober.Close()
	}
}

// prepare resolves all paths, waits for those that have to become ready, and picks source ports.
func (r *run) prepare(ctx context.Context) {
	var wg sync.WaitGroup
	for _, l := range r.lanes {
		wg.Go(func() {
			if l.path.Ready != nil {
				l.ready, l.failure = awaitReady(ctx, l.path.Prober, *l.path.Ready, r.plan.Timeout)
				return
			}
			tryCtx, cancel := context.WithTimeout(ctx, r.plan.Timeout)
			defer cancel()
			if err := l.path.Prober.Prepare(tryCtx); err != nil {
				l.failure = classified("resolve", err)
			}
		})
	}
	wg.Wait()
	taken := map[uint16]bool{}
	for _, l := range r.lanes {
		if l.failure == nil && ctx.Err() == nil {
			l.failure = l.pickPorts(ctx, r.rng, taken)
		}
	}
}

// measure does all looks, then the re-probes.
func (r *run) measure(ctx context.Context) {
	live := slices.DeleteFunc(slices.Clone(r.lanes), func(l *lane) bool { return l.failure != nil })
	if len(live) == 0 {
		return
	}
	defer quietCollector()()
	before := readMachineUse()
	r.sampling = time.Now()
	n := r.plan.perPath()
	for {
		r.look(ctx, live, n)
		r.looks++
		if ctx.Err() != nil || r.plan.More == nil || r.looks >= r.plan.MaxLooks || len(live[0].slots)*2 > MaxSamples {
			break
		}
		r.machine = readMachineUse().minus(before)
		if !r.plan.More(r.looks, r.result()) {
			break
		}
		n = len(live[0].slots) - r.plan.Warmup
	}
	r.reprobe(ctx, live)
	r.machine = readMachineUse().minus(before)
}

// look gives n more slots to each path and works them off.
func (r *run) look(ctx context.Context, live []*lane, n int) {
	base := time.Since(r.started)
	var wg sync.WaitGroup
	for i, instants := range schedule(r.rng, len(live), n, r.plan.Interval) {
		l := live[i]
		l.extend(base, instants)
		for range min(r.plan.InFlight, n) {
			wg.Go(func() { l.work(ctx, r) })
		}
	}
	wg.Wait()
}

// result makes a Result of what there is so far.
func (r *run) result() *Result {
	p := r.plan
	res := &Result{
		Schema: Schema, RunID: p.RunID, Tool: p.Tool, Vantage: p.Vantage,
		Started: r.started.UTC().Round(0), Duration: MicrosOf(time.Since(r.started)),
		Settings: Settings{
			Seed: p.Seed, Interval: MicrosOf(p.Interval), Timeout: MicrosOf(p.Timeout), InFlight: p.InFlight,
			Looks: r.looks, MaxLooks: 1,
		},
	}
	if p.More != nil {
		res.Settings.MaxLooks = p.MaxLooks
	}
	setDefault(&res.Tool.Go, runtime.Version())
	for _, l := range r.lanes {
		res.Paths = append(res.Paths, l.result(r))
		if ip := l.sourceIP(); !res.Vantage.SourceIP.IsValid() {
			res.Vantage.SourceIP = ip
		}
	}
	res.Env = r.environment(res.Paths)
	return res
}
