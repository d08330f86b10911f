package affinitylab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

// RunCell is the main function of a cell's process, which is in namespaces of its own. It writes a row to out. zone is the command of a
// zone's server.
func RunCell(ctx context.Context, c Cell, zone []string, out io.Writer) error {
	row := c.run(ctx, zone)
	return json.NewEncoder(out).Encode(row)
}

func (c Cell) run(ctx context.Context, zone []string) Row {
	s, ok := scenario(c.Scenario)
	row := Row{Scenario: c.Scenario, Fault: s.Fault, Rests: s.Rests}
	fail := func(err error) Row {
		row.Verdict, row.Reasons = Broken, []string{err.Error()}
		return row
	}
	f, err := faultOf(c.Scenario)
	if err != nil || !ok {
		return fail(err)
	}
	size := perZone
	if s.Single {
		size = 1
	}
	w, err := newWorld(ctx, zone, size)
	if err != nil {
		return fail(err)
	}
	defer w.close()
	if s.CloudMap {
		if err := w.startRegistry(ctx); errors.Is(err, errNoMoto) {
			row.Verdict, row.Reasons = Skipped, []string{err.Error()}
			return row
		} else if err != nil {
			return fail(err)
		}
	}
	if s.Cold {
		if err := f.inject(ctx, w); err != nil {
			return fail(fmt.Errorf("the fault: %w", err))
		}
		f.inject = func(context.Context, *world) error { return nil }
	}
	start := time.Now()
	all, err := clients(w, s, start)
	if err != nil {
		return fail(err)
	}
	err = c.play(ctx, w, f, start, all)
	runtime.KeepAlive(w) // servers end when the pipes with their orders are closed
	if err != nil {
		return fail(err)
	}
	for _, client := range all {
		row.Clients = append(row.Clients, measure(client.name, c, client.recorder))
	}
	row.Clients[0].Post = s.Post
	if err := row.Clients[0].compare(w, all[0].recorder); err != nil {
		return fail(err)
	}
	row.Verdict, row.Reasons = s.judge(&row.Clients[0])
	return row
}

// compare asks the servers which calls reached them.
func (m *Measured) compare(w *world, r *recorder) error {
	done, err := w.arrived()
	if err != nil {
		return err
	}
	m.Attempts = len(r.attempts)
	for _, n := range done {
		m.Arrived += n
		if n > 1 && m.Post {
			m.Twice++
		}
	}
	for _, c := range r.calls {
		if !c.Failed && done[c.ID] == 0 {
			m.Unknown++
		}
	}
	return nil
}

// play lets the clients call while the fault comes and goes.
func (c Cell) play(ctx context.Context, w *world, f fault, start time.Time, all []*client) error {
	ctx, cancel := context.WithDeadline(ctx, start.Add(c.spans().end))
	defer cancel()
	var load sync.WaitGroup
	for _, client := range all {
		load.Go(func() { client.load(ctx, start) })
	}
	err := c.fault(ctx, w, f, start)
	if err != nil {
		cancel() // nothing is left to measure
	}
	load.Wait()
	for _, client := range all {
		err = errors.Join(err, client.close())
	}
	return err
}

func (c Cell) fault(ctx context.Context, w *world, f fault, start time.Time) error {
	s := c.spans()
	if !pause(ctx, time.Until(start.Add(s.fault))) {
		return ctx.Err()
	}
	if err := f.inject(ctx, w); err != nil {
		return fmt.Errorf("the fault: %w", err)
	}
	if took := time.Since(start) - s.fault; took > time.Second {
		return fmt.Errorf("the fault took %s to carry out", took)
	}
	during, end := context.WithDeadline(ctx, start.Add(s.repair))
	defer end()
	if f.during != nil {
		if err := f.during(during, w); err != nil {
			return fmt.Errorf("during the fault: %w", err)
		}
	}
	<-during.Done()
	if err := f.repair(ctx, w); err != nil {
		return fmt.Errorf("the repair: %w", err)
	}
	return nil
}

// load begins calls at fixed times, whatever became of earlier ones: a caller's users do not wait for each other either.
func (c *client) load(ctx context.Context, start time.Time) {
	var calls sync.WaitGroup
	defer calls.Wait()
	outlast := context.WithoutCancel(ctx) // a call that began is seen to its end
	for n := 0; ; n++ {
		due := start.Add(time.Duration(n) * c.every)
		if !pause(ctx, time.Until(due)) {
			return
		}
		calls.Go(func() { c.call(outlast, n, time.Since(due)) })
	}
}
