//go:build linux

package lab_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/probe/lab"
	"github.com/pathproof/pathproof/internal/probe/lab/labtest"
)

func flowsJob(d *json.Decoder) (any, error) {
	var e probe.Endpoint
	if err := d.Decode(&e); err != nil {
		return nil, err
	}
	res, err := probe.Run(context.Background(), probe.Plan{
		Paths: []probe.Path{{Name: "vpn", Prober: &probe.TCPEcho{Endpoint: e}, Flows: 16, Tunnels: 2}},
		Count: 64, Interval: 10 * time.Millisecond, Timeout: 250 * time.Millisecond, InFlight: 16, Seed: 4, Warmup: -1,
	})
	if err != nil {
		return nil, err
	}
	return res.Paths[0], nil
}

// Two equal routes, as over the two tunnels of a VPN connection; one loses everything.
func TestFlows_ADeadNextHopIsSeen(t *testing.T) {
	labtest.Need(t)
	e := newEnds(t, lab.Cable{Delay: oneWay})
	dead := e.connect(t, lab.Cable{Device: "t1", Delay: oneWay, Drop: func(lab.Packet) bool { return true }})
	check(t,
		e.a.IP(`address add 10.77.1.1/30 dev t1
			address add 10.78.0.1/32 dev lo
			route add 10.79.0.1/32 src 10.78.0.1 nexthop via 10.77.0.2 dev t0 nexthop via 10.77.1.2 dev t1`),
		e.a.Set("ipv4.fib_multipath_hash_policy=1"),
		e.b.IP(`address add 10.77.1.2/30 dev t1
			address add 10.79.0.1/32 dev lo
			route add 10.78.0.1/32 via 10.77.0.1 dev t0`),
		e.b.Set("ipv4.conf.all.rp_filter=0", "ipv4.conf.t1.rp_filter=0"))
	var s *probe.Server
	check(t, e.b.Do(func() (err error) {
		s, err = probe.Listen(probe.ServerConfig{TCP: "10.79.0.1:7007"})
		return err
	}))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	defer func() { stop(); check(t, <-done) }()

	var got probe.PathResult
	e.inA(t, "flows", probe.Endpoint{Host: "10.79.0.1", Port: 7007}, &got)
	if got.Flows == nil {
		t.Fatalf("no flows: %+v", got)
	}
	t.Logf("%d of %d probes ok, errors %v\n%s", got.OK, got.Sent, got.Errors, got.Flows.Reading)
	if got.Flows.Identity != probe.Observed || got.Flows.Dead != 1 || got.Flows.Of != 2 {
		t.Errorf("got %s, %d of %d; want 1 of 2 tunnels dead", got.Flows.Identity, got.Flows.Dead, got.Flows.Of)
	}
	lost := dead.SYNs()
	if len(lost) == 0 || len(lost) == 16 {
		t.Fatalf("the kernel sent %d of 16 flows to the dead next hop", len(lost))
	}
	for _, f := range got.Flows.Flows {
		if want := map[bool]int{true: probe.Reprobes}[f.OK < f.Sent]; f.Reprobed != want {
			t.Errorf("flow %d: ok %d of %d, re-probed %d times, want %d", f.LocalPort, f.OK, f.Sent, f.Reprobed, want)
		}
		if isDead := f.OK+f.ReprobedOK == 0; isDead != (lost[f.LocalPort] > 0) {
			t.Errorf("flow %d: ok %d of %d, re-probed %d of %d; the dead next hop got %d SYNs of it",
				f.LocalPort, f.OK, f.Sent, f.ReprobedOK, f.Reprobed, lost[f.LocalPort])
		}
	}
}
