package topology_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

const waysIn = "../check/testdata/good/ways.yaml"

// TestWays_PathsOpenNothing asserts that no rule, route or authorization of a way in follows from a path (docs/adr/0004).
func TestWays_PathsOpenNothing(t *testing.T) {
	opened := func(f *config.File) string {
		plan, _ := topology.Build(f)
		var b strings.Builder
		for _, n := range plan.Networks {
			for _, g := range n.SecurityGroups {
				fmt.Fprintln(&b, n.Key, g.Key(), g.Ingress, g.Egress)
			}
			for _, x := range n.RouteTables {
				for _, r := range x.Routes {
					fmt.Fprintln(&b, n.Key, x.Key, *r)
				}
			}
		}
		for _, s := range plan.OpenVPNs {
			fmt.Fprintln(&b, s.Name, s.Routes)
		}
		for _, v := range plan.ClientVPNs {
			fmt.Fprintln(&b, v.Name, v.Rules, v.Routes)
		}
		return b.String()
	}
	with := load(t, waysIn)
	without := load(t, waysIn)
	without.Paths, without.Compare = nil, nil
	if diff := cmp.Diff(opened(with), opened(without)); diff != "" {
		t.Errorf("paths decide about what is open (-with +without):\n%s", diff)
	}
}

// TestWays_NobodyGetsInByDefault asserts that without allow entries no group lets anything in but health checks and the
// proxies' own load balancer, and that nobody is authorized.
func TestWays_NobodyGetsInByDefault(t *testing.T) {
	f := load(t, waysIn)
	f.Allow = nil
	plan, _ := topology.Build(f)
	groups := 0
	for _, n := range plan.Networks {
		for _, g := range n.SecurityGroups {
			groups++
			for _, r := range g.Ingress {
				if r.Peer.IsValid() || r.PrefixList == "" && r.Group != strings.TrimSuffix(g.Of, "/instances") {
					t.Errorf("%s of %s lets in %+v", g.Key(), n.Key, r)
				}
			}
			for _, r := range g.Egress {
				if r.Peer.IsValid() && (r.Peer.Bits() != 0 || r.From != 443 || r.To != 443) {
					t.Errorf("%s of %s lets out %+v", g.Key(), n.Key, r)
				}
			}
		}
	}
	for _, v := range plan.ClientVPNs {
		if len(v.Rules) > 0 {
			t.Errorf("%s: everybody may reach %v", v.Name, v.Rules)
		}
	}
	if groups < 8 {
		t.Errorf("got %d groups: the test looks at the wrong place", groups)
	}
}

// TestRouted_AnswersFindTheWay asserts that a routed pool has a route wherever answers come by: in every table of its VPC, in
// every segment that reaches it, in networks behind those. With NAT it has none anywhere.
func TestRouted_AnswersFindTheWay(t *testing.T) {
	for forward, want := range map[config.Forward]int{config.ForwardRouted: 13, config.ForwardNAT: 0} {
		f := load(t, waysIn)
		s := f.OpenVPN["routed"]
		s.Forward = forward
		f.OpenVPN["routed"] = s
		plan, _ := topology.Build(f)
		got, pool := 0, netip.MustParsePrefix("10.250.0.0/24")
		count := func(routes []*topology.Route) {
			for _, r := range routes {
				if r.Destination == pool {
					got++
				}
			}
		}
		for _, n := range plan.Networks {
			for _, x := range n.RouteTables {
				count(x.Routes)
			}
		}
		for _, g := range plan.TransitGateways {
			for _, x := range g.Segments {
				count(x.Routes)
			}
		}
		if got != want { // four tables of seoul/vpn, two each of seoul/app and tokyo/app, four segments in Seoul, one in Tokyo
			t.Errorf("%s: got %d routes to the pool, want %d", forward, got, want)
		}
	}
}

// people is a network with two servers, one of which stands behind an accelerator too.
const people = `apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}}
networks: {seoul/vpn: {cidr: 172.29.0.0/24, zones: [apne2-az1, apne2-az3], tiers: [public/28], egress: igw}}
pki: {main: {home: seoul}}
openvpn: {a: {network: seoul/vpn, zone: apne2-az1, pki: main, listen: {tcp: 1194}, pool: 10.250.0.0/24, image: ami-0123456789abcdef0}}
accelerators: {edge: {listeners: {a: {tcp: 1194, echo: 7007, endpoints: [openvpn/a]}}}}
clients: {korea: {location: {lat: 37.57, lon: 126.98}}}
hosts: {target: {network: seoul/vpn, ip: 172.29.0.5, port: 7007}}
allow:
  - {from: internet, to: openvpn/a, tcp: [1194, 7007]}
  - {from: openvpn/a, to: host/target, tcp: [7007]}
paths:
  straight: {from: client/korea, via: [openvpn/a], to: host/target%s}
  again: {from: client/korea, via: [openvpn/a], to: host/target}
  edge: {from: client/korea, via: [accelerator/edge/a, openvpn/a], to: host/target%s}
alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}
probe: {}
compare: [{paths: [%s]%s}]
`

// TestCompare_Phase asserts what a comparison compares, asked or not, and that connect is refused where TCP ends on the way.
func TestCompare_Phase(t *testing.T) {
	for name, c := range map[string]struct{ paths, phase, want string }{
		"nothing ends TCP":        {"straight, again", "", "connect"},
		"an accelerator":          {"straight, edge", "", "wait"},
		"in the other order":      {"edge, straight", "", "wait"},
		"asked for wait":          {"straight, again", ", phase: wait", "wait"},
		"asked for total":         {"straight, edge", ", phase: total", "total"},
		"asked for connect":       {"straight, again", ", phase: connect", "connect"},
		"connect, an accelerator": {"straight, edge", ", phase: connect", "NET715"},
	} {
		t.Run(name, func(t *testing.T) {
			r := check.Data("t.yaml", fmt.Appendf(nil, people, "", "", c.paths, c.phase))
			got := ""
			switch {
			case len(r.Problems) > 0:
				got = string(r.Problems[0].Code)
			default:
				got = string(r.Plan.Measurement.Comparisons[0].Phase)
			}
			if got != c.want {
				t.Errorf("got %s, want %s: %v", got, c.want, r.Problems)
			}
		})
	}
}

// TestObjective_WhereTCPEnds asserts which objectives a path may have, also one that speaks of another path.
func TestObjective_WhereTCPEnds(t *testing.T) {
	for name, c := range map[string]struct{ straight, edge, want string }{
		"connect straight":              {"p50(connect) < 50ms", "", ""},
		"wait straight":                 {"p50(wait) < 50ms", "", ""},
		"wait through the accelerator":  {"", "p50(wait) < 50ms and fail < 5%", ""},
		"total through the accelerator": {"", "p50(total) < 50ms", ""},
		"connect through it":            {"", "p50(connect) < 50ms", "NET715"},
		"its synloss":                   {"", "synloss < 5%", "NET715"},
		"among others":                  {"", "fail < 5% and p50(wait) < 50ms and p50(connect) < 50ms @warn", "NET715"},
		"of the other path":             {"p50(straight.connect) < 0.9 * p50(edge.connect)", "", "NET715"},
		"wait of the other path":        {"p50(straight.wait) < 0.9 * p50(edge.wait)", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			slo := func(s string) string {
				if s == "" {
					return ""
				}
				return fmt.Sprintf(", slo: %q", s)
			}
			r := check.Data("t.yaml", fmt.Appendf(nil, people, slo(c.straight), slo(c.edge), "straight, edge", ""))
			got := ""
			for _, p := range r.Problems {
				got += string(p.Code)
			}
			if got != c.want {
				t.Errorf("got %q, want %q: %v", got, c.want, r.Problems)
			}
		})
	}
}

// TestImage asserts what a pinned image stands for.
func TestImage(t *testing.T) {
	for pinned, want := range map[config.Image]topology.Image{
		"al2023@2023.12.20260803":   {Name: "al2023-ami-2023.12.20260803.0-kernel-6.1-arm64"},
		"al2023@2023.12.20260803.2": {Name: "al2023-ami-2023.12.20260803.2-kernel-6.1-arm64"},
		"ami-0123456789abcdef0":     {ID: "ami-0123456789abcdef0"},
	} {
		f := load(t, waysIn)
		s := f.OpenVPN["full"]
		s.Image = pinned
		f.OpenVPN["full"] = s
		plan, _ := topology.Build(f)
		if got := plan.OpenVPN("full").Image; got != want {
			t.Errorf("%s: got %+v, want %+v", pinned, got, want)
		}
	}
}

// TestAccelerator_PinnedToOneEndpoint asserts that a path through a listener with a choice is not proven, whichever endpoint
// it names, and that servers of one Region are a choice too.
func TestAccelerator_PinnedToOneEndpoint(t *testing.T) {
	f := load(t, waysIn)
	target := config.Path{From: config.Ref{Kind: config.KindClient, Name: "korea"}, To: config.Ref{Kind: config.KindHost, Name: "app"}, Expect: config.Reachable,
		Via: []config.Ref{{Kind: config.KindAccelerator, Name: "front/vpn"}, {Kind: config.KindOpenVPN, Name: "full"}}}
	f.Paths["choice"] = target
	plan, found := topology.Build(f)
	i := slices.IndexFunc(plan.Paths, func(p *topology.Path) bool { return p.Name == "choice" })
	if i < 0 || plan.Paths[i].Proven {
		t.Error("a path through a listener with a choice is proven")
	}
	const want = "the accelerator chooses between openvpn/tokyo and openvpn/full, got accelerator/front/vpn for openvpn/full; give openvpn/full a listener of its own"
	if len(found) != 1 || found[0].Message != want {
		t.Errorf("got %v, want %q", found, want)
	}
}

// TestAccelerator_PassesUDPOn asserts that a tunnel over UDP through an accelerator ends no TCP connection on the way, unlike
// one over TCP.
func TestAccelerator_PassesUDPOn(t *testing.T) {
	text := fmt.Sprintf(people, "", "", "straight, edge", "")
	over := func(text string) []string {
		plan := planOf(t, text)
		return plan.Paths[slices.IndexFunc(plan.Paths, func(p *topology.Path) bool { return p.Name == "edge" })].Ends
	}
	if got := over(text); !slices.Equal(got, []string{"accelerator/edge/a"}) {
		t.Errorf("TCP: got %v", got)
	}
	udp := strings.NewReplacer("listen: {tcp: 1194}", "listen: {udp: 1194}", "{a: {tcp: 1194, echo: 7007,", "{a: {udp: 1194,", "tcp: [1194, 7007]", "udp: [1194]").Replace(text)
	if got := over(udp); got != nil {
		t.Errorf("UDP: got %v", got)
	}
}

// TestOpenVPN_GrantsAreWhatAllowSays asserts that what a server's packet filter lets people begin follows from allow entries
// alone, and that the server's own calls to AWS are no part of it.
func TestOpenVPN_GrantsAreWhatAllowSays(t *testing.T) {
	grants := func(text string) []string {
		var out []string
		s := planOf(t, text).OpenVPN("a")
		if s.Grants == nil {
			return nil
		}
		for _, r := range s.Grants {
			out = append(out, fmt.Sprintf("%s %s %d-%d", r.Peer, r.Protocol, r.From, r.To))
		}
		return out
	}
	text, _, _ := strings.Cut(people, "paths:")
	for name, c := range map[string]struct {
		entry string
		want  []string
	}{
		"nothing": {"", nil},
		"a host":  {"  - {from: openvpn/a, to: host/target, tcp: [7007]}\n", []string{"172.29.0.5/32 tcp 7007-7007"}},
		"ICMP and a range": {"  - {from: openvpn/*, to: seoul/vpn, udp: [8000-8010], icmp: true}\n",
			[]string{"172.29.0.0/24 icmp 0--1", "172.29.0.0/24 icmp 3-4", "172.29.0.0/24 icmp 8--1", "172.29.0.0/24 udp 8000-8010"}},
		"the Internet": {"  - {from: openvpn/a, to: internet, tcp: [443]}\n", []string{"0.0.0.0/0 tcp 443-443"}},
		"its network":  {"  - {from: seoul/vpn, to: internet, tcp: [80]}\n", nil},
	} {
		if diff := cmp.Diff(c.want, grants(strings.Replace(text, "  - {from: openvpn/a, to: host/target, tcp: [7007]}\n", c.entry, 1))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
