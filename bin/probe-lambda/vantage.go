package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/probe"
)

// vantageMargin is what is left of an invocation's time for the answer; never more than a quarter of it.
const vantageMargin = 5 * time.Second

// vantage measures from its own subnet.
type vantage struct {
	key, azID, region, version string

	allow    gate.AllowList
	allowErr error // an answer to the gate, not a function that does not start
	log      *slog.Logger

	mu   sync.Mutex
	warm bool
	last memo
}

// memo is the last request with its answer, so that one that comes twice is measured once.
type memo struct {
	digest [sha256.Size]byte
	answer *gate.VantageResponse
}

func newVantage(getenv func(string) string, log *slog.Logger) *vantage {
	v := &vantage{key: getenv(gate.EnvVantage), azID: getenv(gate.EnvAZID), region: getenv("AWS_REGION"), version: version(), log: log}
	v.allow, v.allowErr = gate.LoadAllow(getenv(gate.EnvAllow), getenv(gate.EnvValues))
	return v
}

// handle serves one request. It answers always: what went wrong is in the answer.
func (v *vantage) handle(ctx context.Context, raw json.RawMessage) (*gate.VantageResponse, error) {
	digest := sha256.Sum256(raw)
	v.mu.Lock()
	last, cold := v.last, !v.warm
	v.warm = true
	v.mu.Unlock()
	if last.answer != nil && last.digest == digest {
		v.log.Info("answered before", "run", last.answer.RunID)
		return last.answer, nil
	}
	var req gate.VantageRequest
	err := json.Unmarshal(raw, &req)
	answer := &gate.VantageResponse{Schema: gate.VantageSchema, RunID: req.RunID, Vantage: v.key, AZID: v.azID}
	var result *probe.Result
	if err == nil {
		v.log.Info("request", "run", req.RunID, "task", req.Task, "paths", len(req.Paths))
		result, err = v.guarded(ctx, req, cold)
	}
	if err == nil {
		err = answer.Pack(result)
	}
	if err != nil {
		v.log.Error("not measured", "run", req.RunID, "error", err.Error())
		answer.Error, answer.Result = err.Error(), nil
		return answer, nil
	}
	v.log.Info("answer", "run", req.RunID, "bytes", len(answer.Result), "samplesDropped", answer.SamplesDropped, "quality", result.Env.Quality)
	v.mu.Lock()
	v.last = memo{digest, answer}
	v.mu.Unlock()
	return answer, nil
}

// guarded measures and returns in time for an answer, even if measuring panics or hangs.
func (v *vantage) guarded(ctx context.Context, req gate.VantageRequest, cold bool) (*probe.Result, error) {
	work, grace := budget(ctx, vantageMargin)
	ctx, cancel := context.WithTimeout(ctx, work)
	defer cancel()
	type outcome struct {
		result *probe.Result
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				v.log.Error("panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
				o = outcome{err: fmt.Errorf("internal error: %v; report it with the log of the vantage's function", p)}
			}
			done <- o
		}()
		o.result, o.err = v.run(ctx, req, cold)
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
	}
	select { // a run that heeds its context has what there was until now
	case o := <-done:
		return o.result, o.err
	case <-time.After(grace):
		return nil, errors.New("time is up and the measurement does not stop; look at the log of the vantage's function")
	}
}

// run does what is asked.
func (v *vantage) run(ctx context.Context, req gate.VantageRequest, cold bool) (*probe.Result, error) {
	switch {
	case req.Schema != gate.VantageSchema:
		return nil, fmt.Errorf("schema: got %q, want %q; deploy the gate and its vantages from the same version", req.Schema, gate.VantageSchema)
	case req.Vantage != v.key:
		return nil, fmt.Errorf("vantage: this is %q, the request is for %q; look at the functions that the gate's document names", v.key, req.Vantage)
	case v.allowErr != nil:
		return nil, v.allowErr
	case req.Task != gate.Measure && req.Task != gate.Await:
		return nil, fmt.Errorf("task: unknown, got %q; use %q or %q", req.Task, gate.Measure, gate.Await)
	case len(req.Paths) == 0:
		return nil, errors.New("paths: none")
	}
	if err := req.Check(); err != nil {
		return nil, err
	}
	plan := probe.Plan{
		Count: req.Count, Warmup: req.Warmup, Interval: req.Interval.Duration(), Timeout: req.Timeout.Duration(), InFlight: req.InFlight,
		Seed: req.Seed, RunID: req.RunID, Tool: probe.Tool{Version: v.version},
		Vantage: probe.Vantage{Kind: "lambda", Region: v.region, AZID: v.azID, ColdStart: cold},
	}
	if req.Task == gate.Await { // ready when it works; the one probe after that is not looked at
		plan.Count, plan.Warmup = 1, -1
	}
	refused := v.paths(&plan, req)
	result := &probe.Result{
		Schema: probe.Schema, RunID: req.RunID, Started: time.Now().UTC(), Vantage: plan.Vantage, Env: probe.Env{Quality: probe.Good},
	}
	measured, denied := apart(plan, req.Denials)
	if len(measured.Paths) > 0 {
		var err error
		if result, err = probe.Run(ctx, measured); err != nil {
			return nil, err
		}
	}
	if len(denied.Paths) > 0 {
		if err := deny(ctx, denied, result, len(measured.Paths) > 0); err != nil {
			return nil, err
		}
	}
	result.Paths = append(result.Paths, refused...)
	return result, nil
}

// apart takes the paths that must not work out of a plan, into one with fewer probes: every one of them may wait for its
// whole timeout, and there is nothing to be learned from how long.
func apart(plan probe.Plan, denials int) (measured, denied probe.Plan) {
	measured, denied = plan, plan
	measured.Paths, denied.Paths = nil, nil
	for _, p := range plan.Paths {
		if p.Expect == probe.ExpectAnswer {
			measured.Paths = append(measured.Paths, p)
		} else {
			denied.Paths = append(denied.Paths, p)
		}
	}
	denied.Count, denied.Warmup = cmp.Or(denials, gate.DefaultDenials), -1
	denied.InFlight = min(denied.Count, gate.MaxInFlight)
	denied.Interval = gate.Run{Interval: probe.MicrosOf(plan.Interval)}.DenyInterval().Duration()
	return measured, denied
}

// deny tries what must not work and adds it to what was measured before, if something was: the machine and the settings in
// the result are those of the measurement.
func deny(ctx context.Context, plan probe.Plan, result *probe.Result, add bool) error {
	r, err := probe.Run(ctx, plan)
	if err != nil {
		return err
	}
	if !add {
		*result = *r
		return nil
	}
	later := probe.MicrosOf(r.Started.Sub(result.Started))
	for i := range r.Paths {
		for j := range r.Paths[i].Samples {
			r.Paths[i].Samples[j].Scheduled += later
		}
	}
	result.Paths = append(result.Paths, r.Paths...)
	result.Duration = later + r.Duration
	result.Interrupted = result.Interrupted || r.Interrupted
	return nil
}

// paths adds the request's paths to a plan. What it must not or cannot probe it returns, with the reason.
func (v *vantage) paths(plan *probe.Plan, req gate.VantageRequest) (refused []probe.PathResult) {
	for _, p := range req.Paths {
		prober, err := p.Target.Prober()
		if err == nil && !v.allow.Permits(p.Target) {
			err = fmt.Errorf("target %s: not one that this vantage may probe; deploy the gate and its vantages from the same version", p.Target)
		}
		if err != nil {
			v.log.Warn("path refused", "path", p.Name, "error", err.Error())
			refused = append(refused, probe.PathResult{
				Name: p.Name, Kind: p.Target.Kind, Target: probe.Target{Host: p.Target.Host, Port: p.Target.Port},
				Failure: &probe.Failure{Class: probe.Local, Op: "prepare", Detail: err.Error()},
			})
			continue
		}
		path := probe.Path{Name: p.Name, Prober: prober, Flows: p.Flows, Tunnels: p.Tunnels, Expect: p.Expect}
		if req.Task == gate.Await && p.Ready != nil {
			path.Ready = &probe.Ready{Within: p.Ready.Within.Duration(), Consecutive: p.Ready.Consecutive, Poll: p.Ready.Poll.Duration()}
			path.Flows = 0
		}
		plan.Paths = append(plan.Paths, path)
	}
	return refused
}

// version is the module's version, if the program was built from one.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}

// budget is how long the work of one invocation may take: until its deadline, less the margin for the answer, which is
// never more than a quarter of the time. Work then has grace, a tenth of the margin, to say how far it came.
func budget(ctx context.Context, margin time.Duration) (work, grace time.Duration) {
	left := 15 * time.Minute // Lambda's maximum; it always sets a deadline
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	margin = min(margin, left/4)
	return left - margin, margin / 10
}
