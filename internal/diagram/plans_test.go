package diagram

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/scaletest"
	"github.com/pathproof/pathproof/internal/topology"
)

const reference = "../../pathproof.yaml"

// planOf resolves a file that has no errors.
func planOf(t testing.TB, file string) *topology.Plan {
	t.Helper()
	r := check.File(file)
	if !r.OK() {
		t.Fatalf("%s has errors: %v", file, r.Problems)
	}
	return r.Plan
}

// scalePlan is a network of a size.
func scalePlan(t testing.TB, regions, vpcs, paths int) *topology.Plan {
	t.Helper()
	r := check.Data("scale.yaml", []byte(scaletest.YAML(regions, vpcs, 3, paths)))
	if !r.OK() {
		t.Fatalf("%d Regions with %d VPCs have errors: %v", regions, vpcs, r.Problems)
	}
	return r.Plan
}

// plans are all that the tests draw, by name.
func plans(t testing.TB) map[string]*topology.Plan {
	t.Helper()
	out := map[string]*topology.Plan{
		"reference": planOf(t, reference), "hub": planOf(t, "testdata/hub.yaml"),
		"30 networks": scalePlan(t, 3, 10, 60), "100 networks": scalePlan(t, 5, 20, 200), "one network": scalePlan(t, 1, 1, 0),
		"nothing": {Name: "nothing"},
	}
	files, err := filepath.Glob("../check/testdata/good/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, f := range files {
		out[strings.TrimSuffix(filepath.Base(f), ".yaml")] = planOf(t, f)
	}
	seeds := uint64(25)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		out[fmt.Sprintf("random %d", seed)] = randomPlan(rand.New(rand.NewPCG(seed, 1)))
	}
	return out
}

// names are hard to draw: long, wide, and with the characters that SVG and Mermaid give a meaning.
// They have no space: no name in a plan has one.
var names = []string{"a", "end", "x-long-name-that-goes-on-and-on-and-on-without-any-sense-at-all", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
	"<script>alert(1)</script>", `"quoted"&'so'`, "서울-네트워크-이름이-길다-아주-길다", "style", "a]b[c}d{e|f", "`**bold**`", "#lt;", "ｆｕｌｌ"}

// randomPlan makes a plan that need not work, only be drawn. Names may come twice in it in different Regions only.
func randomPlan(r *rand.Rand) *topology.Plan {
	p := &topology.Plan{Name: "서울 " + names[r.IntN(2)]}
	for i := range 1 + r.IntN(4) {
		p.Regions = append(p.Regions, topology.Region{Alias: fmt.Sprintf("r%d", i), Place: topology.Place{Region: "us-west-2", Account: names[r.IntN(len(names))]}})
	}
	for _, region := range p.Regions {
		randomRegion(r, p, region)
	}
	randomPeerings(r, p)
	for i, n := range p.Networks {
		p.Hosts = append(p.Hosts, &topology.Host{Name: fmt.Sprintf("h%d", i), Network: n.Key, Port: 443})
	}
	for i := range r.IntN(12) {
		if len(p.Networks) > 0 {
			p.Paths = append(p.Paths, randomPath(r, p, i))
		}
	}
	return p
}

func randomRegion(r *rand.Rand, p *topology.Plan, region topology.Region) {
	var loose []*topology.Network
	for i := range r.IntN(9) {
		n := &topology.Network{Key: fmt.Sprintf("%s/%d%s", region.Alias, i, names[r.IntN(len(names))]), Alias: region.Alias, Place: region.Place,
			Blocks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}, Subnets: []*topology.Subnet{{Tier: "private", ZoneID: "usw2-az1"}, {Tier: "private", ZoneID: "usw2-az2"}}}
		if r.IntN(3) == 0 {
			n.ID = "vpc-0123456789abcdef0"
			n.Egress = config.EgressNATPerZone
		}
		p.Networks = append(p.Networks, n)
		loose = append(loose, n)
	}
	for i := range r.IntN(3) {
		t := &topology.TransitGateway{Name: fmt.Sprintf("%s-t%d", region.Alias, i), Alias: region.Alias, Place: region.Place, ASN: 64512}
		for j := range 1 + r.IntN(3) {
			s := &topology.Segment{Name: fmt.Sprintf("%d%s", j, names[r.IntN(len(names))]), Reaches: names[:r.IntN(len(names))]}
			for _, n := range loose {
				if seg, _ := t.Segment(topology.TargetNetwork, n.Key); seg == nil && r.IntN(3) == 0 {
					s.Attachments = append(s.Attachments, &topology.Attachment{Kind: topology.TargetNetwork, Name: n.Key})
				}
			}
			t.Segments = append(t.Segments, s)
		}
		p.TransitGateways = append(p.TransitGateways, t)
		for range r.IntN(3) {
			randomSite(r, p, t)
		}
	}
}

func randomSite(r *rand.Rand, p *topology.Plan, t *topology.TransitGateway) {
	s := &topology.Site{Name: fmt.Sprintf("s%d%s", len(p.Sites), names[r.IntN(len(names))]), TransitGateway: t.Name, Gateways: []topology.Gateway{{Name: "a"}, {Name: "b"}}}
	for i := range r.IntN(4) {
		s.Connections = append(s.Connections, topology.Connection{Name: fmt.Sprintf("c%d", i), Gateway: s.Gateways[r.IntN(2)].Name,
			Inside: []netip.Prefix{netip.MustParsePrefix("169.254.10.0/30"), netip.MustParsePrefix("169.254.11.0/30")}})
	}
	for range r.IntN(12) {
		s.Prefixes = append(s.Prefixes, netip.MustParsePrefix("192.168.100.0/24"))
	}
	p.Sites = append(p.Sites, s)
	if seg := t.Segments[r.IntN(len(t.Segments))]; r.IntN(4) > 0 {
		seg.Attachments = append(seg.Attachments, &topology.Attachment{Kind: topology.TargetSite, Name: s.Name})
	}
}

// randomPeerings joins some networks and transit gateways, in a third of the plans nearly all of them.
func randomPeerings(r *rand.Rand, p *topology.Plan) {
	dense := 2 + 8*min(r.IntN(3), 1)
	for i, x := range p.Networks {
		for _, y := range p.Networks[:i] {
			if r.IntN(dense) == 0 {
				p.Peerings = append(p.Peerings, &topology.Peering{Name: fmt.Sprintf("p%d%s", len(p.Peerings), names[r.IntN(len(names))]), Mode: config.ModeVPC,
					Requester: topology.PeeringEnd{Name: y.Key, DNS: r.IntN(2) == 0}, Accepter: topology.PeeringEnd{Name: x.Key, DNS: r.IntN(2) == 0}})
			}
		}
	}
	for i, x := range p.TransitGateways {
		for _, y := range p.TransitGateways[:i] {
			if r.IntN(2) == 0 {
				q := &topology.Peering{Name: fmt.Sprintf("q%d", len(p.Peerings)), Mode: config.ModeTransitGateway, Requester: topology.PeeringEnd{Name: y.Name}, Accepter: topology.PeeringEnd{Name: x.Name}}
				p.Peerings = append(p.Peerings, q)
				for _, t := range []*topology.TransitGateway{x, y} {
					s := t.Segments[r.IntN(len(t.Segments))]
					s.Attachments = append(s.Attachments, &topology.Attachment{Kind: topology.TargetPeering, Name: q.Name})
				}
			}
		}
	}
}

// ways lists how packets could go, from what they start at to a network: over a VPC peering, a transit gateway, or two.
func ways(p *topology.Plan) [][]topology.Hop {
	var out [][]topology.Hop
	for _, q := range p.Peerings {
		if q.Mode == config.ModeVPC {
			out = append(out, []topology.Hop{{Kind: topology.TargetNetwork, Name: q.Requester.Name}, {Kind: topology.TargetPeering, Name: q.Name}, {Kind: topology.TargetNetwork, Name: q.Accepter.Name}})
			continue
		}
		for _, x := range attached(p.TransitGateway(q.Requester.Name)) {
			for _, y := range attached(p.TransitGateway(q.Accepter.Name)) {
				out = append(out, []topology.Hop{x, {Kind: topology.TargetTransitGateway, Name: q.Requester.Name}, {Kind: topology.TargetPeering, Name: q.Name},
					{Kind: topology.TargetTransitGateway, Name: q.Accepter.Name}, y})
			}
		}
	}
	for _, t := range p.TransitGateways {
		for _, x := range attached(t) {
			for _, y := range attached(t) {
				out = append(out, []topology.Hop{x, {Kind: topology.TargetTransitGateway, Name: t.Name}, y})
			}
		}
	}
	return slices.DeleteFunc(out, func(hops []topology.Hop) bool {
		last := hops[len(hops)-1]
		return last.Kind != topology.TargetNetwork || hops[0] == last
	})
}

// attached lists the networks and sites of a transit gateway.
func attached(t *topology.TransitGateway) []topology.Hop {
	var out []topology.Hop
	for _, s := range t.Segments {
		for _, a := range s.Attachments {
			if a.Kind != topology.TargetPeering {
				out = append(out, topology.Hop{Kind: a.Kind, Name: a.Name})
			}
		}
	}
	return out
}

// randomPath goes some way there, and back the same or another one; or it must not arrive.
func randomPath(r *rand.Rand, p *topology.Plan, i int) *topology.Path {
	x := &topology.Path{Name: fmt.Sprintf("%d%s", i, names[r.IntN(len(names))]), Expect: config.Reachable, Proven: r.IntN(5) > 0, Port: 443}
	all := ways(p)
	if len(all) == 0 || r.IntN(5) == 0 {
		x.From = config.Ref{Kind: config.KindNetwork, Name: p.Networks[r.IntN(len(p.Networks))].Key}
		x.To = config.Ref{Kind: config.KindHost, Name: p.Hosts[r.IntN(len(p.Hosts))].Name}
		x.Expect, x.Why = config.Unreachable, strings.Repeat("no route "+names[r.IntN(len(names))]+" ", 5)
		return x
	}
	x.Forward = all[r.IntN(len(all))]
	first, last := x.Forward[0], x.Forward[len(x.Forward)-1]
	x.From = config.Ref{Kind: config.RefKind(first.Kind), Name: first.Name}
	x.To = config.Ref{Kind: config.KindHost, Name: p.Hosts[slices.IndexFunc(p.Hosts, func(h *topology.Host) bool { return h.Network == last.Name })].Name}
	for _, way := range all {
		if way[0] == last && way[len(way)-1] == first && (x.Return == nil || r.IntN(3) == 0) {
			x.Return = way
		}
	}
	if x.Return == nil {
		x.Return = slices.Clone(x.Forward)
		slices.Reverse(x.Return)
	}
	return x
}
