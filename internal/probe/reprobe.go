package probe

import (
	"context"
	"sync"
	"time"
)

// reprobe tries flows that failed again, some times each, at the plan's interval. What fails again and again from one
// port, while other ports work, is a dead way.
func (r *run) reprobe(ctx context.Context, live []*lane) {
	var wg sync.WaitGroup
	for _, l := range live {
		flows := l.failedFlows()
		if len(flows) == 0 {
			continue
		}
		l.reprobes = make([]Sample, 0, len(flows)*Reprobes)
		queue := make(chan int, len(flows))
		for _, f := range flows {
			queue <- f
		}
		close(queue)
		for range r.plan.InFlight {
			wg.Go(func() {
				for f := range queue {
					l.reprobeFlow(ctx, r, f)
				}
			})
		}
	}
	wg.Wait()
}

// failedFlows returns the flows, counted from 1, in which a probe failed that counts as loss.
func (l *lane) failedFlows() []int {
	if l.path.Expect != ExpectAnswer || l.counts.ok == 0 { // a path that is down has no dead ways to find
		return nil
	}
	failedOnce := make([]bool, len(l.flows))
	for i := range l.samples {
		if s := &l.samples[i]; l.done[i] && s.Flow > 0 && !s.OK() && s.Failure.Class.CountsAsLoss() {
			failedOnce[s.Flow-1] = true
		}
	}
	var flows []int
	for i, f := range failedOnce {
		if f {
			flows = append(flows, i+1)
		}
	}
	return flows
}

func (l *lane) reprobeFlow(ctx context.Context, r *run, f int) {
	for range Reprobes {
		if !pause(ctx, r.plan.Interval) {
			return
		}
		s := Sample{Reprobe: true, Flow: f, Scheduled: signed(time.Since(r.started))}
		if !l.probe(ctx, r, &s) {
			return
		}
		l.mu.Lock()
		s.Index = len(l.slots) + len(l.reprobes)
		l.reprobes = append(l.reprobes, s)
		l.mu.Unlock()
		if r.plan.OnSample != nil {
			r.plan.OnSample(l.index, &s)
		}
	}
}
