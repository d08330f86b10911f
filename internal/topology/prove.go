package topology

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// prove follows packets to the host and their answers back, and asks the security groups on both ends. A path that must
// be reachable is judged from every subnet it may start in and for every block, not only from the one that is measured;
// one that must be unreachable is refuted by any of them.
func (b *builder) prove(p *Path, path string, from, to end, via []config.Ref) {
	q := quantifier(p.Expect != config.Unreachable)
	fwd, ferr := b.trip(from, to, q)
	back, berr := b.trip(to, from, q)
	sg := b.blocked(p, from, to, q)
	p.Forward, p.Return = fwd, back
	if p.Expect == config.Unreachable {
		b.refute(p, path, from, to, ferr, berr, sg)
		return
	}
	switch {
	case ferr != nil:
		if chain := b.peeringChain(from, to); chain != "" {
			b.addf(problem.PeeringTransit, path, "no route from %s to %s: only %s would lead there, and a VPC peering does not pass on other networks' packets; peer the two ends directly, or use transit gateways", p.From, p.To, chain)
		} else {
			b.addf(problem.NoRoute, path, "no route from %s to %s: %s%s", p.From, p.To, ferr, remedy(ferr, cmp.Or(b.hint(from, to), "add a peering, or join them by a transit gateway")))
		}
	case berr != nil:
		b.addf(problem.NoReturnRoute, path, "answers from %s do not come back to %s: %s%s", p.To, p.From, berr, remedy(berr, cmp.Or(b.hint(to, from), "add the return direction")))
	}
	if sg != "" {
		b.addf(problem.PathNotAllowed, path, "no allow entry opens it, got %s; add {from: %s, to: %s, tcp: [%d]} to allow", sg, p.From, p.opensTo(), p.Port)
	}
	if ferr == nil && !follows(fwd, via) {
		b.addf(problem.ViaNotFollowed, path+".via", "the path does not go that way, got %s; it goes through %s", joinRefs(via), hopNames(fwd))
	}
	if ferr == nil {
		p.Bound = b.bound(fwd)
	}
	p.Proven = ferr == nil && berr == nil && sg == "" && follows(fwd, via)
}

// remedy is what to do about a missing route; what else stops a packet says for itself what would have to change.
func remedy(err error, advice string) string {
	if errors.As(err, &noRoute{}) {
		return "; " + advice
	}
	return ""
}

// refute judges a path that must be unreachable. An allow entry that opens it is wrong even while no route leads there:
// the next peering would complete the path.
func (b *builder) refute(p *Path, path string, from, to end, ferr, berr error, sg string) {
	switch {
	case ferr != nil:
		p.Why = ferr.Error()
	case berr != nil:
		p.Why = "answers do not come back: " + berr.Error()
	default:
		p.Why = sg
	}
	open := ferr == nil && berr == nil
	switch {
	case sg != "" || !open && from.network == nil && to.network == nil:
		p.Proven = true // no security group stands between two sites, so a missing route is all that can stop it
	case open:
		b.addf(problem.NegativeAllowed, path, "must be unreachable, but %s reaches %s on TCP %d through %s; remove the allow entry or the route", p.From, p.To, p.Port, hopNames(p.Forward))
	default:
		b.addf(problem.NegativeAllowed, path, "must be unreachable, but an allow entry opens TCP %d from %s to %s, and only a missing route stops it; remove the allow entry", p.Port, p.From, p.To)
	}
}

// blocked says which security group stops a path, or "".
func (b *builder) blocked(p *Path, from, to end, q quantifier) string {
	return b.blockedLeg(p.From.String(), p.To.String(), p.Port, from, to, q)
}

// blockedLeg is like blocked, for a part of a path.
func (b *builder) blockedLeg(fromName, toName string, port int, from, to end, q quantifier) string {
	if from.network != nil && !from.foreign {
		egress := b.egressOf(from, q)
		if dst := closed(egress, to.blocks, port, q); dst != "" {
			return fmt.Sprintf("no egress rule at %s for TCP %d to %s", fromName, port, dst)
		}
	}
	if to.network != nil && !to.foreign {
		ingress := b.rulesOf(to, q, func(g *SecurityGroup) []Rule { return g.Ingress })
		if src := closed(ingress, from.blocks, port, q); src != "" {
			return fmt.Sprintf("no ingress rule at %s for TCP %d from %s", toName, port, src)
		}
	}
	return ""
}

// rulesOf are the rules of the groups that an end has.
func (b *builder) rulesOf(e end, q quantifier, pick func(*SecurityGroup) []Rule) []Rule {
	if e.group == "" {
		return groupRules(e.network, e.host, q, pick)
	}
	if g := e.network.securityGroup(e.group); g != nil {
		return pick(g)
	}
	return nil
}

// egressOf are the rules that let something out of an end. For people who come through a server they are not those of its group.
func (b *builder) egressOf(e end, q quantifier) []Rule {
	if e.through != nil {
		return e.through.Grants
	}
	return b.rulesOf(e, q, func(g *SecurityGroup) []Rule { return g.Egress })
}

// closed returns the first block that the rules do not open completely or, asked for some, the first one when they open
// no part of any; "" when the rules open what is asked.
func closed(rules []Rule, blocks []netip.Prefix, port int, q quantifier) string {
	for _, block := range blocks {
		open := slices.ContainsFunc(rules, func(r Rule) bool {
			return r.Protocol == "tcp" && r.From <= port && port <= r.To && (contains(r.Peer, block) || q == some && r.Peer.Overlaps(block))
		})
		switch {
		case !open && q == every:
			return block.String()
		case open && q == some:
			return ""
		}
	}
	if q == every || len(blocks) == 0 {
		return ""
	}
	return blocks[0].String()
}

// groupRules joins the rules of the network's group and the host's own: an interface with both has all of them. Without
// a host, some workload of the network may have any of its hosts' groups.
func groupRules(n *Network, h *Host, q quantifier, pick func(*SecurityGroup) []Rule) []Rule {
	var out []Rule
	for _, g := range n.SecurityGroups {
		if g.Of != "" {
			continue // of a way in, which is no workload
		}
		if g.Host == "" || h != nil && g.Host == h.Name || h == nil && q == some {
			out = append(out, pick(g)...)
		}
	}
	return out
}

// follows reports whether the hops cross via's items in their order.
func follows(hops []Hop, via []config.Ref) bool {
	for _, h := range hops {
		if len(via) > 0 && string(h.Kind) == string(via[0].Kind) && h.Name == via[0].Name {
			via = via[1:]
		}
	}
	return len(via) == 0
}
