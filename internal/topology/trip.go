package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// maxHops stops a packet that transit gateways send around in a circle.
const maxHops = 16

// noRoute is a packet lost for want of a route, for which there is a remedy.
type noRoute struct{ error }

// quantifier says how many of the packets between two ends a claim is about: one that must arrive asks for all of them,
// one that must not is refuted by any. Where it is not sure that AWS or a device passes a packet on, the first does not
// arrive and the second does.
type quantifier bool

const (
	every quantifier = true
	some  quantifier = false
)

// trip follows packets from one end to the other by the planned route tables, from every subnet they may start in and to
// every block of the other end. It returns the hops of the first one that arrives, or why one (of every) or the first
// (of some, when none arrives) is lost.
func (b *builder) trip(from, to end, q quantifier) ([]Hop, error) {
	var first []Hop
	var lost error
	starts := from.subnets
	if from.network == nil {
		starts = []*Subnet{nil}
	}
	for _, s := range starts {
		for _, block := range to.blocks {
			hops, err := b.packet(from, s, block, q)
			if err == nil {
				err = ends(hops, to, block)
			}
			switch {
			case err != nil && q == every:
				return nil, err
			case err != nil && lost == nil:
				lost = err
			case err == nil && first == nil:
				first = hops
			}
		}
	}
	if first == nil && lost == nil {
		lost = fmt.Errorf("%s has no address to send from or to", endName(from))
	}
	if first != nil {
		lost = nil
	}
	return first, lost
}

// ends checks that a packet came to where it was meant for: another network or site may hold the same addresses.
func ends(hops []Hop, to end, block netip.Prefix) error {
	last := hops[len(hops)-1]
	if got := (Target{last.Kind, last.Name}).String(); got != cmp.Or(to.last, endName(to)) {
		return fmt.Errorf("packets to %s of %s end in %s, which holds the same addresses", block, cmp.Or(to.last, endName(to)), got)
	}
	return nil
}

func (b *builder) packet(from end, s *Subnet, dst netip.Prefix, q quantifier) ([]Hop, error) {
	switch {
	case from.network != nil:
		return b.fromNetwork(from.network, s, dst, q)
	case from.vpn != nil:
		return b.fromVPN(from.vpn, dst, q)
	}
	return b.fromSite(from.site, dst, q)
}

// fromNetwork follows a packet that starts in a subnet.
func (b *builder) fromNetwork(n *Network, s *Subnet, dst netip.Prefix, q quantifier) ([]Hop, error) {
	where := fmt.Sprintf("%s %s/%s", n.Key, s.Tier, s.ZoneID)
	if n.holds(dst.Addr()) {
		return []Hop{{TargetNetwork, n.Key, "local route"}}, nil
	}
	if s.Table == "" {
		return nil, fmt.Errorf("the route table of %s is not known", where)
	}
	r := lookup(n.tables[s.Table].Routes, dst.Addr())
	if r == nil {
		return nil, noRoute{fmt.Errorf("%s has no route to %s", where, dst)}
	}
	hops := []Hop{{TargetNetwork, n.Key, fmt.Sprintf("%s/%s: %s to %s", s.Tier, s.ZoneID, r.Destination, r.Target)}}
	switch r.Target.Kind {
	case TargetPeering:
		other := b.plan.Peering(r.Target.Name).Other(n.Key).network
		hops = append(hops, Hop{TargetPeering, r.Target.Name, "to " + other.Key})
		return b.arrive(hops, other, dst)
	case TargetTransitGateway:
		t := b.plan.TransitGateway(r.Target.Name)
		seg, a := t.Segment(TargetNetwork, n.Key)
		if !slices.Contains(a.zones, s.ZoneID) {
			return nil, fmt.Errorf("%s has no attachment of transit gateway %s in its zone", where, t.Name)
		}
		return b.acrossGateway(hops, t, seg, dst, q)
	case TargetOpenVPN:
		return append(hops, Hop{TargetOpenVPN, r.Target.Name, "its network interface"}), nil
	}
	return nil, noRoute{fmt.Errorf("%s sends %s to its %s, which does not lead to private addresses", where, dst, r.Target)}
}

// fromVPN follows a packet that comes out of a Client VPN at a transit gateway.
func (b *builder) fromVPN(v *ClientVPN, dst netip.Prefix, q quantifier) ([]Hop, error) {
	seg, _ := v.gateway.Segment(TargetClientVPN, v.Name)
	if seg == nil {
		return nil, fmt.Errorf("%s is in no segment", v.Ref())
	}
	return b.acrossGateway(nil, v.gateway, seg, dst, q)
}

// fromSite follows a packet that starts behind a site's gateways.
func (b *builder) fromSite(s *Site, dst netip.Prefix, q quantifier) ([]Hop, error) {
	seg, _ := s.gateway.Segment(TargetSite, s.Name)
	if seg == nil {
		return nil, fmt.Errorf("site %s is in no segment", s.Name)
	}
	return b.acrossGateway([]Hop{{TargetSite, s.Name, fmt.Sprintf("VPN to transit gateway %s", s.TransitGateway)}}, s.gateway, seg, dst, q)
}

// acrossGateway follows a packet that came in through an attachment of a segment.
func (b *builder) acrossGateway(hops []Hop, t *TransitGateway, seg *Segment, dst netip.Prefix, q quantifier) ([]Hop, error) {
	r := lookup(seg.Routes, dst.Addr())
	if r == nil {
		return nil, noRoute{fmt.Errorf("segment %s of transit gateway %s has no route to %s", seg.Name, t.Name, dst)}
	}
	hops = append(hops, Hop{TargetTransitGateway, t.Name, fmt.Sprintf("segment %s: %s to %s", seg.Name, r.Destination, r.Target)})
	switch r.Target.Kind {
	case TargetNetwork:
		n := b.plan.Network(r.Target.Name)
		if s := n.subnetOf(dst.Addr()); s != nil && !attachedIn(t, n, s.ZoneID) {
			return nil, fmt.Errorf("%s %s/%s has no attachment of transit gateway %s in its zone", n.Key, s.Tier, s.ZoneID, t.Name)
		}
		return b.arrive(hops, n, dst)
	case TargetSite:
		site := b.plan.Site(r.Target.Name)
		if from := hops[0]; q == every && from.Kind == TargetSite && b.dropsOwnASN(b.plan.Site(from.Name), site) {
			return nil, fmt.Errorf("site %s drops the routes of site %s, whose ASN is its own", site.Name, from.Name)
		}
		return append(hops, Hop{TargetSite, r.Target.Name, site.tunnelsInUse()}), nil
	case TargetClientVPN:
		return append(hops, Hop{TargetClientVPN, r.Target.Name, "its attachment"}), nil
	}
	if q == every && len(hops) > 1 && hops[len(hops)-2].Kind == TargetPeering {
		return nil, fmt.Errorf("transit gateway %s would pass %s on to a second peering, %s; a peering leads to what is attached at its other end", t.Name, dst, r.Target.Name)
	}
	far := b.plan.Peering(r.Target.Name).Other(t.Name).gateway
	next, _ := far.Segment(TargetPeering, r.Target.Name)
	if next == nil || len(hops) > maxHops {
		return nil, fmt.Errorf("peering %s does not lead on at transit gateway %s", r.Target.Name, far.Name)
	}
	hops = append(hops, Hop{TargetPeering, r.Target.Name, "to transit gateway " + far.Name})
	return b.acrossGateway(hops, far, next, dst, q)
}

// dropsOwnASN reports whether BGP keeps two sites apart: a router drops routes that have passed its own ASN (RFC 4271,
// 9.1.2), and the transit gateway passes each site's ASN on to the other.
func (b *builder) dropsOwnASN(x, y *Site) bool {
	return !x.Static && !y.Static && len(x.Gateways) > 0 && len(y.Gateways) > 0 && x.Gateways[0].ASN == y.Gateways[0].ASN
}

// arrive ends a packet's way in a network; a network passes nothing on.
func (b *builder) arrive(hops []Hop, n *Network, dst netip.Prefix) ([]Hop, error) {
	if s := n.routedTo(dst); s != nil && hops[len(hops)-1].Kind == TargetTransitGateway {
		return append(hops, Hop{TargetNetwork, n.Key, fmt.Sprintf("%s: %s to its network interface", TierAttach, s.Pool)}, Hop{TargetOpenVPN, s.Name, "its network interface"}), nil
	}
	if !n.holds(dst.Addr()) {
		return nil, fmt.Errorf("%s is not in %s, and a VPC does not pass packets on", dst, n.Key)
	}
	return append(hops, Hop{TargetNetwork, n.Key, "local route"}), nil
}

// routedTo returns the routed server that holds a block of people's addresses, or nil.
func (n *Network) routedTo(dst netip.Prefix) *OpenVPN {
	return find(n.servers, func(s *OpenVPN) bool { return s.Routed() && contains(s.Pool, dst) })
}

func attachedIn(t *TransitGateway, n *Network, zoneID string) bool {
	_, a := t.Segment(TargetNetwork, n.Key)
	return a != nil && slices.Contains(a.zones, zoneID)
}

func (s *Site) tunnelsInUse() string {
	if s.Sizing == nil {
		return "VPN"
	}
	if s.Sizing.Usable > 1 {
		return fmt.Sprintf("VPN, %d tunnels with ECMP", s.Sizing.Usable)
	}
	return "VPN, one tunnel at a time"
}

// peeringChain finds the way that a VPC peering and something else in a row would make, for the message. It returns ""
// when there is none, or when transit gateways alone join the two ends and only their segments do not.
func (b *builder) peeringChain(from, to end) string {
	if b.chain(from, to, false) != "" {
		return ""
	}
	return b.chain(from, to, true)
}

// chain finds the shortest row of attachments and peerings between two ends, whatever the route tables say.
func (b *builder) chain(from, to end, vpcPeerings bool) string {
	start, goal := endName(from), endName(to)
	type step struct{ edge, to string }
	edges := map[string][]step{}
	join := func(edge, x, y string) {
		edges[x] = append(edges[x], step{edge, y})
		edges[y] = append(edges[y], step{edge, x})
	}
	for _, p := range b.plan.Peerings {
		switch {
		case p.Requester.network != nil && vpcPeerings:
			join("peering/"+p.Name, p.Requester.Name, p.Accepter.Name)
		case p.Requester.network == nil:
			join("peering/"+p.Name, "transitGateway/"+p.Requester.Name, "transitGateway/"+p.Accepter.Name)
		}
	}
	for _, t := range b.plan.TransitGateways {
		for _, s := range t.Segments {
			for _, a := range s.Attachments {
				switch a.Kind {
				case TargetNetwork:
					join("transitGateway/"+t.Name, a.Name, "transitGateway/"+t.Name)
				case TargetSite, TargetClientVPN:
					join("transitGateway/"+t.Name, Target{a.Kind, a.Name}.String(), "transitGateway/"+t.Name)
				}
			}
		}
	}
	came := map[string]step{start: {}}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, e := range edges[queue[0]] {
			if _, seen := came[e.to]; !seen {
				came[e.to] = step{e.edge, queue[0]}
				queue = append(queue, e.to)
			}
		}
	}
	if _, found := came[goal]; !found || start == goal {
		return ""
	}
	var names []string
	for at := goal; at != start; at = came[at].to {
		edge := came[at].edge
		if len(names) == 0 || names[len(names)-1] != edge {
			names = append(names, edge)
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " and ")
}

func endName(e end) string {
	switch {
	case e.network != nil:
		return e.network.Key
	case e.vpn != nil:
		return e.vpn.Ref().String()
	}
	return "site/" + e.site.Name
}
