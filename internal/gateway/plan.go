package gateway

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// SiteOf finds a site of a plan. An empty name stands for the only one.
func SiteOf(p *topology.Plan, name string) (*topology.Site, error) {
	if name == "" && len(p.Sites) == 1 {
		return p.Sites[0], nil
	}
	if s := p.Site(name); s != nil {
		return s, nil
	}
	advice := oneOf(name, p.Sites, func(s *topology.Site) string { return s.Name })
	if name == "" {
		return nil, fmt.Errorf("the file has %d sites; %s", len(p.Sites), advice)
	}
	return nil, fmt.Errorf("no such site, got %q; %s", name, advice)
}

// Choose finds a gateway of a site. An empty name stands for the only one.
func Choose(s *topology.Site, name string) (topology.Gateway, error) {
	if name == "" && len(s.Gateways) == 1 {
		return s.Gateways[0], nil
	}
	for _, g := range s.Gateways {
		if g.Name == name {
			return g, nil
		}
	}
	advice := oneOf(name, s.Gateways, func(g topology.Gateway) string { return g.Name })
	if name == "" {
		return topology.Gateway{}, fmt.Errorf("site %s has %d gateways; %s", s.Name, len(s.Gateways), advice)
	}
	return topology.Gateway{}, fmt.Errorf("no such gateway of site %s, got %q; %s", s.Name, name, advice)
}

// FromPlan is a gateway of a site with everything that AWS does not decide. An error says why it cannot be rendered.
func FromPlan(p *topology.Plan, s *topology.Site, d topology.Gateway) (*Gateway, error) {
	if s.Static {
		return nil, fmt.Errorf("site %s has static routes, by which no gateway tells a dead tunnel; set routing: bgp, or take AWS's sample with --vendor", s.Name)
	}
	t := p.TransitGateway(s.TransitGateway)
	g := &Gateway{
		Network: p.Name, Site: s.Name, Name: d.Name, Public: d.IP, Local: d.Appliance.LocalAddress, WAN: d.Appliance.WAN, LAN: d.Appliance.LAN,
		ASN: d.ASN, AWSASN: t.ASN, Announce: slices.Clone(s.Prefixes), Accept: accepted(t, s), Timers: s.Failover.Timers(),
		Accelerated: s.Acceleration, Interfaces: Interfaces(d.Appliance.Interfaces), ReplayWindow: s.Tunnel.ReplayWindow,
	}
	g.options(s)
	for _, c := range s.Connections {
		for i, inside := range c.Inside {
			if c.Gateway == d.Name {
				g.Tunnels = append(g.Tunnels, Tunnel{Connection: c.Name, Number: i + 1, Inside: inside})
			}
		}
	}
	return g, g.Validate()
}

// options takes over algorithms and lifetimes.
func (g *Gateway) options(s *topology.Site) {
	o := s.Tunnel
	g.Algorithms = Algorithms{
		Phase1Encryption: texts(o.Phase1Encryption), Phase1Integrity: texts(o.Phase1Integrity), Phase1DHGroups: slices.Clone(o.Phase1DHGroups),
		Phase2Encryption: texts(o.Phase2Encryption), Phase2Integrity: texts(o.Phase2Integrity), Phase2DHGroups: slices.Clone(o.Phase2DHGroups),
		OnlyIKEv1: !slices.Contains(o.IKEVersions, "ikev2"),
	}
	g.Phase1Life, g.Phase2Life = time.Duration(o.Phase1Lifetime), time.Duration(o.Phase2Lifetime)
	g.Phase1Rekey, _ = tunnel.Rekey(g.Phase1Life, time.Duration(o.RekeyMargin)) // where it must come first, check sees to it
	g.Phase2Rekey, _ = tunnel.Rekey(g.Phase2Life, time.Duration(o.RekeyMargin))
}

// accepted lists what AWS announces to a site: a transit gateway announces through a VPN attachment what the route table that
// the attachment is associated with knows, and the site's own prefixes not back to it.
func accepted(t *topology.TransitGateway, s *topology.Site) []netip.Prefix {
	segment, _ := t.Segment(topology.TargetSite, s.Name)
	if segment == nil {
		return nil
	}
	var out []netip.Prefix
	for _, r := range segment.Routes {
		if r.Target != (topology.Target{Kind: topology.TargetSite, Name: s.Name}) {
			out = append(out, r.Destination)
		}
	}
	return out
}

func oneOf[T any](got string, list []T, name func(T) string) string {
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = name(x)
	}
	return problem.OneOf(got, names)
}

func texts[S ~string](list []S) []string { return strings.Fields(join(list, " ")) }
