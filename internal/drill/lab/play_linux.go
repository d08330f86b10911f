package lab

import (
	"context"
	"fmt"
	"time"
)

// stage is a world in which traffic flows, for a scenario to play on.
type stage struct {
	*world
	customer, aws *routeWatch
	by            []legs

	fault, repair, over time.Time // repair is zero where the fault ends by itself
	problems            []string
}

// gone waits until both sides' routes have lost the tunnel, and watches a little longer.
func (s *stage) gone(ctx context.Context) error {
	limit := s.cell.timers().OneWay() + 5*time.Second
	err := until(ctx, limit, s.cell.poll(), "both routes to lose the tunnel", func() bool {
		_, c := s.customer.since(s.fault, false)
		_, a := s.aws.since(s.fault, false)
		return c && a
	})
	if err != nil {
		return err
	}
	return sleep(ctx, time.Second)
}

// settle watches until the fault is over for everybody: until both routes have lost the tunnel and have it again, or for
// as long as a hold time, which may still run, and some more.
func (s *stage) settle(ctx context.Context, since time.Time) error {
	limit := time.Until(since.Add(s.cell.timers().Session() + 5*time.Second))
	if limit <= 0 {
		return nil
	}
	back := func(w *routeWatch) bool {
		down, lost := w.since(s.fault, false)
		up, again := w.since(down, true)
		return lost && again && up.After(since) && w.both()
	}
	if err := until(ctx, limit, s.cell.poll(), "", func() bool { return back(s.customer) && back(s.aws) }); err != nil && ctx.Err() != nil {
		return err
	}
	return nil
}

// undone causes a fault, waits until both sides have noticed, and undoes it.
func (s *stage) undone(ctx context.Context, do, undo func() error) error {
	s.fault = time.Now()
	if err := do(); err != nil {
		return err
	}
	if err := s.gone(ctx); err != nil {
		return err
	}
	s.repair = time.Now()
	return undo()
}

func (s *stage) linkCustomer(ctx context.Context) error {
	device := s.gw.Tunnels[0].Interface()
	return s.undone(ctx, func() error { return s.idc.IP("link set " + device + " down") }, func() error { return s.idc.IP("link set " + device + " up") })
}

func (s *stage) linkAWS(ctx context.Context) error {
	return s.undone(ctx, func() error { return s.tgw.IP("link set " + vpn(0) + " down") }, func() error { return s.tgw.IP("link set " + vpn(0) + " up") })
}

// rules are lines of iproute2's that make a path lose what goes to AWS's endpoint, or what comes from there. A rule
// drops without a word, where a route would answer.
func rules(verb string, out, in bool) (lines string) {
	if out {
		lines += fmt.Sprintf("rule %s to %s/32 priority 10 blackhole\n", verb, awsOutside[0])
	}
	if in {
		lines += fmt.Sprintf("rule %s from %s/32 priority 11 blackhole\n", verb, awsOutside[0])
	}
	return lines
}

// lose lasts until the customer's IKE has given the tunnel up, too: a shorter fault may end in the middle of that.
func (s *stage) lose(ctx context.Context, out, in bool) error {
	path := s.tunnels.path(0)
	return s.undone(ctx, func() error { return path.IP(rules("add", out, in)) }, func() error {
		if err := sleep(ctx, time.Until(s.fault.Add(s.cell.timers().DeadPeer()+2*time.Second))); err != nil {
			return err
		}
		s.repair = time.Now()
		return path.IP(rules("del", out, in))
	})
}

func (s *stage) blackhole(ctx context.Context) error    { return s.lose(ctx, true, true) }
func (s *stage) blackholeOut(ctx context.Context) error { return s.lose(ctx, true, false) }
func (s *stage) blackholeIn(ctx context.Context) error  { return s.lose(ctx, false, true) }

func (s *stage) daemonCustomer(ctx context.Context) error {
	s.fault = time.Now()
	s.tunnels.killCustomer()
	if err := sleep(ctx, customerRestart); err != nil {
		return err
	}
	if err := s.tunnels.startCustomer(ctx); err != nil {
		return err
	}
	return s.settle(ctx, time.Now())
}

func (s *stage) daemonAWS(ctx context.Context) error {
	s.fault = time.Now()
	if err := s.replaceEndpoint(ctx); err != nil {
		return err
	}
	return s.settle(ctx, time.Now())
}

// replaceEndpoint cannot be reached before it is complete: a daemon that has no connections yet would answer, with an
// error.
func (s *stage) replaceEndpoint(ctx context.Context) error {
	path := s.tunnels.path(0)
	return inOrder(
		func() error { return path.IP(rules("add", true, true)) },
		func() error { return s.tunnels.killAWS(ctx, 0) },
		func() error { return sleep(ctx, awsRestart) },
		func() error { return s.tunnels.startAWS(ctx, 0) },
		func() error { return path.IP(rules("del", true, true)) })
}

func (s *stage) maintenance(ctx context.Context) error {
	s.fault = time.Now()
	if err := s.setMEDs(ctx, drained); err != nil {
		return err
	}
	if err := s.gone(ctx); err != nil {
		return err
	}
	if err := s.replaceEndpoint(ctx); err != nil {
		return err
	}
	// The old BGP session may still look alive; the new one begins after the customer's IKE has noticed.
	if err := sleep(ctx, s.cell.timers().Session()); err != nil {
		return err
	}
	err := until(ctx, 90*time.Second, time.Second, "BGP over the replaced tunnel", func() bool { return s.established(ctx, 0) })
	if err != nil {
		return err
	}
	s.repair = time.Now()
	return s.setMEDs(ctx, usual)
}

// flap is over before BGP's hold time ends, so one side may keep a session of which the other knows nothing.
func (s *stage) flap(ctx context.Context) error {
	device := s.gw.Tunnels[0].Interface()
	s.fault = time.Now()
	for range 3 {
		if err := s.idc.IP("link set " + device + " down"); err != nil {
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
		if err := s.idc.IP("link set " + device + " up"); err != nil {
			return err
		}
		s.repair = time.Now()
		if err := sleep(ctx, 2*time.Second); err != nil {
			return err
		}
	}
	return s.settle(ctx, s.repair)
}
