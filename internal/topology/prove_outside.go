package topology

import (
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// proveOutside proves a path from inside to a load balancer that faces the Internet. Its name leads to public addresses, so
// packets leave by the Internet whatever private routes there are, and it sees a public address.
func (b *builder) proveOutside(p *Path, path string, from end, l *LoadBalancer, e entry) {
	var hops []Hop
	in, name := true, p.From.String()
	if from.client != nil {
		hops, from, in = b.enter(p, path, e)
		name = e.name()
	}
	out, err := b.outward(from, e)
	if err != nil {
		b.addf(problem.NoRoute, path, "no route from %s to %s: its name leads to public addresses, and %s; or make it internal", name, l.Ref(), err)
	}
	allowed := b.allowedOutside(p, path, name, from, l, e)
	follow := len(e.rest) == 0
	if !follow {
		b.addf(problem.ViaNotFollowed, path+".via", "the path does not go that way, got %s; the name of %s leads to public addresses, over the Internet", joinRefs(e.rest), l.Ref())
	}
	inner, ok := b.targetLegs(p, path, l)
	p.Forward = slices.Concat(hops, out, []Hop{{TargetNetwork, l.Network, "its public addresses"}, balancerHop(l, p.Port)}, inner)
	p.Return = backwards(p.Forward)
	if err == nil {
		p.Bound = b.bound(p.Forward)
	}
	p.Proven = in && err == nil && allowed && follow && ok
}

// outward is the way from an end to the Internet, or why there is none.
func (b *builder) outward(from end, e entry) ([]Hop, error) {
	switch {
	case e.server != nil && e.server.Tunnel == config.TunnelSplit, e.vpn != nil && e.vpn.Tunnel == config.TunnelSplit:
		return nil, fmt.Errorf("people's machines do not send these through %s with tunnel: split; set tunnel: full", e.name())
	case from.network == nil:
		return nil, fmt.Errorf("the plan knows no way from %s to the Internet; start the path elsewhere", endName(from))
	}
	var hops []Hop
	for _, s := range from.subnets {
		target, ok := b.defaultRoute(from.network, s)
		if !ok {
			return nil, fmt.Errorf("%s %s/%s has no route to the Internet; set egress", from.network.Key, s.Tier, s.ZoneID)
		}
		if hops == nil {
			hops = []Hop{{TargetNetwork, from.network.Key, fmt.Sprintf("%s/%s: %s to its %s", s.Tier, s.ZoneID, internet, target)}}
		}
	}
	return hops, nil
}

// defaultRoute is what leads from a subnet to the Internet, as far as the file shows: an adopted VPC keeps its own.
func (b *builder) defaultRoute(n *Network, s *Subnet) (to string, ok bool) {
	if n.ID != "" {
		return "own gateway", true
	}
	t := n.tables[s.Table]
	if t == nil {
		return "", false
	}
	r := find(t.Routes, func(r *Route) bool {
		return r.Destination == internet && (r.Target.Kind == TargetInternetGateway || r.Target.Kind == TargetNATGateway)
	})
	if r == nil {
		return "", false
	}
	return r.Target.String(), true
}

// allowedOutside asks the rules at both ends of a way over the Internet.
func (b *builder) allowedOutside(p *Path, path, name string, from end, l *LoadBalancer, e entry) bool {
	why := ""
	switch {
	case from.network != nil && !letsIn(b.egressOf(from, every), "tcp", p.Port, every):
		why = fmt.Sprintf("no egress rule at %s for TCP %d to the Internet; add {from: %s, to: internet, tcp: [%d]} to allow", name, p.Port, name, p.Port)
	case e.vpn != nil && !slices.ContainsFunc(e.vpn.Rules, func(r Authorization) bool { return r.Destination == internet }):
		why = fmt.Sprintf("no authorization of %s for the Internet; add {from: %s, to: internet, tcp: [%d]} to allow", name, name, p.Port)
	case !l.Adopted() && !letsIn(b.ingressOf(l.end()), "tcp", p.Port, every):
		why = fmt.Sprintf("no ingress rule at %s for TCP %d from the Internet; add {from: internet, to: %s, tcp: [%d]} to allow", l.Ref(), p.Port, l.Ref(), p.Port)
	default:
		return true
	}
	b.addf(problem.PathNotAllowed, path, "no allow entry opens it, got %s", why)
	return false
}
