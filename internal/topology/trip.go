package topology

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxHops stops a packet that two transit gateways send back and forth. Such routes are reported as errors of their own.
const maxHops = 16

// quantifier says how many of the packets between two ends a claim is about: one that must arrive asks for all of them,
// one that must not is refuted by any.
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
			hops, err := b.packet(from, s, block.Addr())
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

func (b *builder) packet(from end, s *Subnet, dst netip.Addr) ([]Hop, error) {
	if from.network != nil {
		return b.fromNetwork(from.network, s, dst)
	}
	return b.fromSite(from.site, dst)
}

// fromNetwork follows a packet that starts in a subnet.
func (b *builder) fromNetwork(n *Network, s *Subnet, dst netip.Addr) ([]Hop, error) {
	where := fmt.Sprintf("%s %s/%s", n.Key, s.Tier, s.ZoneID)
	if n.holds(dst) {
		return []Hop{{TargetNetwork, n.Key, "local route"}}, nil
	}
	if s.Table == "" {
		return nil, fmt.Errorf("the route table of %s is not known", where)
	}
	r := lookup(n.tables[s.Table].Routes, dst)
	if r == nil {
		return nil, fmt.Errorf("%s has no route to %s", where, dst)
	}
	hops := []Hop{{TargetNetwork, n.Key, fmt.Sprintf("%s/%s: %s to %s", s.Tier, s.ZoneID, r.Destination, r.Target)}}
	switch r.Target.Kind {
	case TargetPeering:
		other := b.plan.Peering(r.Target.Name).Other(n.Key).network
		hops = append(hops, Hop{TargetPeering, r.Target.Name, "to " + other.Key})
		return b.arrive(hops, other, dst)
	case TargetTransitGateway:
		t := b.plan.TransitGateway(r.Target.Name)
		seg, _ := t.Segment(TargetNetwork, n.Key)
		return b.acrossGateway(hops, t, seg, dst)
	}
	return nil, fmt.Errorf("%s sends %s to its %s, which does not lead to private addresses", where, dst, r.Target)
}

// fromSite follows a packet that starts behind a site's gateways.
func (b *builder) fromSite(s *Site, dst netip.Addr) ([]Hop, error) {
	seg, _ := s.gateway.Segment(TargetSite, s.Name)
	if seg == nil {
		return nil, fmt.Errorf("site %s is in no segment", s.Name)
	}
	return b.acrossGateway([]Hop{{TargetSite, s.Name, fmt.Sprintf("VPN to transit gateway %s", s.TransitGateway)}}, s.gateway, seg, dst)
}

// acrossGateway follows a packet that came in through an attachment of a segment.
func (b *builder) acrossGateway(hops []Hop, t *TransitGateway, seg *Segment, dst netip.Addr) ([]Hop, error) {
	r := lookup(seg.Routes, dst)
	if r == nil {
		return nil, fmt.Errorf("segment %s of transit gateway %s has no route to %s", seg.Name, t.Name, dst)
	}
	hops = append(hops, Hop{TargetTransitGateway, t.Name, fmt.Sprintf("segment %s: %s to %s", seg.Name, r.Destination, r.Target)})
	switch r.Target.Kind {
	case TargetNetwork:
		return b.arrive(hops, b.plan.Network(r.Target.Name), dst)
	case TargetSite:
		site := b.plan.Site(r.Target.Name)
		return append(hops, Hop{TargetSite, r.Target.Name, site.tunnelsInUse()}), nil
	}
	far := b.plan.Peering(r.Target.Name).Other(t.Name).gateway
	next, _ := far.Segment(TargetPeering, r.Target.Name)
	if next == nil || len(hops) > maxHops {
		return nil, fmt.Errorf("peering %s does not lead on at transit gateway %s", r.Target.Name, far.Name)
	}
	hops = append(hops, Hop{TargetPeering, r.Target.Name, "to transit gateway " + far.Name})
	return b.acrossGateway(hops, far, next, dst)
}

// arrive ends a packet's way in a network; a network passes nothing on.
func (b *builder) arrive(hops []Hop, n *Network, dst netip.Addr) ([]Hop, error) {
	if !n.holds(dst) {
		return nil, fmt.Errorf("%s is not in %s, and a VPC does not pass packets on", dst, n.Key)
	}
	return append(hops, Hop{TargetNetwork, n.Key, "local route"}), nil
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

// peeringChain finds the way that only VPC peerings and attachments in a row would make, for the message; "" if none.
func (b *builder) peeringChain(from, to end) string {
	start, goal := endName(from), endName(to)
	type step struct{ edge, to string }
	edges := map[string][]step{}
	join := func(edge, x, y string) {
		edges[x] = append(edges[x], step{edge, y})
		edges[y] = append(edges[y], step{edge, x})
	}
	for _, p := range b.plan.Peerings {
		if p.Requester.network != nil {
			join("peering/"+p.Name, p.Requester.Name, p.Accepter.Name)
		} else {
			join("peering/"+p.Name, "transitGateway/"+p.Requester.Name, "transitGateway/"+p.Accepter.Name)
		}
	}
	for _, t := range b.plan.TransitGateways {
		for _, s := range t.Segments {
			for _, a := range s.Attachments {
				switch a.Kind {
				case TargetNetwork:
					join("transitGateway/"+t.Name, a.Name, "transitGateway/"+t.Name)
				case TargetSite:
					join("transitGateway/"+t.Name, "site/"+a.Name, "transitGateway/"+t.Name)
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
	vpcPeering := false
	for at := goal; at != start; at = came[at].to {
		edge := came[at].edge
		if p := b.plan.Peering(strings.TrimPrefix(edge, "peering/")); p != nil && p.Requester.network != nil {
			vpcPeering = true
		}
		if len(names) == 0 || names[len(names)-1] != edge {
			names = append(names, edge)
		}
	}
	if !vpcPeering {
		return ""
	}
	for i, j := 0, len(names)-1; i < j; i, j = i+1, j-1 {
		names[i], names[j] = names[j], names[i]
	}
	return strings.Join(names, " and ")
}

func endName(e end) string {
	if e.network != nil {
		return e.network.Key
	}
	return "site/" + e.site.Name
}
