package replacement

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/vpn"
)

// Target is where flows go to.
type Target struct {
	// Name is what the report calls it.
	Name string
	// Stream says what is sent there. How long is this package's business.
	Stream drill.StreamConfig
}

// Check finds targets that cannot be measured, before anything is sent.
func Check(targets []Target, o Options) error {
	var errs []error
	for _, t := range targets {
		t.Stream.Most = o.longest()
		if s, err := drill.Open(t.Stream); err != nil {
			errs = append(errs, fmt.Errorf("target %s: %w", t.Name, err))
		} else {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// Run measures whether all is well, then replaces the subject's tunnel while it goes on measuring, follows the tunnel until it is
// up again, and reports. silence is the longest that may be felt, 0 for none. When ctx ends after the request, the report holds
// what was measured until then. The error is about a replacement that did not begin.
func Run(ctx context.Context, aws AWS, s *Subject, targets []Target, silence time.Duration, options Options) (*drill.Report, error) {
	r := &running{aws: aws, subject: s, o: options.withDefaults(), targets: targets}
	if err := Check(targets, options); err != nil {
		return nil, err
	}
	if err := r.rehearse(ctx); err != nil {
		return nil, err
	}
	streams, err := r.open(r.o.longest())
	if err != nil {
		return nil, err
	}
	measuring, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	recordings := record(measuring, streams)
	err = r.replace(ctx)
	if err == nil {
		r.follow(ctx)
	}
	stop()
	found := recordings()
	if err != nil {
		return nil, err
	}
	return r.report(found, silence), nil
}

// running is the state of one replacement.
type running struct {
	aws     AWS
	subject *Subject
	o       Options
	targets []Target

	called   time.Time // when the replacement was asked for
	down     time.Time // when EC2 was first seen to say that the tunnel is down; zero: never
	back     time.Time // when it was seen up again; zero: not yet
	problems []string
}

// open opens a stream to every target that sends for a time at most.
func (r *running) open(most time.Duration) ([]*drill.Stream, error) {
	var streams []*drill.Stream
	for _, t := range r.targets {
		t.Stream.Most = most
		s, err := drill.Open(t.Stream)
		if err != nil {
			for _, open := range streams {
				_ = open.Close()
			}
			return nil, fmt.Errorf("target %s: %w", t.Name, err)
		}
		streams = append(streams, s)
	}
	return streams, nil
}

// record runs streams until ctx ends or they have sent for long enough; the result waits for all.
func record(ctx context.Context, streams []*drill.Stream) func() []*drill.Recording {
	out := make([]*drill.Recording, len(streams))
	var wg sync.WaitGroup
	for i, s := range streams {
		wg.Go(func() { out[i] = s.Run(ctx) })
	}
	return func() []*drill.Recording {
		wg.Wait()
		return out
	}
}

// errNothingReplaced is the end of a drill that was interrupted in time.
var errNothingReplaced = errors.New("interrupted: nothing was replaced")

// rehearse measures before anything is replaced: a tunnel is not taken down for a measurement that says nothing.
func (r *running) rehearse(ctx context.Context) error {
	r.o.Progress(fmt.Sprintf("measuring for %s before anything is replaced ...", r.o.Before))
	streams, err := r.open(r.o.Before)
	if err != nil {
		return err
	}
	recordings := record(ctx, streams)()
	if ctx.Err() != nil {
		return errNothingReplaced
	}
	var errs []error
	for i, rec := range recordings {
		if err := unfit(rec); err != nil {
			errs = append(errs, fmt.Errorf("target %s: %w; nothing was replaced", r.targets[i].Name, err))
			continue
		}
		if sent, lost, _ := drill.Totals(rec.Flows()); lost > 0 || sent == 0 {
			errs = append(errs, fmt.Errorf("target %s: %d of %d probes got no answer while both tunnels are up; is pathproof probe serve --udp running there, and may UDP pass? Nothing was replaced", r.targets[i].Name, lost, sent))
		}
	}
	return errors.Join(errs...)
}

// unfit says what spoils a recording. A few late probes do not: they can only make a silence look longer than it was.
func unfit(rec *drill.Recording) error {
	sent, _, _ := drill.Totals(rec.Flows())
	switch {
	case rec.Skipped > max(2, sent/100):
		return fmt.Errorf("%d probes were too late to be sent, beside %d that were sent; measure from a machine with less to do", rec.Skipped, sent)
	case rec.Limited > 0:
		return fmt.Errorf("the target refused %d probes; start it with a higher --rate and --burst", rec.Limited)
	}
	return nil
}

// lead is how long the flows run before the request.
const lead = time.Second

// replace asks AWS. Who interrupts meanwhile still gets the answer: half a request cannot be taken back.
func (r *running) replace(ctx context.Context) error {
	if !sleep(ctx, min(lead, r.o.Before)) {
		return errNothingReplaced
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	called := time.Now()
	if err := r.aws.Replace(asking, r.subject.Connection, r.subject.Tunnel, r.o.ApplyMaintenance, false); err != nil {
		return err
	}
	r.called = called
	r.o.Progress(fmt.Sprintf("asked AWS to replace %s; it cannot be taken back", r.subject.Label()))
	return nil
}

// follow watches the tunnel until it is up again and the time after that is over.
func (r *running) follow(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, r.o.Limit)
	defer cancel()
	for r.back.IsZero() {
		if !sleep(limit, r.o.Poll) {
			r.ended(ctx)
			return
		}
		c, err := r.look(limit)
		if err != nil {
			r.o.Progress(fmt.Sprintf("the tunnels could not be read: %v; trying again", err))
			continue
		}
		r.seen(&c.Tunnels[r.subject.Tunnel.Number-1], &c.Tunnels[r.subject.Other.Number-1])
	}
	if !sleep(ctx, r.o.After) {
		r.problems = append(r.problems, "interrupted after the tunnel was up again: the measurement is shorter than meant")
	}
}

// ended says why nobody waits for the tunnel any longer.
func (r *running) ended(ctx context.Context) {
	if ctx.Err() != nil {
		r.problems = append(r.problems, "interrupted: the replacement goes on at AWS; pathproof vpn status shows when the tunnel is up")
		return
	}
	r.problems = append(r.problems, fmt.Sprintf("%s was not up again within %s; look at it with pathproof vpn status, and at the gateway's log", r.subject.Label(), r.o.Limit))
}

// look reads both tunnels.
func (r *running) look(ctx context.Context) (*vpn.Connection, error) {
	own := *r.subject.Site
	own.Connections = nil
	for _, c := range r.subject.Site.Connections {
		if c.Name == r.subject.Connection.Name {
			own.Connections = append(own.Connections, c)
		}
	}
	found, err := r.aws.Site(ctx, r.subject.Plan, &own)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// seen notes what EC2 says of both tunnels. The tunnel is back when it is up after a change: EC2 goes on to say UP for a while
// after the request, and a short time down can pass between two looks.
func (r *running) seen(t, other *vpn.Tunnel) {
	since := time.Since(r.called).Round(time.Second)
	switch {
	case !t.Up() && r.down.IsZero():
		r.down = time.Now()
		r.o.Progress(fmt.Sprintf("%s: EC2 says %s%s after %s", r.subject.Label(), said(t), message(t), since))
	case t.Up() && (!r.down.IsZero() || t.LastChange.After(r.subject.Tunnel.LastChange)):
		r.back = time.Now()
		r.o.Progress(fmt.Sprintf("%s: up again after %s; measuring for %s more ...", r.subject.Label(), since, r.o.After))
	}
	if problem := "the other tunnel went down too while this one was replaced"; !other.Up() && len(r.problems) == 0 {
		r.problems = append(r.problems, problem)
		r.o.Progress(fmt.Sprintf("%s/%d: EC2 says %s%s: %s", r.subject.Connection.Name, other.Number, said(other), message(other), problem))
	}
}

// sleep waits; false if ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
