package affinitylab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// fault is how a scenario is carried out. repair undoes it; during runs while it lasts and ends by its context.
type fault struct {
	inject, repair func(context.Context, *world) error
	during         func(context.Context, *world) error
}

func faultOf(scenario string) (fault, error) {
	own := func(f func(*process) error) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { return w.each(f, 0) }
	}
	rules := func(network, verdict string) func(context.Context, *world) error {
		return func(ctx context.Context, _ *world) error { return firewall(ctx, network, verdict) }
	}
	kill := func(zones ...int) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { return w.each((*process).kill, zones...) }
	}
	orders := func(o order, zones ...int) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error {
			return w.each(func(p *process) error { return p.order(o) }, zones...)
		}
	}
	restart := func(zones ...int) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { return w.each(w.start, zones...) }
	}
	names := func(f dnsFault) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { w.names.damage(f); return nil }
	}
	switch scenario {
	case "kill", "kill-single", "kill-post", "cloudmap-kill":
		return fault{inject: kill(0), repair: restart(0)}, nil
	case "cloudmap-down":
		return fault{
			inject: func(ctx context.Context, w *world) error {
				return errors.Join(w.registry.cmd.Process.Signal(syscall.SIGSTOP), kill(0)(ctx, w))
			},
			repair: func(ctx context.Context, w *world) error {
				return errors.Join(w.registry.cmd.Process.Signal(syscall.SIGCONT), restart(0)(ctx, w))
			},
		}, nil
	case "replace":
		return fault{inject: replace, during: func(ctx context.Context, w *world) error {
			if !pause(ctx, drain) {
				return ctx.Err()
			}
			return errors.Join(w.zones[0][0].kill(), w.zones[0][1].kill())
		}, repair: func(context.Context, *world) error { return nil }}, nil
	case "two-zones":
		return fault{inject: kill(0, 1), repair: restart(0, 1)}, nil
	case "other-zone":
		return fault{inject: kill(1), repair: restart(1)}, nil
	case "one-blackhole":
		return fault{inject: rules(secondServer, "drop"), repair: rules(secondServer, "")}, nil
	case "blackhole", "blackhole-default", "blackhole-quiet", "blackhole-cold", "blackhole-single", "blackhole-post":
		return fault{inject: rules(wholeZone, "drop"), repair: rules(wholeZone, "")}, nil
	case "freeze":
		return fault{inject: own(func(p *process) error { return p.signal(syscall.SIGSTOP) }), repair: own(func(p *process) error { return p.signal(syscall.SIGCONT) })}, nil
	case "slow":
		return fault{inject: orders(order{Factor: 10}, 0), repair: orders(order{}, 0)}, nil
	case "slow-everywhere":
		return fault{inject: orders(order{Factor: 10}, 0, 1, 2), repair: orders(order{}, 0, 1, 2)}, nil
	case "errors":
		return fault{inject: orders(order{Status: 503}, 0), repair: orders(order{}, 0)}, nil
	case "overload":
		return fault{
			inject: func(ctx context.Context, w *world) error {
				return errors.Join(orders(order{Rate: overloadPerServer}, 1, 2)(ctx, w), kill(0)(ctx, w))
			},
			repair: func(ctx context.Context, w *world) error {
				return errors.Join(restart(0)(ctx, w), orders(order{}, 1, 2)(ctx, w))
			},
		}, nil
	case "flap":
		return fault{inject: rules(wholeZone, reset), repair: rules(wholeZone, ""), during: flap}, nil
	case "one-endpoint":
		return fault{
			inject: func(_ context.Context, w *world) error { return w.zones[0][0].kill() },
			repair: func(_ context.Context, w *world) error { return w.start(w.zones[0][0]) },
		}, nil
	case "discovery":
		return fault{inject: names(dnsServFail), repair: names(dnsWell), during: func(ctx context.Context, w *world) error {
			pause(ctx, 5*time.Second)
			w.names.damage(dnsSilent)
			return nil
		}}, nil
	case "discovery-and-kill":
		return fault{
			inject: func(ctx context.Context, w *world) error {
				w.names.damage(dnsSilent)
				return w.each((*process).kill, 0)
			},
			repair: func(ctx context.Context, w *world) error { w.names.damage(dnsWell); return w.each(w.start, 0) },
		}, nil
	case "shift":
		return fault{
			inject: func(_ context.Context, w *world) error { w.regional(1, 2); return nil },
			repair: func(_ context.Context, w *world) error { w.regional(0, 1, 2); return nil },
		}, nil
	case "total":
		return fault{inject: kill(0, 1, 2), repair: restart(0, 1, 2)}, nil
	}
	return fault{}, fmt.Errorf("no such scenario, got %q", scenario)
}

// replace starts as many servers again in the own zone, and gives the names their addresses in place of the old ones.
func replace(_ context.Context, w *world) error {
	for s := range perZone {
		if err := w.add(0, perZone+s); err != nil {
			return err
		}
	}
	fresh := []netip.Addr{addrOf(0, perZone), addrOf(0, perZone+1)}
	w.names.set(zoneIDs[0]+"."+serviceName, fresh)
	w.names.set(serviceName, slices.Concat(fresh, w.addrsOf(1), w.addrsOf(2)))
	return nil
}

// reset answers packets to the zone with RST, as a machine does that knows nothing of a connection.
const reset = "reject with tcp reset"

// flap takes the fault away and brings it back, a second each.
func flap(ctx context.Context, _ *world) error {
	for on := false; ; on = !on {
		if !pause(ctx, time.Second) {
			return nil
		}
		verdict := ""
		if on {
			verdict = reset
		}
		if err := firewall(ctx, wholeZone, verdict); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// pause waits, and reports false if the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
