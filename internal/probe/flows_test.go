package probe

import (
	"net/netip"
	"strings"
	"testing"
)

// flowSamples makes samples of n flows, 6 probes each, and re-probes of flows that failed. works says whether probe i of
// a flow does; re-probes are 6 to 8.
func flowSamples(n int, works func(flow, i int) bool, observe func(local netip.AddrPort) netip.AddrPort) (ports []uint16, samples []Sample) {
	add := func(flow, i int) bool {
		s := Sample{Flow: flow + 1, Reprobe: i >= 6}
		if !works(flow, i) {
			s.Failure = &Failure{Class: Timeout, Op: "connect"}
			samples = append(samples, s)
			return false
		}
		s.Local = netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), ports[flow])
		s.Observed = observe(s.Local)
		samples = append(samples, s)
		return true
	}
	for flow := range n {
		ports = append(ports, uint16(20000+flow))
		failed := false
		for i := range 6 {
			failed = !add(flow, i) || failed
		}
		for i := 6; failed && i < 6+Reprobes; i++ {
			add(flow, i)
		}
	}
	return ports, samples
}

func itself(a netip.AddrPort) netip.AddrPort { return a }

func TestFlows_Reading(t *testing.T) {
	nat := netip.MustParseAddr("203.0.113.5")
	count := 0
	for name, test := range map[string]struct {
		works    func(flow, i int) bool
		observe  func(netip.AddrPort) netip.AddrPort
		tunnels  int
		identity Identity
		dead, of int
		reading  string
	}{
		"all well":                {func(int, int) bool { return true }, itself, 0, Observed, 0, 0, "all 16 flows work"},
		"half dead":               {func(f, _ int) bool { return f%2 == 0 }, itself, 0, Observed, 1, 2, "8 of 16 flows never worked: consistent with 1 of 2 tunnels dead"},
		"known to be two":         {func(f, _ int) bool { return f >= 5 }, itself, 2, Observed, 1, 2, "5 of 16 flows never worked: consistent with 1 of 2 tunnels dead"},
		"quarter dead":            {func(f, _ int) bool { return f%4 != 0 }, itself, 0, Observed, 1, 4, "4 of 16 flows never worked: consistent with 1 of 4 tunnels dead"},
		"too few for two":         {func(f, _ int) bool { return f != 0 }, itself, 2, Observed, 0, 0, "1 of 16 flows never worked: fits no number of 2 tunnels dead"},
		"all dead":                {func(int, int) bool { return false }, itself, 0, NotObservable, 0, 0, "none of 16 flows works"},
		"random loss":             {func(f, i int) bool { return (f+i)%7 != 0 }, itself, 0, Observed, 0, 0, "loss that does not follow flows"},
		"dead, and loss":          {func(f, i int) bool { return f%2 == 0 && (f != 4 || i != 3) }, itself, 2, Observed, 1, 2, "8 of 16 flows never worked, 1 more lost some probes"},
		"recovered":               {func(f, i int) bool { return f%2 == 0 || i >= 6 }, itself, 0, Observed, 0, 0, "loss that does not follow flows"},
		"stable translation":      {func(f, _ int) bool { return f%2 == 0 }, func(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(nat, a.Port()+5) }, 0, Translated, 1, 2, "1 of 2 tunnels dead"},
		"translation of each":     {func(f, _ int) bool { return f%2 == 0 }, func(a netip.AddrPort) netip.AddrPort { count++; return netip.AddrPortFrom(nat, uint16(1000+count)) }, 0, NotObservable, 0, 0, "flow identity not observable"},
		"one for all":             {func(f, _ int) bool { return f%2 == 0 }, func(netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(nat, 1) }, 0, NotObservable, 0, 0, "flow identity not observable"},
		"nobody tells":            {func(f, _ int) bool { return f%2 == 0 }, func(netip.AddrPort) netip.AddrPort { return netip.AddrPort{} }, 0, NotObservable, 0, 0, "flow identity not observable"},
		"nobody tells, all works": {func(int, int) bool { return true }, func(netip.AddrPort) netip.AddrPort { return netip.AddrPort{} }, 0, NotObservable, 0, 0, "all 16 flows work"},
	} {
		t.Run(name, func(t *testing.T) {
			ports, samples := flowSamples(16, test.works, test.observe)
			got := tabulate(ports, samples, test.tunnels)
			if got.Identity != test.identity || got.Dead != test.dead || got.Of != test.of || !strings.Contains(got.Reading, test.reading) {
				t.Errorf("got %q, %d of %d, %q\nwant %q, %d of %d, %q", got.Identity, got.Dead, got.Of, got.Reading,
					test.identity, test.dead, test.of, test.reading)
			}
		})
	}
}

func TestFlows_TableCountsByFlow(t *testing.T) {
	ports, samples := flowSamples(4, func(f, i int) bool { return f != 1 || i == 7 }, itself)
	samples = append(samples, Sample{Flow: 1, Warmup: true}, Sample{Flow: 1, Outcome: Outcome{Failure: &Failure{Class: Local}}})
	f := tabulate(ports, samples, 0).Flows
	if f[0].Sent != 6 || f[0].OK != 6 || f[0].Reprobed != 0 {
		t.Errorf("a flow that works: %+v", f[0])
	}
	if f[1].LocalPort != 20001 || f[1].Sent != 6 || f[1].OK != 0 || f[1].Reprobed != Reprobes || f[1].ReprobedOK != 1 {
		t.Errorf("a flow that fails: %+v", f[1])
	}
}
