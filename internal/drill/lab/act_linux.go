package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/probe"
)

// act carries a cell out in this process, which must have a network of its own, and fills in its row.
func act(ctx context.Context, c Cell, dir string) *drill.Row {
	row := c.row()
	ctx, cancel := context.WithTimeoutCause(ctx, c.life(), fmt.Errorf("not done after %s", c.life()))
	defer cancel()
	if err := perform(ctx, c, dir, row); err != nil {
		row.Break(err)
	}
	return row
}

func perform(ctx context.Context, c Cell, dir string, row *drill.Row) error {
	play := scenarioNamed(c.Scenario)
	if play == nil {
		return fmt.Errorf("no such scenario, got %q; use one of %s", c.Scenario, strings.Join(Scenarios(), ", "))
	}
	w, err := newWorld(ctx, c, dir)
	if err != nil {
		return err
	}
	s := &stage{world: w, customer: watchRoute(ctx, w.idc, cloud, c.poll()), aws: watchRoute(ctx, w.tgw, site, c.poll())}
	if err := s.twoPaths(ctx, 60*time.Second); err != nil {
		return err
	}
	hold, err := w.negotiated(ctx)
	if err != nil {
		return err
	}
	if row.Hold = drill.Span(hold); hold != c.timers().Session() {
		s.problems = append(s.problems, fmt.Sprintf("BGP runs on a hold time of %s, and %s was rendered", hold, c.timers().Session()))
	}
	recording, arrived, err := s.record(ctx, play)
	if err != nil {
		return err
	}
	s.judge(row, play, recording, arrived)
	return nil
}

// twoPaths waits until both routers have two next hops in the kernel.
func (s *stage) twoPaths(ctx context.Context, limit time.Duration) error {
	err := until(ctx, limit, s.cell.poll(), "two next hops in the kernel's routes of both sides", func() bool { return s.customer.both() && s.aws.both() })
	if err != nil {
		return fmt.Errorf("%w; customer:%s; aws:%s; %s", err, s.customer.tell(s.since()), s.aws.tell(s.since()), s.tunnels.listSAs(ctx))
	}
	return nil
}

// since is what times in messages count from.
func (s *stage) since() time.Time {
	if s.fault.IsZero() {
		return time.Now()
	}
	return s.fault
}

// before and after are how long traffic is watched around what happens.
const before, after = 2 * time.Second, 2 * time.Second

// record lets traffic flow while the scenario is played, until both sides have had two paths for a while.
func (s *stage) record(ctx context.Context, play *scenario) (*drill.Recording, *drill.Arrivals, error) {
	ports, by, err := s.pickPorts(ctx)
	if err != nil {
		return nil, nil, err
	}
	s.by = by
	arrived := &drill.Arrivals{}
	stop, err := s.serveEcho(ctx, arrived)
	if err != nil {
		return nil, nil, err
	}
	defer stop()
	var stream *drill.Stream
	err = s.lan.Do(func() (err error) {
		stream, err = drill.Open(drill.StreamConfig{Target: netip.AddrPortFrom(cloudHost, echoPort), Ports: ports, Together: s.cell.Tier == UML})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	streamCtx, endStream := context.WithCancel(ctx)
	defer endStream()
	done := make(chan *drill.Recording, 1)
	go func() { done <- stream.Run(streamCtx) }()
	err = inOrder(
		func() error { return sleep(ctx, before) },
		func() error { return play.play(s, ctx) },
		func() error { return s.twoPaths(ctx, 90*time.Second) },
		func() error { s.over = time.Now(); return sleep(ctx, after) })
	endStream()
	return <-done, arrived, err
}

func (s *stage) serveEcho(ctx context.Context, arrived *drill.Arrivals) (stop func(), err error) {
	var server *probe.Server
	err = s.vpc.Do(func() (err error) {
		server, err = probe.Listen(probe.ServerConfig{UDP: netip.AddrPortFrom(cloudHost, echoPort).String(), Rate: 1e6, Burst: 1e6, OnUDP: arrived.Note})
		return err
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ctx) // what it did not answer is in what is measured
	}()
	return func() {
		cancel()
		<-done
	}, nil
}

// judge fills in what was measured, and says what is wrong with it.
func (s *stage) judge(row *drill.Row, play *scenario, r *drill.Recording, arrived *drill.Arrivals) {
	measured := r.Flows()
	arrived.Explain(measured)
	exposed, problems := label(measured, s.by, play.exposes)
	row.Exposed = &exposed
	row.Measured(measured, r.Lag)
	row.Expected = play.expected(s.cell.timers())
	row.Expected.High += row.Lag // which is this machine's, not the network's
	if r.Skipped > 0 {
		row.Reasons = append(row.Reasons, fmt.Sprintf("this machine was busy: %d probes were late by a whole interval and left out", r.Skipped))
	}
	s.problems = append(s.problems, problems...)
	s.problems = append(s.problems, s.quiet(r)...)
	if !s.fault.IsZero() {
		row.CustomerRoute, row.AWSRoute, row.TwoPaths = s.lost(s.customer), s.lost(s.aws), s.restored()
	}
	row.Judge(s.problems...)
}

// quiet returns what is wrong although nothing failed at the time: before the fault, and at the end.
func (s *stage) quiet(r *drill.Recording) (problems []string) {
	sentAt := func(t time.Time) time.Duration { return t.Sub(r.Start) }
	if !s.fault.IsZero() {
		// What is on its way when the fault comes is the fault's.
		if _, lost, _ := drill.Totals(r.Between(0, sentAt(s.fault)-r.Interval)); lost > 0 {
			problems = append(problems, fmt.Sprintf("%d probes were lost before the fault", lost))
		}
	}
	if _, lost, _ := drill.Totals(r.Between(sentAt(s.over)+after/2, 1<<62)); lost > 0 {
		problems = append(problems, fmt.Sprintf("%d probes were lost after the fault was over and both sides had two paths", lost))
	}
	if !s.customer.both() || !s.aws.both() {
		problems = append(problems, fmt.Sprintf("two paths did not last: customer%s; aws%s", s.customer.tell(s.since()), s.aws.tell(s.since())))
	}
	if sent, _, _ := drill.Totals(r.Flows()); r.Skipped*50 > sent || r.Limited > 0 {
		problems = append(problems, fmt.Sprintf("the measurement is spoilt: of %d probes %d were left out because this machine was late, and %d refused by the server", sent+r.Skipped, r.Skipped, r.Limited))
	}
	return problems
}

// lost is the time from the fault until a route had lost the tunnel; nil if it never did.
func (s *stage) lost(w *routeWatch) *drill.Span {
	if at, ok := w.since(s.fault, false); ok {
		return drill.SpanOf(at.Sub(s.fault))
	}
	return nil
}

// restored is the time from the repair, or without one from the fault, until both routes had both tunnels for good; nil if
// they never lost one.
func (s *stage) restored() *drill.Span {
	from := s.fault
	if !s.repair.IsZero() {
		from = s.repair
	}
	last := s.customer.last()
	if s.aws.last().After(last) {
		last = s.aws.last()
	}
	if !last.After(from) {
		return nil
	}
	return drill.SpanOf(last.Sub(from))
}
