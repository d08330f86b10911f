package topology

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// leg is the way from one thing that ends connections to the next.
type leg struct {
	there, back []Hop
	problem     problem.Code // "" if the leg works
	why         string
}

// legOf proves one leg: routes both ways, and the security groups.
func (b *builder) legOf(fromName, toName string, port int, from, to end) leg {
	there, ferr := b.trip(from, to, every)
	back, berr := b.trip(to, from, every)
	l := leg{there: there, back: back}
	switch {
	case ferr != nil:
		l.problem, l.why = problem.NoRoute, fmt.Sprintf("no route from %s to %s: %s%s", fromName, toName, ferr, remedy(ferr, cmp.Or(b.hint(from, to), "add a peering, or join them by a transit gateway")))
	case berr != nil:
		l.problem, l.why = problem.NoReturnRoute, fmt.Sprintf("answers from %s do not come back to %s: %s%s", toName, fromName, berr, remedy(berr, cmp.Or(b.hint(to, from), "add the return direction")))
	default:
		if sg := b.blockedLeg(fromName, toName, port, from, to, every); sg != "" {
			l.problem, l.why = problem.PathNotAllowed, fmt.Sprintf("no allow entry opens it, got %s; add {from: %s, to: %s, tcp: [%d]} to allow", sg, fromName, toName, port)
		}
	}
	return l
}

// proveEdge proves a path of people to edge proxies: that they get in, that the proxies reach their origin, and the origin its targets.
func (b *builder) proveEdge(p *Path, path string, x *EdgeProxy, e entry) {
	d := door{ref: x.Ref(), ingress: b.ingressOf(end{network: x.network, group: x.Ref().String()}), tcp: []int{p.Port}, open: b.toInternet(x.network, x.subnets[0]),
		where: x.network.Key + " " + x.subnets[0].Tier + "/" + x.subnets[0].ZoneID}
	hops, port, _, in := b.knock(p, path, e, d, false)
	p.Port = port
	p.Ends = append(p.Ends, x.Ref().String())
	hops = append(hops, Hop{TargetEdgeProxy, x.Name, fmt.Sprintf("%s, then nginx: ends here, goes on to %s by name", x.Entry, x.origin.Ref())})
	way := b.originLeg(x)
	if way.problem != "" {
		b.addf(way.problem, path, "%s", way.why)
	}
	follow := way.problem != "" || follows(way.there, e.rest)
	if !follow {
		b.addf(problem.ViaNotFollowed, path+".via", "the path does not go that way, got %s; it goes through %s", joinRefs(e.rest), hopNames(way.there))
	}
	inner, ok := b.targetLegs(p, path, x.origin)
	p.Forward = slices.Concat(hops, way.there, []Hop{balancerHop(x.origin, x.Origin.Port)}, inner)
	p.Return = slices.Concat(backwards(append([]Hop{balancerHop(x.origin, x.Origin.Port)}, inner...)), way.back, backwards(hops))
	if way.problem == "" {
		p.Bound = b.bound(p.Forward)
	}
	p.Proven = in && ok && follow && way.problem == ""
}

func balancerHop(l *LoadBalancer, port int) Hop {
	how := "passes the connection on"
	if l.endsTCP(port) {
		how = "ends here"
	}
	if l.Adopted() {
		how += "; its own security groups and targets are not in this file"
	}
	return Hop{TargetLoadBalancer, l.Name, fmt.Sprintf("%s load balancer, TCP %d: %s", l.Type, port, how)}
}

// originLeg is the way from edge proxies to their origin.
func (b *builder) originLeg(x *EdgeProxy) leg {
	l := x.origin
	from := end{network: x.network, group: x.Instances(), subnets: x.subnets, blocks: blocksOf(x.subnets)}
	if x.Origin.Via != string(config.KindInternet) {
		return b.legOf(x.Ref().String(), l.Ref().String(), x.Origin.Port, from, l.end())
	}
	way := leg{there: []Hop{{TargetNetwork, x.Network, x.subnets[0].Tier + ": 0.0.0.0/0 to its Internet gateway"}, {TargetNetwork, l.Network, "its public addresses"}},
		back: []Hop{{TargetNetwork, l.Network, "0.0.0.0/0 to its Internet gateway"}, {TargetNetwork, x.Network, "the same connection"}}}
	egress := b.egressOf(from, every)
	switch {
	case !letsIn(egress, "tcp", x.Origin.Port, every):
		way.problem, way.why = problem.PathNotAllowed, fmt.Sprintf("no allow entry opens it, got no egress rule at %s for TCP %d to the Internet; add {from: %s, to: internet, tcp: [%d]} to allow", x.Ref(), x.Origin.Port, x.Ref(), x.Origin.Port)
	case !l.Adopted() && !letsIn(b.ingressOf(l.end()), "tcp", x.Origin.Port, every):
		way.problem, way.why = problem.PathNotAllowed, fmt.Sprintf("no allow entry opens it, got no ingress rule at %s for TCP %d from the Internet; add {from: internet, to: %s, tcp: [%d]} to allow", l.Ref(), x.Origin.Port, l.Ref(), x.Origin.Port)
	}
	return way
}

// end is the load balancer as others see it.
func (l *LoadBalancer) end() end {
	return end{network: l.network, group: l.Ref().String(), foreign: l.Adopted(), subnets: l.subnets, blocks: blocksOf(l.subnets)}
}

// targetLegs proves the ways from a load balancer to each of its targets. Those of an adopted one are not in the file.
func (b *builder) targetLegs(p *Path, path string, l *LoadBalancer) ([]Hop, bool) {
	ok := true
	var hops []Hop
	for _, h := range l.targets {
		way := b.legOf(l.Ref().String(), "host/"+h.Name, h.Port, l.end(), hostEnd(h))
		if way.problem != "" {
			b.addf(way.problem, path, "%s", way.why)
			ok = false
		}
		if hops == nil {
			hops = []Hop{{TargetNetwork, l.Network, "host/" + h.Name}}
		}
	}
	return hops, ok
}

func hostEnd(h *Host) end {
	e := end{host: h, network: h.network, site: h.site, blocks: h.blocks()}
	if h.network != nil {
		e.subnets = []*Subnet{h.subnet}
	}
	return e
}

// proveBalancer proves a path to a load balancer and on to its targets, from a place in the network or, if it faces the Internet, from people.
func (b *builder) proveBalancer(p *Path, path string, from end, l *LoadBalancer, e entry) {
	if l.endsTCP(p.Port) {
		p.Ends = append(p.Ends, l.Ref().String())
	}
	if from.client != nil && e.server == nil && e.vpn == nil {
		b.proveFacing(p, path, l, e)
		return
	}
	if l.Scheme == config.SchemeInternetFacing && p.Expect == config.Reachable { // what must not be is refuted by private addresses, too
		b.proveOutside(p, path, from, l, e)
		return
	}
	b.provePlain(p, path, from, l, e)
}

func (b *builder) provePlain(p *Path, path string, from end, l *LoadBalancer, e entry) {
	if from.client != nil {
		b.proveVPN(p, path, l.end(), e)
	} else {
		b.prove(p, path, from, l.end(), e.rest)
	}
	inner, ok := b.targetLegs(p, path, l)
	p.Forward = slices.Concat(p.Forward, []Hop{balancerHop(l, p.Port)}, inner)
	p.Return = slices.Concat(backwards(append([]Hop{balancerHop(l, p.Port)}, inner...)), p.Return)
	p.Proven = p.Proven && (ok || p.Expect == config.Unreachable)
}

// proveFacing proves that people get in at a load balancer that faces the Internet, or stands behind an accelerator, and that it leads on.
func (b *builder) proveFacing(p *Path, path string, l *LoadBalancer, e entry) {
	facing := l.Scheme == config.SchemeInternetFacing || e.accelerator != ""
	d := door{ref: l.Ref(), ingress: b.ingressOf(l.end()), foreign: l.Adopted(), tcp: []int{p.Port}, open: facing, where: l.Ref().String() + " is internal and"}
	hops, port, _, in := b.knock(p, path, e, d, false)
	inner, ok := b.targetLegs(p, path, l)
	hops = slices.Concat(hops, []Hop{{TargetNetwork, l.Network, l.subnets[0].Tier}, balancerHop(l, p.Port)}, inner)
	p.Port = port
	p.Forward, p.Return = hops, backwards(hops)
	p.Bound = b.bound(hops)
	p.Proven = in && ok
}

// edgeRoutes proves that edge proxies reach their origins, whether or not a path asserts it: they have no other use.
func (b *builder) edgeRoutes() {
	for _, x := range b.plan.EdgeProxies {
		c := b.f.EdgeProxies[config.Name(x.Name)]
		path := fmt.Sprintf("edgeProxies[%s]", x.Name)
		facing := x.origin.Scheme == config.SchemeInternetFacing
		public := c.Via.Kind == config.KindInternet || c.Via == (config.Ref{}) && facing
		switch {
		case public && !facing:
			b.addf(problem.OriginUnreachable, path+".via", "the origin has private addresses only, got via internet for %s; name a peering or transit gateway, or make it internet-facing", x.origin.Ref())
			continue
		case !public && facing:
			b.addf(problem.OriginUnreachable, path+".via", "the origin's name leads to public addresses, got via %s for %s; set via: internet, or make it internal", c.Via, x.origin.Ref())
			continue
		case public:
			x.Origin.Via = string(config.KindInternet)
			continue
		case c.Via != (config.Ref{}) && c.Via.Kind != config.KindPeering && c.Via.Kind != config.KindTransitGateway:
			b.addf(problem.BadValue, path+".via", "proxies do not reach an origin through it, got %q; use peering/NAME, transitGateway/NAME or internet", c.Via)
			continue
		}
		if c.Via != (config.Ref{}) && !b.viaNames(path, []config.Ref{c.Via}, false) {
			continue
		}
		way := b.originLeg(x)
		switch x.Origin.Via = middle(way.there); {
		case way.problem != "":
			b.addf(problem.OriginUnreachable, path+".origin", "%s", way.why)
		case c.Via != (config.Ref{}) && !follows(way.there, []config.Ref{c.Via}):
			b.addf(problem.OriginUnreachable, path+".via", "proxies do not reach the origin that way, got %s; they go through %s", c.Via, hopNames(way.there))
		}
	}
}

// middle names what a way leads through first, between its networks.
func middle(hops []Hop) string {
	for _, h := range hops {
		if h.Kind != TargetNetwork {
			return Target{h.Kind, h.Name}.String()
		}
	}
	return "local"
}
