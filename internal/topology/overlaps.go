package topology

import (
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/problem"
)

// overlaps reports blocks that can meet: those that stand in one route table, of a VPC or of a segment.
func (b *builder) overlaps() {
	for _, n := range b.plan.Networks {
		owner := func(r *Route) string { return b.ownerFrom(n, r) }
		for _, t := range n.RouteTables {
			b.meet("route table "+t.Key+" of "+n.Key, fmt.Sprintf("networks[%s].cidr", n.Key), t.Routes, owner)
		}
	}
	for _, t := range b.plan.TransitGateways {
		owner := func(r *Route) string { return b.ownerBehind(t, r) }
		b.ownBlocks(t)
		for _, s := range t.Segments {
			b.meet(fmt.Sprintf("segment %s of transit gateway %s", s.Name, t.Name), fmt.Sprintf("transitGateways[%s].segments[%s]", t.Name, s.Name), s.Routes, owner)
		}
	}
}

// ownBlocks reports blocks of a transit gateway's own that something behind it has too.
func (b *builder) ownBlocks(t *TransitGateway) {
	for i, p := range t.CIDRBlocks {
		for _, s := range t.Segments {
			for _, r := range s.Routes {
				if p.Overlaps(r.Destination) {
					b.overlap("transitGateway/"+t.Name+" "+p.String(), b.ownerBehind(t, r)+" "+r.Destination.String(),
						fmt.Sprintf("segment %s of transit gateway %s", s.Name, t.Name), fmt.Sprintf("transitGateways[%s].cidrBlocks[%d]", t.Name, i))
				}
			}
		}
	}
}

// meet reports the overlaps in one table. Default routes overlap with everything by intent.
func (b *builder) meet(table, fallback string, routes []*Route, owner func(*Route) string) {
	for i, x := range routes {
		for _, y := range routes[:i] {
			if x.Destination.Bits() == 0 || y.Destination.Bits() == 0 || !x.Destination.Overlaps(y.Destination) || owner(x) == owner(y) {
				continue
			}
			b.overlap(owner(x)+" "+x.Destination.String(), owner(y)+" "+y.Destination.String(), table, fallback)
		}
	}
}

// overlap reports two blocks, as "owner prefix", once: a pair meets in many tables.
func (b *builder) overlap(x, y, table, fallback string) {
	pair := [2]string{x, y}
	slices.Sort(pair[:])
	if b.met[pair] {
		return
	}
	b.met[pair] = true
	b.addf(problem.Overlap, b.blockPath(pair[1], fallback), "overlaps, got %s and %s, which meet in %s; choose a free block", pair[0], pair[1], table)
}

// ownerFrom names whose block a route of a network leads to.
func (b *builder) ownerFrom(n *Network, r *Route) string {
	switch r.Target.Kind {
	case TargetLocal:
		return n.Key
	case TargetPeering:
		return b.plan.Peering(r.Target.Name).Other(n.Key).Name
	case TargetOpenVPN:
		return r.Target.String()
	}
	t := b.plan.TransitGateway(r.Target.Name)
	if t == nil {
		return r.Target.String()
	}
	seg, _ := t.Segment(TargetNetwork, n.Key)
	i := slices.IndexFunc(seg.Routes, func(x *Route) bool { return x.Destination == r.Destination })
	if i < 0 {
		return r.Target.String()
	}
	return b.ownerBehind(t, seg.Routes[i])
}

// ownerBehind names the network or site that a segment's route leads to, across a peering too.
func (b *builder) ownerBehind(t *TransitGateway, r *Route) string {
	switch r.Target.Kind {
	case TargetNetwork:
		n := b.plan.Network(r.Target.Name)
		for _, s := range n.servers {
			if s.Routed() && s.Pool == r.Destination && !n.hasBlock(r.Destination) {
				return s.Ref().String()
			}
		}
		return r.Target.Name
	case TargetClientVPN:
		return r.Target.String()
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
