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
		r := &Route{p, Target{a.Kind, a.Name}, static}
		i := slices.IndexFunc(s.Routes, func(o *Route) bool { return o.Destination == p })
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
		return b.plan.Network(a.Name).Blocks
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

// overlaps reports blocks that can meet: those that stand in one route table, of a VPC or of a segment.
func (b *builder) overlaps() {
	type pair [2]string
	seen := map[pair]bool{}
	check := func(table string, routes []*Route, owner func(*Route) string, path string) {
		for i, x := range routes {
			for _, y := range routes[:i] {
				if x.Destination.Bits() == 0 || y.Destination.Bits() == 0 || !x.Destination.Overlaps(y.Destination) {
					continue
				}
				a, c := owner(x), owner(y)
				if a == c {
					continue
				}
				key := pair{a + " " + x.Destination.String(), c + " " + y.Destination.String()}
				slices.Sort(key[:])
				if seen[key] {
					continue
				}
				seen[key] = true
				b.addf(problem.Overlap, b.blockPath(key[1], path), "overlaps, got %s and %s, which meet in %s; choose a free block", key[0], key[1], table)
			}
		}
	}
	for _, n := range b.plan.Networks {
		own := func(r *Route) string {
			switch r.Target.Kind {
			case TargetLocal:
				return n.Key
			case TargetPeering:
				return b.plan.Peering(r.Target.Name).Other(n.Key).Name
			}
			return b.ownerVia(r)
		}
		for _, t := range n.RouteTables {
			check("route table "+t.Key+" of "+n.Key, t.Routes, own, fmt.Sprintf("networks[%s].cidr", n.Key))
		}
	}
	for _, t := range b.plan.TransitGateways {
		for _, s := range t.Segments {
			check(fmt.Sprintf("segment %s of transit gateway %s", s.Name, t.Name), s.Routes,
				func(r *Route) string { return b.ownerBehind(t, r) }, fmt.Sprintf("transitGateways[%s].segments[%s]", t.Name, s.Name))
		}
	}
}

// ownerVia names whose block a route through a transit gateway leads to.
func (b *builder) ownerVia(r *Route) string {
	t := b.plan.TransitGateway(r.Target.Name)
	if t == nil {
		return r.Target.String()
	}
	for _, s := range t.Segments {
		for _, x := range s.Routes {
			if x.Destination == r.Destination {
				return b.ownerBehind(t, x)
			}
		}
	}
	return r.Target.String()
}

// ownerBehind names the network or site that a segment's route leads to, across a peering too.
func (b *builder) ownerBehind(t *TransitGateway, r *Route) string {
	switch r.Target.Kind {
	case TargetNetwork:
		return r.Target.Name
	case TargetSite:
		return "site/" + r.Target.Name
	}
	p := b.plan.Peering(r.Target.Name)
	if p == nil {
		return r.Target.String()
	}
	far := p.Other(t.Name).gateway
	for _, s := range far.Segments {
		for _, a := range s.Attachments {
			if a.Kind != TargetPeering && slices.Contains(b.announced(far, a), r.Destination) {
				return b.ownerBehind(far, &Route{Destination: r.Destination, Target: Target{a.Kind, a.Name}})
			}
		}
	}
	return r.Target.String()
}

// blockPath finds the key path of "owner prefix" as overlaps writes it, or falls back.
func (b *builder) blockPath(ownerBlock, fallback string) string {
	for _, name := range sortedKeys(b.f.Networks) {
		c := b.f.Networks[name]
		if ownerBlock == fmt.Sprintf("%s %s", name, c.CIDR.Masked()) {
			return fmt.Sprintf("networks[%s].cidr", name)
		}
		for i, s := range c.SecondaryCIDRs {
			if ownerBlock == fmt.Sprintf("%s %s", name, s.Masked()) {
				return fmt.Sprintf("networks[%s].secondaryCidrs[%d]", name, i)
			}
		}
	}
	for _, name := range sortedKeys(b.f.Sites) {
		for i, p := range b.f.Sites[name].Prefixes {
			if ownerBlock == fmt.Sprintf("site/%s %s", name, p.Masked()) {
				return fmt.Sprintf("sites[%s].prefixes[%d]", name, i)
			}
		}
	}
	return fallback
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
