package topology

import (
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// proveClient proves the part in AWS of a path that people use: what is sent to a public address of the host gets in, and
// answers find the way out. That the host has such an address, and what lies between, only a measurement shows.
func (b *builder) proveClient(p *Path, path string, to end, via []config.Ref) {
	switch {
	case len(via) > 0:
		b.addf(problem.Conflict, path+".via", "people reach that over the Internet alone, got %s; name openvpn/NAME or clientVpn/NAME that they connect to, or leave via out", joinRefs(via))
		return
	case to.network == nil:
		b.addf(problem.Conflict, path+".to", "the plan knows no way from people to a site, got %s; name a host in a network", p.To)
		return
	}
	where := fmt.Sprintf("%s %s/%s", to.network.Key, to.host.subnet.Tier, to.host.subnet.ZoneID)
	open := b.internetGateway(to)
	if !open {
		b.addf(problem.NoRoute, path, "no route from %s to %s: %s has no route to an Internet gateway; set egress: igw and put the host into the tier public", p.From, p.To, where)
	}
	allowed := b.opens(to, p.Port, every)
	if !allowed {
		b.addf(problem.PathNotAllowed, path, "no allow entry opens it, got no ingress rule at %s for TCP %d from the Internet; add {from: internet, to: %s, tcp: [%d]} to allow",
			p.To, p.Port, p.To, p.Port)
	}
	p.Forward = []Hop{{TargetClient, p.From.Name, "the Internet"}, {TargetNetwork, to.network.Key, where}}
	p.Return = []Hop{{TargetNetwork, to.network.Key, where + ": 0.0.0.0/0 to its Internet gateway"}, {TargetClient, p.From.Name, "the Internet"}}
	p.Bound = b.bound(p.Forward)
	p.Proven = open && allowed
}

// internetGateway reports whether the file shows that a host's subnet has a route to an Internet gateway.
func (b *builder) internetGateway(to end) bool {
	t := to.network.tables[to.host.subnet.Table]
	return t != nil && slices.ContainsFunc(t.Routes, func(r *Route) bool {
		return r.Destination == internet && r.Target.Kind == TargetInternetGateway
	})
}

// opens reports whether an end's security groups let the whole Internet in on a TCP port or, asked for some, any public
// address.
func (b *builder) opens(to end, port int, q quantifier) bool {
	if to.foreign { // nobody knows its groups; an internal one has no public address
		return to.balancer == nil || to.balancer.Scheme == config.SchemeInternetFacing
	}
	return letsIn(b.rulesOf(to, q, func(g *SecurityGroup) []Rule { return g.Ingress }), "tcp", port, q)
}
