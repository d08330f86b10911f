package topology

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/problem"
)

// segments fills the transit gateway route tables. A segment that reaches another learns the routes of that
// segment's attachments: networks and BGP sites propagate theirs, peerings and static sites need static routes.
func (b *builder) segments() {
	for _, t := range b.plan.TransitGateways {
		for _, s := range t.Segments {
			for _, name := range s.Reaches {
				other := find(t.Segments, func(x *Segment) bool { return x.Name == name })
				if other == nil {
					continue // reported by reaches()
				}
				for _, a := range other.Attachments {
					b.learn(t, s, a)
				}
			}
			sortRoutes(s.Routes)
		}
	}
}

func (b *builder) learn(t *TransitGateway, s *Segment, a *Attachment) {
	static := a.Kind == TargetPeering
	if a.Kind == TargetSite {
		site := b.plan.Site(a.Name)
		static = site != nil && site.Static
		b.staticSlot(site)
	}
	if !static {
		a.PropagateTo = append(a.PropagateTo, s.Name)
		slices.Sort(a.PropagateTo)
	}
	for _, p := range b.announced(t, a) {
		// AWS propagates a VPC's own blocks only
		r := &Route{p, Target{a.Kind, a.Name}, static || a.Kind == TargetNetwork && !b.plan.Network(a.Name).hasBlock(p)}
		i := slices.IndexFunc(s.Routes, func(o *Route) bool { return o.Destination == p })
		if i >= 0 && b.ownerBehind(t, s.Routes[i]) != b.ownerBehind(t, r) {
			b.overlap(b.ownerBehind(t, s.Routes[i])+" "+p.String(), b.ownerBehind(t, r)+" "+p.String(),
				fmt.Sprintf("segment %s of transit gateway %s", s.Name, t.Name), fmt.Sprintf("transitGateways[%s].segments[%s]", t.Name, s.Name))
			continue
		}
		if i >= 0 && s.Routes[i].Target != r.Target {
			b.addf(problem.RouteSlot, fmt.Sprintf("transitGateways[%s].segments[%s]", t.Name, s.Name),
				"two ways to %s, got %s and %s; let the segment reach only one of them", p, s.Routes[i].Target, r.Target)
			continue
		}
		s.Routes = append(s.Routes, r)
	}
}

// staticSlot reports a static site with several connections: a static route names one attachment.
func (b *builder) staticSlot(s *Site) {
	if s == nil || !s.Static || len(s.Connections) < 2 {
		return
	}
	path := fmt.Sprintf("sites[%s].connect.vpnConnections", s.Name)
	if !slices.ContainsFunc(b.found, func(p problem.Problem) bool { return p.Code == problem.StaticSlot && p.Path == path }) {
		b.addf(problem.StaticSlot, path, "a static route leads to one VPN connection, got %d; declare one, or set routing: bgp", len(s.Connections))
	}
}

// announced lists the prefixes behind an attachment.
func (b *builder) announced(t *TransitGateway, a *Attachment) []netip.Prefix {
	switch a.Kind {
	case TargetNetwork:
		n := b.plan.Network(a.Name)
		return slices.Concat(n.Blocks, n.pools())
	case TargetClientVPN:
		if v := b.plan.ClientVPN(a.Name); v != nil {
			return []netip.Prefix{v.Pool}
		}
	case TargetSite:
		if s := b.plan.Site(a.Name); s != nil {
			return s.Prefixes
		}
	case TargetPeering:
		return b.behindPeering(t, a.Name)
	}
	return nil
}

// behindPeering lists what a peering leads to: the networks and sites of the far segments that the peering's own
// segment there reaches. It does not lead on to a third transit gateway.
func (b *builder) behindPeering(t *TransitGateway, name string) []netip.Prefix {
	p := b.plan.Peering(name)
	if p == nil {
		return nil
	}
	far := p.Other(t.Name).gateway
	seg, _ := far.Segment(TargetPeering, name)
	if seg == nil {
		return nil
	}
	var out []netip.Prefix
	for _, r := range seg.Reaches {
		i := slices.IndexFunc(far.Segments, func(x *Segment) bool { return x.Name == r })
		if i < 0 {
			continue
		}
		for _, a := range far.Segments[i].Attachments {
			if a.Kind != TargetPeering {
				out = append(out, b.announced(far, a)...)
			}
		}
	}
	slices.SortFunc(out, comparePrefix)
	return slices.Compact(out)
}

// vpcRoutes fills the VPC route tables: the local routes, the other end of every VPC peering, and everything that the
// segments of the network's transit gateways know.
func (b *builder) vpcRoutes() {
	for _, n := range b.plan.Networks {
		for _, t := range n.RouteTables {
			for _, p := range n.Blocks {
				t.Routes = append(t.Routes, &Route{p, Target{Kind: TargetLocal}, false})
			}
		}
		for _, s := range n.servers {
			if s.Routed() {
				b.routePool(n, s)
			}
		}
		for _, p := range n.peerings {
			for _, dest := range p.Other(n.Key).network.Blocks {
				b.routeFrom(n, dest, Target{TargetPeering, p.Name}, fmt.Sprintf("peerings[%s]", p.Name))
			}
		}
		for _, t := range b.plan.TransitGateways {
			s, _ := t.Segment(TargetNetwork, n.Key)
			if s == nil {
				continue
			}
			for _, r := range s.Routes {
				if r.Target != (Target{TargetNetwork, n.Key}) {
					b.routeFrom(n, r.Destination, Target{TargetTransitGateway, t.Name}, fmt.Sprintf("transitGateways[%s].segments[%s]", t.Name, s.Name))
				}
			}
		}
		for _, t := range n.RouteTables {
			sortRoutes(t.Routes)
		}
	}
}

// routePool leads to a routed server in all tables, also those of the tier attach: what comes from a transit gateway is routed there.
func (b *builder) routePool(n *Network, s *OpenVPN) {
	target := Target{TargetOpenVPN, s.Name}
	b.routeFrom(n, s.Pool, target, fmt.Sprintf("openvpn[%s].pool", s.Name))
	for _, t := range n.RouteTables {
		if t.Tier == TierAttach {
			t.Routes = append(t.Routes, &Route{s.Pool, target, true})
		}
	}
}

// pools are the blocks of people connected to routed servers of the network.
func (n *Network) pools() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range n.servers {
		if s.Routed() {
			out = append(out, s.Pool)
		}
	}
	return out
}

func (n *Network) hasBlock(p netip.Prefix) bool { return slices.Contains(n.Blocks, p) }

// routeFrom adds a route to every route table of a network's workload subnets.
func (b *builder) routeFrom(n *Network, dest netip.Prefix, target Target, path string) {
	done := map[string]bool{}
	for _, s := range n.workloads() {
		if s.Table == "" {
			b.addf(problem.NoRouteTable, fmt.Sprintf("networks[%s].subnets[%s][%s]", n.Key, s.Tier, s.ZoneID),
				"its route table is not known, so %s cannot be routed to %s; add routeTable: rtb-..., or move the subnet out of this file", dest, target)
			continue
		}
		t := n.tables[s.Table]
		if done[t.Key] {
			continue
		}
		done[t.Key] = true
		i := slices.IndexFunc(t.Routes, func(r *Route) bool { return r.Destination == dest })
		if i >= 0 && t.Routes[i].Target.Kind != TargetLocal {
			b.addf(problem.RouteSlot, path, "route table %s of %s already leads to %s through %s, got a second way through %s; remove one", t.Key, n.Key, dest, t.Routes[i].Target, target)
			return
		}
		t.Routes = append(t.Routes, &Route{dest, target, true})
	}
}

// String names a target as a person reads it.
func (t Target) String() string {
	switch t.Kind {
	case TargetLocal:
		return "local"
	case TargetNATGateway:
		return "NAT gateway in " + t.Name
	case TargetInternetGateway:
		return "Internet gateway"
	case TargetNetwork:
		return t.Name
	}
	return string(t.Kind) + "/" + t.Name
}

// lookup returns the route that a packet takes: the longest prefix that holds its destination.
func lookup(routes []*Route, dst netip.Addr) *Route {
	var best *Route
	for _, r := range routes {
		if r.Destination.Contains(dst) && (best == nil || r.Destination.Bits() > best.Destination.Bits()) {
			best = r
		}
	}
	return best
}

func sortRoutes(routes []*Route) {
	slices.SortStableFunc(routes, func(x, y *Route) int { return comparePrefix(x.Destination, y.Destination) })
}
