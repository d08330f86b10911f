package topology_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// TestPlanGolden compares whole plans with the JSON beside this test: the reference network and one that uses what the
// reference network does not.
func TestPlanGolden(t *testing.T) {
	for name, file := range map[string]string{"reference": "../../pathproof.yaml", "mesh": "../check/testdata/good/mesh.yaml", "adopted": "../check/testdata/good/adopted.yaml", "ways": "../check/testdata/good/ways.yaml",
		"zonal": "../check/testdata/good/zonal.yaml"} {
		t.Run(name, func(t *testing.T) {
			golden.Compare(t, filepath.Join("testdata", name+".plan.json"), string(planJSON(t, load(t, file))))
		})
	}
}

// TestPlanIsDeterministic asserts that nothing depends on Go's map order.
func TestPlanIsDeterministic(t *testing.T) {
	f := load(t, "../../pathproof.yaml")
	first := planJSON(t, f)
	for range 20 {
		if got := planJSON(t, f); !bytes.Equal(first, got) {
			t.Fatalf("two plans of one configuration differ:\n%s", cmp.Diff(string(first), string(got)))
		}
	}
}

// TestCarving_NothingMoves asserts, over random tiers and zones, that a new zone and an appended tier move no subnet, and
// that subnets never overlap or leave the VPC.
func TestCarving_NothingMoves(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	zones := []config.ZoneID{"use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-az5", "use1-az6"}
	for range 300 {
		var tiers []config.Tier
		for i := range 1 + random.IntN(4) {
			tiers = append(tiers, config.Tier{Name: config.TierName(fmt.Sprintf("t%d", i)), Bits: 22 + random.IntN(7)})
		}
		random.Shuffle(len(zones), func(i, j int) { zones[i], zones[j] = zones[j], zones[i] })
		last := map[string]netip.Prefix{}
		for n := 1; n <= len(zones); n++ {
			last = carved(t, tiers, zones[:n], last)
		}
		tiers = append(tiers, config.Tier{Name: "appended", Bits: 20 + random.IntN(9)})
		carved(t, tiers, zones, last)
	}
}

// carved plans one network and compares its subnets with those of a smaller one.
func carved(t *testing.T, tiers []config.Tier, zones []config.ZoneID, before map[string]netip.Prefix) map[string]netip.Prefix {
	t.Helper()
	f := &config.File{Name: "carve", Regions: map[config.Name]config.Region{"virginia": {Region: "us-east-1"}},
		Networks: map[config.NetworkKey]config.Network{"virginia/app": {CIDR: prefix("10.0.0.0/16"), Zones: zones, Tiers: tiers, Egress: config.EgressNone}}}
	plan, found := topology.Build(f)
	if len(found) > 0 {
		t.Fatalf("tiers %v in %v: %v", tiers, zones, found)
	}
	now := map[string]netip.Prefix{}
	for i, s := range plan.Networks[0].Subnets {
		now[s.Tier+" "+s.ZoneID] = s.CIDR
		if !plan.Networks[0].CIDR.Contains(s.CIDR.Addr()) {
			t.Fatalf("%s outside the VPC", s.CIDR)
		}
		for _, o := range plan.Networks[0].Subnets[:i] {
			if o.CIDR.Overlaps(s.CIDR) {
				t.Fatalf("%s and %s overlap", o.CIDR, s.CIDR)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if now[key] != before[key] {
			t.Fatalf("%s moved from %s to %s with tiers %v in %v", key, before[key], now[key], tiers, zones)
		}
	}
	if len(now) != len(tiers)*len(zones) {
		t.Fatalf("got %d subnets, want %d", len(now), len(tiers)*len(zones))
	}
	return now
}

// TestSizing checks the arithmetic of tunnels by hand-computed cases.
func TestSizing(t *testing.T) {
	for _, c := range []struct {
		name        string
		connections int
		edit        func(*config.Connect, *config.TransitGateway)
		per         config.Bandwidth
		normal      config.Bandwidth
		down        config.Bandwidth
		bound       string
	}{
		{"the source document's pair", 1, nil, 1_250_000_000, 2_500_000_000, 1_250_000_000, "bandwidth"},
		{"small packets", 1, func(c *config.Connect, _ *config.TransitGateway) { c.Capacity.PacketSize = 500 }, 560_000_000, 1_120_000_000, 560_000_000, "packets"},
		{"1,116 bytes: packets still bind", 1, func(c *config.Connect, _ *config.TransitGateway) { c.Capacity.PacketSize = 1116 }, 1_249_920_000, 2_499_840_000, 1_249_920_000, "packets"},
		{"1,117 bytes: bandwidth binds", 1, func(c *config.Connect, _ *config.TransitGateway) { c.Capacity.PacketSize = 1117 }, 1_250_000_000, 2_500_000_000, 1_250_000_000, "bandwidth"},
		{"three connections", 3, nil, 1_250_000_000, 7_500_000_000, 6_250_000_000, "bandwidth"},
		{"large tunnels", 1, func(c *config.Connect, _ *config.TransitGateway) { c.TunnelBandwidth = config.BandwidthLarge }, 5_000_000_000, 10_000_000_000, 5_000_000_000, "bandwidth"},
		{"static routing", 1, func(c *config.Connect, _ *config.TransitGateway) { c.Routing = config.RoutingStatic }, 1_250_000_000, 1_250_000_000, 1_250_000_000, "bandwidth"},
		{"no ECMP", 2, func(_ *config.Connect, g *config.TransitGateway) { g.ECMP = false }, 1_250_000_000, 1_250_000_000, 1_250_000_000, "bandwidth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := load(t, "../check/testdata/good/base.yaml")
			site, gateway := f.Sites["idc"], f.TransitGateways["seoul"]
			site.Connect.Capacity = &config.Capacity{Normal: 1, PacketSize: 1200}
			for i := 1; i < c.connections; i++ {
				site.Connect.VPNConnections[config.Name(fmt.Sprintf("more%d", i))] = config.VPNConnection{Gateway: "fw1",
					Inside: []config.Prefix{prefix(fmt.Sprintf("169.254.%d.0/30", 20+i)), prefix(fmt.Sprintf("169.254.%d.0/30", 40+i))}}
			}
			if c.edit != nil {
				c.edit(&site.Connect, &gateway)
			}
			f.Sites["idc"], f.TransitGateways["seoul"] = site, gateway
			plan, _ := topology.Build(f)
			z := plan.Sites[0].Sizing
			if z.PerTunnel != c.per || z.Normal != c.normal || z.OneTunnelDown != c.down || z.BoundBy != c.bound {
				t.Errorf("got %s per tunnel, %s normal, %s down, bound by %s; want %s, %s, %s, %s",
					z.PerTunnel, z.Normal, z.OneTunnelDown, z.BoundBy, c.per, c.normal, c.down, c.bound)
			}
		})
	}
}

// TestPeeringRoutes_BothSides asserts that each VPC peering has a route in every workload route table of both ends, and
// in no other.
func TestPeeringRoutes_BothSides(t *testing.T) {
	plan, found := topology.Build(load(t, "../../pathproof.yaml"))
	if found.Has(problem.Error) {
		t.Fatal(found)
	}
	routes := 0
	for _, x := range plan.Peerings {
		for _, e := range []*topology.PeeringEnd{&x.Requester, &x.Accepter} {
			n, other := plan.Network(e.Name), plan.Network(x.Other(e.Name).Name)
			for _, table := range n.RouteTables {
				i := slices.IndexFunc(table.Routes, func(r *topology.Route) bool {
					return r.Destination == other.CIDR && r.Target == topology.Target{Kind: topology.TargetPeering, Name: x.Name}
				})
				if want := table.Tier != topology.TierAttach; (i >= 0) != want {
					t.Errorf("peering %s: route to %s in %s %s: got %v, want %v", x.Name, other.CIDR, n.Key, table.Key, i >= 0, want)
				}
				if i >= 0 {
					routes++
				}
			}
		}
	}
	if routes != 8 {
		t.Errorf("got %d peering routes, want 8: two peerings, two ends, two subnets each", routes)
	}
}

// TestRevision_FollowsCreateOnlyProperties asserts when the name of an output that other Regions read changes.
func TestRevision_FollowsCreateOnlyProperties(t *testing.T) {
	build := func(edit func(*config.File)) *topology.Plan {
		f := load(t, "../check/testdata/good/mesh.yaml")
		edit(f)
		plan, _ := topology.Build(f)
		return plan
	}
	base := build(func(*config.File) {})
	moved := build(func(f *config.File) {
		n := f.Networks["tokyo/app"]
		n.CIDR = prefix("10.9.0.0/16")
		f.Networks["tokyo/app"] = n
	})
	tagged := build(func(f *config.File) { f.Tags = map[string]string{"a": "b"}; f.Protect = true })
	renumbered := build(func(f *config.File) {
		g := f.TransitGateways["tokyo"]
		g.ASN = 64999
		f.TransitGateways["tokyo"] = g
	})
	revision := func(p *topology.Plan) string { return p.Network("tokyo/app").Revision() }
	peering := func(p *topology.Plan) string { return p.Peering("tgw").Revision() }
	if revision(base) == revision(moved) {
		t.Error("a VPC with another CIDR is another VPC, but keeps its revision")
	}
	if revision(base) != revision(tagged) || peering(base) != peering(tagged) {
		t.Error("tags and protection change a revision")
	}
	if peering(base) == peering(renumbered) {
		t.Error("a peering with a replaced transit gateway keeps its revision")
	}
}

// TestBuild_SurvivesHoles feeds the planner configurations with parts cut out at random: whatever is missing, it reports
// and does not panic. The loader refuses such files, but Go programs can build them.
func TestBuild_SurvivesHoles(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 400 {
		f := load(t, []string{"../../pathproof.yaml", "../check/testdata/good/mesh.yaml", "../check/testdata/good/ways.yaml", "../check/testdata/good/zonal.yaml"}[i%4])
		for range 1 + random.IntN(4) {
			cut(f, random)
		}
		plan, _ := topology.Build(f)
		if plan == nil {
			t.Fatal("no plan")
		}
	}
}

func cut(f *config.File, random *rand.Rand) {
	switch random.IntN(17) {
	case 0:
		dropOne(f.Regions, random)
	case 1:
		dropOne(f.Networks, random)
	case 2:
		dropOne(f.TransitGateways, random)
	case 3:
		dropOne(f.Sites, random)
	case 4:
		dropOne(f.Peerings, random)
	case 5:
		dropOne(f.Hosts, random)
	case 6:
		for _, k := range slices.Sorted(maps.Keys(f.Networks)) {
			if random.IntN(2) == 0 {
				n := f.Networks[k]
				n.CIDR, n.Subnets, n.Tiers = config.Prefix{}, nil, nil
				f.Networks[k] = n
			}
		}
	case 8:
		dropOne(f.PKI, random)
	case 9:
		dropOne(f.OpenVPN, random)
	case 10:
		dropOne(f.ClientVPNs, random)
	case 11:
		dropOne(f.LoadBalancers, random)
	case 12:
		dropOne(f.EdgeProxies, random)
	case 13:
		dropOne(f.Accelerators, random)
	case 14:
		dropOne(f.ZonalServices, random)
	case 15:
		for _, k := range slices.Sorted(maps.Keys(f.ZonalServices)) {
			z := f.ZonalServices[k]
			z.Targets, z.Addresses = config.ZonalTargets{}, nil
			if random.IntN(2) == 0 {
				z.Listen, z.Discovery = config.ZonalListen{}, nil
			}
			f.ZonalServices[k] = z
		}
	case 16:
		modes := []config.ZonalMode{config.ZonalPerAZ, config.ZonalNLBPerAZ, config.ZonalClientRouting, config.ZonalDirect}
		for _, k := range slices.Sorted(maps.Keys(f.ZonalServices)) {
			z := f.ZonalServices[k]
			z.Mode = modes[random.IntN(4)]
			f.ZonalServices[k] = z
		}
	case 7:
		for _, k := range slices.Sorted(maps.Keys(f.Sites)) {
			s := f.Sites[k]
			s.Prefixes, s.Gateways, s.Connect.VPNConnections = nil, nil, nil
			f.Sites[k] = s
		}
	}
}

func dropOne[K ~string, V any](m map[K]V, random *rand.Rand) {
	if keys := slices.Sorted(maps.Keys(m)); len(keys) > 0 {
		delete(m, keys[random.IntN(len(keys))])
	}
}

func load(t testing.TB, file string) *config.File {
	t.Helper()
	doc, found := config.Load(file)
	if len(found) > 0 {
		t.Fatalf("%s: %v", file, found)
	}
	return doc.File
}

func planJSON(t testing.TB, f *config.File) []byte {
	t.Helper()
	plan, found := topology.Build(f)
	if found.Has(problem.Error) {
		t.Fatal(found)
	}
	b, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func prefix(s string) config.Prefix { return config.Prefix{Prefix: netip.MustParsePrefix(s)} }

// BenchmarkBuild measures the reference network and a large one: 20 VPCs of three zones in each of five Regions, one
// transit gateway per Region in full mesh, 200 paths.
func BenchmarkBuild(b *testing.B) {
	for name, f := range map[string]*config.File{"reference": load(b, "../../pathproof.yaml"), "100vpcs": large(b)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, found := topology.Build(f)
				for _, p := range found { // the large one needs more than a stack holds; its plan is complete all the same
					if p.Severity == problem.Error && p.Code != problem.StackLimit {
						b.Fatal(p)
					}
				}
			}
		})
	}
}

func large(tb testing.TB) *config.File {
	regions := []struct{ alias, code, zone string }{{"seoul", "ap-northeast-2", "apne2"}, {"tokyo", "ap-northeast-1", "apne1"},
		{"oregon", "us-west-2", "usw2"}, {"virginia", "us-east-1", "use1"}, {"ireland", "eu-west-1", "euw1"}}
	var y strings.Builder
	y.WriteString("apiVersion: pathproof/v1\nname: large\nregions:\n")
	for _, r := range regions {
		fmt.Fprintf(&y, "  %s: {region: %s}\n", r.alias, r.code)
	}
	y.WriteString("networks:\n")
	for i, r := range regions {
		for n := range 20 {
			fmt.Fprintf(&y, "  %s/n%d: {cidr: 10.%d.0.0/16, zones: [%s-az1, %s-az2, %s-az3], tiers: [private/20, attach/28]}\n", r.alias, n, i*20+n, r.zone, r.zone, r.zone)
		}
	}
	y.WriteString("transitGateways:\n")
	for i, r := range regions {
		fmt.Fprintf(&y, "  %s:\n    region: %s\n    asn: %d\n    segments:\n      cloud: {attach: [", r.alias, r.alias, 64512+i)
		for n := range 20 {
			fmt.Fprintf(&y, "%s/n%d, ", r.alias, n)
		}
		y.WriteString("], reaches: [cloud, far]}\n      far: {attach: [")
		for j := range regions {
			if i != j {
				fmt.Fprintf(&y, "peering/p%d-%d, ", min(i, j), max(i, j))
			}
		}
		y.WriteString("], reaches: [cloud]}\n")
	}
	y.WriteString("peerings:\n")
	for i := range regions {
		for j := i + 1; j < len(regions); j++ {
			fmt.Fprintf(&y, "  p%d-%d: {between: [%s, %s], mode: transitGateway}\n", i, j, regions[i].alias, regions[j].alias)
		}
	}
	y.WriteString("hosts:\n")
	for i, r := range regions {
		for n := range 20 {
			fmt.Fprintf(&y, "  h%d-%d: {network: %s/n%d, ip: 10.%d.0.10, port: 7007}\n", i, n, r.alias, n, i*20+n)
		}
	}
	y.WriteString("allow:\n")
	var all []string
	for _, r := range regions {
		for n := range 20 {
			all = append(all, fmt.Sprintf("%s/n%d", r.alias, n))
		}
	}
	for i := range 200 {
		fmt.Fprintf(&y, "  - {from: %s, to: %s, tcp: [7007]}\n", all[i%100], all[(i*7+13+i/100)%100])
	}
	y.WriteString("paths:\n")
	for i := range 200 {
		to := (i*7 + 13 + i/100) % 100
		if to == i%100 {
			continue
		}
		fmt.Fprintf(&y, "  p%d: {from: %s, to: host/h%d-%d}\n", i, all[i%100], to/20, to%20)
	}
	doc, found := config.Parse("large.yaml", []byte(y.String()))
	if len(found) > 0 {
		tb.Fatal(found[0])
	}
	return doc.File
}
