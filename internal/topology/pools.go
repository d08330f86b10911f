package topology

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/problem"
)

// pools checks that addresses of connected people are nobody else's, and lists what servers tell people's machines to send
// them.
func (b *builder) pools() {
	for _, s := range b.plan.OpenVPNs {
		s.Routes = b.pushed(s)
	}
	type pool struct {
		owner, path string
		block       netip.Prefix
		reach       []held
	}
	var all []pool
	for _, s := range b.plan.OpenVPNs {
		all = append(all, pool{s.Ref().String(), fmt.Sprintf("openvpn[%s].pool", s.Name), s.Pool, b.heldFrom(s.network, s.subnet)})
	}
	for _, v := range b.plan.ClientVPNs {
		p := pool{v.Ref().String(), fmt.Sprintf("clientVpns[%s].pool", v.Name), v.Pool, nil}
		switch {
		case v.network != nil:
			p.reach = b.heldFrom(v.network, v.subnets[0])
		default:
			p.reach = b.heldBehind(v)
		}
		all = append(all, p)
	}
	for i, x := range all {
		for _, y := range x.reach {
			if y.block.Overlaps(x.block) && y.owner != x.owner {
				b.poolOverlap(x.path, x.owner, x.block, y.owner, y.block, "which it leads to")
			}
		}
		for _, y := range all[:i] {
			if y.block.Overlaps(x.block) {
				b.poolOverlap(x.path, x.owner, x.block, y.owner, y.block, "and an answer would not know which way to go")
			}
		}
	}
}

// held is a block with whose it is.
type held struct {
	owner string
	block netip.Prefix
}

// heldFrom lists the blocks that a subnet has routes to.
func (b *builder) heldFrom(n *Network, s *Subnet) []held {
	var out []held
	if t := n.tables[s.Table]; t != nil {
		for _, r := range t.Routes {
			if r.Destination.Bits() > 0 {
				out = append(out, held{b.ownerFrom(n, r), r.Destination})
			}
		}
		return out
	}
	for _, p := range n.Blocks {
		out = append(out, held{n.Key, p})
	}
	return out
}

// heldBehind lists the blocks that the segment of a Client VPN has routes to.
func (b *builder) heldBehind(v *ClientVPN) []held {
	var out []held
	if seg, _ := v.gateway.Segment(TargetClientVPN, v.Name); seg != nil {
		for _, r := range seg.Routes {
			out = append(out, held{b.ownerBehind(v.gateway, r), r.Destination})
		}
	}
	return out
}

// poolOverlap reports a pair once: route tables have it too when the pool is routed.
func (b *builder) poolOverlap(path, owner string, block netip.Prefix, other string, of netip.Prefix, why string) {
	pair := [2]string{owner + " " + block.String(), other + " " + of.String()}
	slices.Sort(pair[:])
	if !b.met[pair] {
		b.met[pair] = true
		b.addf(problem.PoolOverlap, path, "overlaps %s, got %s and %s, %s; choose a free block", other, block, of, why)
	}
}

// pushed lists what a server leads people to: its own network and everything that its subnet has a route to. Routed, it leaves
// out what lies behind a VPC peering, which would drop their packets.
func (b *builder) pushed(s *OpenVPN) []netip.Prefix {
	out := slices.Clone(s.network.Blocks)
	if t := s.network.tables[s.subnet.Table]; t != nil {
		for _, r := range t.Routes {
			switch r.Target.Kind {
			case TargetTransitGateway, TargetPeering:
				if r.Target.Kind == TargetTransitGateway || !s.Routed() {
					out = append(out, r.Destination)
				}
			default: // its own block, the Internet, or a pool
			}
		}
	}
	slices.SortFunc(out, comparePrefix)
	return covering(out)
}

// covering leaves out blocks that lie in others of a sorted list.
func covering(sorted []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range sorted {
		if len(out) == 0 || !contains(out[len(out)-1], p) {
			out = append(out, p)
		}
	}
	return out
}
