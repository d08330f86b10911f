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

// FromPlan takes a gateway out of a plan, with everything that AWS does not decide. An empty name stands for the only gateway
// of the site. Errors are about the names, or say why the gateway cannot be rendered.
func FromPlan(p *topology.Plan, site, name string) (*Gateway, topology.Appliance, error) {
	s := p.Site(site)
	if s == nil {
		return nil, topology.Appliance{}, fmt.Errorf("no such site, got %q; %s", site, oneOf(site, p.Sites, func(s *topology.Site) string { return s.Name }))
	}
	d, err := device(s, name)
	if err != nil {
		return nil, topology.Appliance{}, err
	}
	if s.Static {
		return nil, d.Appliance, fmt.Errorf("site %s has static routes, which a gateway cannot tell a dead tunnel by; set routing: bgp, or take AWS's sample with --vendor", site)
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
	return g, d.Appliance, g.Validate()
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

func device(s *topology.Site, name string) (topology.Gateway, error) {
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

func oneOf[T any](got string, list []T, name func(T) string) string {
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = name(x)
	}
	return problem.OneOf(got, names)
}

func texts[S ~string](list []S) []string { return strings.Fields(join(list, " ")) }
