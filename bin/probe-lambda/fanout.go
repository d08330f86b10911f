package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
)

// round is one run over all vantages.
type round struct {
	*gateFunction
	cloud   *cloud
	config  *gate.Config
	runID   string
	self    arn       // of the gate's function
	started time.Time // of the run, which may be older than this invocation
	end     time.Time // when this invocation has to stop measuring
	short   bool      // and that this is earlier than the run would have to
}

// bound sets the end: before the invocation's deadline, so that what was measured can still be stored, and with the run's
// budget, unless that leaves a continued run no time at all.
func (r *round) bound(ctx context.Context) {
	now := time.Now()
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = now.Add(15 * time.Minute)
	}
	latest := deadline.Add(-min(r.pace.store, deadline.Sub(now)/4))
	r.end = r.started.Add(r.config.Run.Budget.Duration())
	if soonest := now.Add(r.needs()); r.end.Before(soonest) {
		r.end = soonest
	}
	if latest.Before(r.end) {
		r.end, r.short = latest, true
	}
}

// needs is how long it takes to measure.
func (r *round) needs() time.Duration { return r.config.Run.Measuring() + r.pace.start }

// post is a vantage with what the gate knows of it.
type post struct {
	caller
	finding *gate.Finding
	paths   []gate.PathRequest
	pending bool // some of its paths may still come to work
}

// posts prepares the vantages that have something to measure.
func (r *round) posts() []*post {
	var posts []*post
	for i := range r.config.Vantages {
		v := &r.config.Vantages[i]
		p := &post{finding: &gate.Finding{State: gate.VantageState{Key: v.Key, Region: v.Region, AZID: v.AZID}}}
		for j := range r.config.Paths {
			path := &r.config.Paths[j]
			if path.MeasuredHere() && path.Vantage == v.Key {
				p.paths = append(p.paths, gate.PathRequest{
					Name: path.Name, Target: *path.Target, Flows: path.Flows, Tunnels: path.Tunnels, Expect: path.Expect, Ready: path.Ready,
				})
			}
		}
		if len(p.paths) == 0 {
			continue
		}
		p.caller = caller{
			gateFunction: r.gateFunction, api: r.cloud.functions(v.Region), vantage: v, function: r.functionName(v),
			wait: r.config.Run.Wait.Duration(), state: &p.finding.State,
		}
		posts = append(posts, p)
	}
	return posts
}

// functionName is what Lambda knows a vantage by: its name in the gate's own account, or an ARN.
func (r *round) functionName(v *gate.Vantage) string {
	if v.Account == "" || v.Account == r.self.account || strings.HasPrefix(v.Function, "arn:") {
		return v.Function
	}
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", r.self.partition, v.Region, v.Account, v.Function)
}

// each does something for all vantages at once. A panic costs one vantage.
func (r *round) each(posts []*post, do func(*post)) {
	var wg sync.WaitGroup
	for _, p := range posts {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					r.log.Error("panic", "vantage", p.vantage.Key, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
					p.finding.State.Error = fmt.Sprintf("internal error: %v; report it with the log of the gate's function", v)
				}
			}()
			do(p)
		})
	}
	wg.Wait()
}

// measure waits for the paths that have to become ready, then measures all. early says that there was no time for that in
// this invocation; then nothing has been measured. mustEnd rules it out.
func (r *round) measure(ctx context.Context, mustEnd bool) (findings []gate.Finding, early bool) {
	r.bound(ctx)
	ctx, cancel := context.WithDeadline(ctx, r.end)
	defer cancel()
	posts := r.posts()
	r.each(posts, func(p *post) { p.pending = r.await(ctx, p) })
	for _, p := range posts {
		early = early || p.pending
	}
	if early && r.short && !mustEnd {
		return nil, true
	}
	r.each(posts, func(p *post) { r.sample(ctx, p) })
	for _, p := range posts {
		findings = append(findings, *p.finding)
	}
	return findings, false
}

// await waits until the paths of a vantage work. It reports whether some might still come to work if there was more time.
func (r *round) await(ctx context.Context, p *post) (pending bool) {
	waiting := map[string]bool{}
	for _, path := range p.paths {
		waiting[path.Name] = path.Ready != nil
	}
	for {
		left := time.Until(r.end) - r.needs()
		paths, slice := r.stillWaiting(p, waiting, left)
		switch {
		case len(paths) == 0:
			return false
		case left < time.Second || ctx.Err() != nil:
			return true
		}
		asked := time.Now()
		_, result, err := p.ask(ctx, gate.VantageRequest{
			Schema: gate.VantageSchema, RunID: fmt.Sprintf("%s.%d", r.runID, time.Now().UnixMilli()), Vantage: p.vantage.Key, Task: gate.Await,
			Paths: paths, Timeout: r.config.Run.Timeout,
		}, slice+2*r.config.Run.Timeout.Duration())
		if err != nil {
			p.finding.State.Error = err.Error()
			return false
		}
		r.note(p, result, waiting)
		if poll := paths[0].Ready.Poll.Duration(); time.Since(asked) < poll { // a vantage that does not wait is not asked in a circle
			lambdax.Sleep(ctx, poll)
		}
	}
}

// stillWaiting lists the paths to wait for, each for a slice of the time that is left, and the longest slice.
func (r *round) stillWaiting(p *post, waiting map[string]bool, left time.Duration) (paths []gate.PathRequest, longest time.Duration) {
	for _, path := range p.paths {
		if !waiting[path.Name] {
			continue
		}
		own := time.Until(r.started.Add(path.Ready.Within.Duration()))
		if own <= 0 {
			continue
		}
		slice := min(own, left, path.Ready.Slice())
		ready := *path.Ready
		ready.Within = probe.MicrosOf(slice)
		path.Ready = &ready
		paths, longest = append(paths, path), max(longest, slice)
	}
	return paths, longest
}

// note takes the paths that work now off the list.
func (r *round) note(p *post, result *probe.Result, waiting map[string]bool) {
	if p.finding.Ready == nil {
		p.finding.Ready = map[string]probe.Readiness{}
	}
	for i := range result.Paths {
		found := &result.Paths[i]
		if !waiting[found.Name] {
			continue
		}
		ready := p.finding.Ready[found.Name]
		ready.Waited = probe.MicrosOf(time.Since(r.started))
		if found.Ready != nil {
			ready.OK, ready.Tries = found.Ready.OK, ready.Tries+found.Ready.Tries
		}
		p.finding.Ready[found.Name] = ready
		if ready.OK || found.Failure != nil && found.Failure.Class == probe.Local { // waiting cures no missing permission
			delete(waiting, found.Name)
		}
	}
}

// sample measures the paths of a vantage.
func (r *round) sample(ctx context.Context, p *post) {
	if p.finding.State.Error != "" {
		return
	}
	run := r.config.Run
	answer, result, err := p.ask(ctx, gate.VantageRequest{
		Schema: gate.VantageSchema, RunID: r.runID, Vantage: p.vantage.Key, Task: gate.Measure, Paths: p.paths,
		Count: run.Count, Warmup: run.Warmup, Denials: run.Denials, Interval: run.Interval, Timeout: run.Timeout, InFlight: run.InFlight, Seed: seed(r.runID),
	}, run.Measuring())
	if err != nil {
		p.finding.State.Error = err.Error()
		return
	}
	result.Vantage.Subnet = p.vantage.Subnet
	p.finding.Result, p.finding.SamplesDropped = result, answer.SamplesDropped
}

// seed makes a run repeatable: the same id gives the same schedule.
func seed(runID string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(runID))
	return h.Sum64()
}
