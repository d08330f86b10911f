package affinitylab

import (
	"context"
	"fmt"
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
	rules := func(verdict string) func(context.Context, *world) error {
		return func(ctx context.Context, _ *world) error { return firewall(ctx, verdict) }
	}
	restart := func(zones ...int) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { return w.each(w.start, zones...) }
	}
	names := func(f dnsFault) func(context.Context, *world) error {
		return func(_ context.Context, w *world) error { w.names.damage(f); return nil }
	}
	switch scenario {
	case "kill":
		return fault{inject: own((*process).kill), repair: restart(0)}, nil
	case "blackhole":
		return fault{inject: rules("drop"), repair: rules("")}, nil
	case "freeze":
		return fault{inject: own(func(p *process) error { return p.signal(syscall.SIGSTOP) }), repair: own(func(p *process) error { return p.signal(syscall.SIGCONT) })}, nil
	case "slow":
		return fault{inject: own(func(p *process) error { return p.order(order{Factor: 10}) }), repair: own(func(p *process) error { return p.order(order{}) })}, nil
	case "errors":
		return fault{inject: own(func(p *process) error { return p.order(order{Status: 503}) }), repair: own(func(p *process) error { return p.order(order{}) })}, nil
	case "flap":
		return fault{inject: rules(reset), repair: rules(""), during: flap}, nil
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
			inject: func(ctx context.Context, w *world) error { w.names.damage(dnsSilent); return w.each((*process).kill, 0) },
			repair: func(ctx context.Context, w *world) error { w.names.damage(dnsWell); return w.each(w.start, 0) },
		}, nil
	case "shift":
		return fault{
			inject: func(_ context.Context, w *world) error { w.regional(1, 2); return nil },
			repair: func(_ context.Context, w *world) error { w.regional(0, 1, 2); return nil },
		}, nil
	case "total":
		return fault{inject: func(_ context.Context, w *world) error { return w.each((*process).kill, 0, 1, 2) }, repair: restart(0, 1, 2)}, nil
	}
	return fault{}, fmt.Errorf("no such scenario, got %q", scenario)
}

// reset ends connections of the zone: packets to it are answered with RST, and packets from it are dropped by their connections' end.
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
		if err := firewall(ctx, verdict); err != nil && ctx.Err() == nil {
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
