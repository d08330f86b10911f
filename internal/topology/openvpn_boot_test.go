package topology_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/topology"
)

// TestOpenVPNBoot_KnowsThePortsOfAccelerators asserts that ports behind an accelerator, and no others, are told to the server, with
// overrides and by protocol.
func TestOpenVPNBoot_KnowsThePortsOfAccelerators(t *testing.T) {
	plan, _ := topology.Build(load(t, waysIn))
	for name, want := range map[string][2][]int{"routed": {{1195}, nil}, "full": {nil, {1194}}, "tokyo": {nil, {1194}}} {
		o := plan.OpenVPNBoot(plan.OpenVPN(name))
		if !slices.Equal(o.EdgeTCP, want[0]) || !slices.Equal(o.EdgeUDP, want[1]) {
			t.Errorf("%s: got TCP %v and UDP %v, want %v", name, o.EdgeTCP, o.EdgeUDP, want)
		}
	}
	reference, _ := topology.Build(load(t, "../../pathproof.yaml"))
	for name, want := range map[string][]int{"seoul": {1194}, "tokyo": {1195}, "oregon": {1196}} {
		if o := reference.OpenVPNBoot(reference.OpenVPN(name)); !slices.Equal(o.EdgeTCP, want) {
			t.Errorf("%s: got %v, want %v", name, o.EdgeTCP, want)
		}
	}
}

// TestEdgeProxies_ScaleOnlyWhereTheFileSaysSo asserts the bounds of maxPerZone, and that without it nothing changes by load.
func TestEdgeProxies_ScaleOnlyWhereTheFileSaysSo(t *testing.T) {
	policies := func(p *topology.Plan) (n int) {
		for _, s := range p.Stacks {
			for _, r := range s.Resources {
				if r.Type == "AWS::AutoScaling::ScalingPolicy" {
					n++
				}
			}
		}
		return n
	}
	for most, want := range map[int]string{0: "", 2: "", 3: "", 10: "", 1: "got 1 with perZone: 2; use 2 to 10", 11: "got 11 with perZone: 2", -1: "got -1 with"} {
		f := load(t, waysIn)
		web := f.EdgeProxies["web"]
		web.MaxPerZone = most
		f.EdgeProxies["web"] = web
		plan, found := topology.Build(f)
		var said string
		for _, p := range found {
			if strings.HasSuffix(p.Path, "maxPerZone") {
				said = p.Message
			}
		}
		if (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("maxPerZone %d: got %q, want %q", most, said, want)
		}
		if got := policies(plan); want == "" && got != map[bool]int{true: 1}[most > 2] {
			t.Errorf("maxPerZone %d: %d scaling policies", most, got)
		}
	}
}
