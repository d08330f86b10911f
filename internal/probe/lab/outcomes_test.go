//go:build linux

package lab_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/probe/lab"
	"github.com/pathproof/pathproof/internal/probe/lab/labtest"
)

// attempt asks for one probe.
type attempt struct {
	Kind    probe.Kind
	Host    string
	Port    uint16
	Timeout time.Duration
}

func outcomesJob(d *json.Decoder) (any, error) {
	var attempts []attempt
	if err := d.Decode(&attempts); err != nil {
		return nil, err
	}
	var outcomes []probe.Outcome
	for _, a := range attempts {
		e := probe.Endpoint{Host: a.Host, Port: a.Port}
		p := map[probe.Kind]probe.Prober{
			probe.KindTCP: &probe.TCP{Endpoint: e}, probe.KindUDPEcho: &probe.UDPEcho{Endpoint: e}, probe.KindICMP: &probe.ICMP{Endpoint: e},
		}[a.Kind]
		o, err := once(p, a.Timeout)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

func once(p probe.Prober, timeout time.Duration) (probe.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := p.Prepare(ctx); err != nil {
		return probe.Outcome{}, err
	}
	return p.Probe(ctx, probe.Shot{}), nil
}

// A router's word, a host's refusal and silence are three different things.
func TestOutcomes_OverARealPath(t *testing.T) {
	labtest.Need(t)
	e := newEnds(t, lab.Cable{Delay: oneWay})
	check(t,
		e.b.Set("ipv4.ip_forward=1", "ipv4.icmp_ratelimit=0"), // or some of its answers do not come
		e.b.IP(`route add unreachable 10.90.0.0/24
			route add blackhole 10.91.0.0/24`),
		e.a.IP(`route add 10.90.0.0/24 via 10.77.0.2
			route add 10.91.0.0/24 via 10.77.0.2
			route add unreachable 10.92.0.0/24`))
	tests := []struct {
		name string
		attempt
		want probe.Class
	}{
		{"router says no, TCP", attempt{probe.KindTCP, "10.90.0.1", 80, 3 * time.Second}, probe.Unreachable},
		{"router says no, UDP", attempt{probe.KindUDPEcho, "10.90.0.1", 80, 3 * time.Second}, probe.Unreachable},
		{"router says no, ICMP", attempt{probe.KindICMP, "10.90.0.1", 0, 3 * time.Second}, probe.Unreachable},
		{"own routing table says no", attempt{probe.KindTCP, "10.92.0.1", 80, 3 * time.Second}, probe.Local},
		{"no route at all, TCP", attempt{probe.KindTCP, "10.93.0.1", 80, 3 * time.Second}, probe.Local},
		{"no route at all, UDP", attempt{probe.KindUDPEcho, "10.93.0.1", 80, 3 * time.Second}, probe.Local},
		{"host refuses, TCP", attempt{probe.KindTCP, "10.77.0.2", 9, 3 * time.Second}, probe.Refused},
		{"host refuses, UDP", attempt{probe.KindUDPEcho, "10.77.0.2", 9, 3 * time.Second}, probe.Refused},
		{"silence, TCP", attempt{probe.KindTCP, "10.91.0.1", 80, 300 * time.Millisecond}, probe.Timeout},
		{"silence, UDP", attempt{probe.KindUDPEcho, "10.91.0.1", 80, 300 * time.Millisecond}, probe.Timeout},
		{"silence, ICMP", attempt{probe.KindICMP, "10.91.0.1", 0, 300 * time.Millisecond}, probe.Timeout},
	}
	var attempts []attempt
	for _, test := range tests {
		attempts = append(attempts, test.attempt)
	}
	var got []probe.Outcome
	e.inA(t, "outcomes", attempts, &got)
	for i, test := range tests {
		if f := got[i].Failure; f == nil || f.Class != test.want {
			t.Errorf("%s: got %+v, want %s", test.name, f, test.want)
		}
	}
}

// denialJob measures a path that must be unreachable.
func denialJob(d *json.Decoder) (any, error) {
	var host string
	if err := d.Decode(&host); err != nil {
		return nil, err
	}
	r, err := probe.Run(context.Background(), probe.Plan{Count: 5, Interval: 10 * time.Millisecond, Paths: []probe.Path{
		{Name: "isolated", Prober: &probe.TCP{Endpoint: probe.Endpoint{Host: host, Port: 80}}, Expect: probe.ExpectUnreachable},
	}})
	return r, err
}

// A machine that is offline reaches nothing, and proves nothing by it. A router's word is proof.
func TestDenial_OfflineProvesNothing(t *testing.T) {
	labtest.Need(t)
	e := newEnds(t, lab.Cable{Delay: oneWay})
	check(t,
		e.b.Set("ipv4.ip_forward=1", "ipv4.icmp_ratelimit=0"),
		e.b.IP(`route add unreachable 10.90.0.0/24`),
		e.a.IP(`route add 10.90.0.0/24 via 10.77.0.2`))
	offline, err := lab.NewNamespace()
	check(t, err)
	defer offline.Close() //nolint:errcheck // the test is over
	var routed, alone probe.Result
	e.inA(t, "denial", "10.90.0.1", &routed)
	ends{a: offline}.inA(t, "denial", "10.90.0.1", &alone)
	if d := routed.Paths[0].Denial; d == nil || !d.Held || d.Unreachable < 5 { // of 8; a router may leave one out
		t.Errorf("the router says no: got %+v", d)
	}
	if d := alone.Paths[0].Denial; d == nil || d.Held || alone.Paths[0].Invalid != 5 || alone.Env.Quality != probe.Poor {
		t.Errorf("offline: got %+v, quality %s", d, alone.Env.Quality)
	}
}

// The relay drops the first SYN. The second is answered in about 2 ms, a second later: neither is the path's latency.
func TestOutcomes_LostSYN(t *testing.T) {
	labtest.Need(t)
	var syns atomic.Int64
	e := newEnds(t, lab.Cable{Delay: oneWay, Drop: func(p lab.Packet) bool { return p.SYN && p.FromA && syns.Add(1) == 1 }})
	var s *probe.Server
	check(t, e.b.Do(func() (err error) {
		s, err = probe.Listen(probe.ServerConfig{TCP: "10.77.0.2:7007"})
		return err
	}))
	defer s.Close()
	var got []probe.Outcome
	e.inA(t, "outcomes", []attempt{
		{probe.KindTCP, "10.77.0.2", 7007, 10 * time.Second}, {probe.KindTCP, "10.77.0.2", 7007, 10 * time.Second},
	}, &got)
	lost, next := got[0], got[1]
	if !lost.OK() || lost.SYNRetransmits != 1 || lost.Phases.Connect != 0 || lost.Elapsed < 900_000 {
		t.Errorf("lost SYN: got %+v, %v", lost, lost.Failure)
	}
	if !next.OK() || next.SYNRetransmits != 0 || next.Phases.Connect < 2000 || next.Phases.Connect > 50_000 {
		t.Errorf("the next: got %+v, %v", next, next.Failure)
	}
}
