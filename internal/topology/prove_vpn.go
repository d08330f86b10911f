package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
)

// proveVPN proves a path of people who are connected to an OpenVPN server or a Client VPN: that they get in, that their
// packets reach the host and that its answers find the way back, with the addresses that the host sees.
func (b *builder) proveVPN(p *Path, path string, to end, e entry) {
	hops, from, in := b.enter(p, path, e)
	name := e.name()
	fwd, ferr := b.trip(from, to, every)
	back, berr := b.trip(to, from, every)
	if ferr == nil {
		ferr = b.dropped(from, fwd)
	}
	if ferr == nil {
		ferr = e.leads(to)
	}
	switch {
	case ferr != nil:
		b.addf(problem.NoRoute, path, "no route from %s to %s: %s%s", name, p.To, ferr, remedy(ferr, cmp.Or(b.hint(from, to), "add a peering, or join them by a transit gateway")))
	case berr != nil:
		b.addf(problem.NoReturnRoute, path, "answers from %s do not come back to %s: %s%s", p.To, name, berr, remedy(berr, cmp.Or(b.hint(to, from), "add the return direction")))
	}
	sg := b.blockedLeg(name, p.To.String(), p.Port, from, to, every)
	if sg == "" && e.vpn != nil {
		sg = e.vpn.unauthorized(to)
	}
	if sg != "" {
		b.addf(problem.PathNotAllowed, path, "no allow entry opens it, got %s; add {from: %s, to: %s, tcp: [%d]} to allow", sg, name, p.opensTo(), p.Port)
	}
	follow := ferr != nil || follows(fwd, e.rest)
	if !follow {
		b.addf(problem.ViaNotFollowed, path+".via", "the path does not go that way, got %s; it goes through %s", joinRefs(e.rest), hopNames(fwd))
	}
	p.Forward = append(hops, fwd...)
	if n := len(back); n > 0 && from.last != "" {
		back = back[:n-1] // the server or attachment that hops end with
	}
	p.Return = append(back, backwards(hops)...)
	if ferr == nil {
		p.Bound = b.bound(p.Forward)
	}
	p.Proven = in && ferr == nil && berr == nil && sg == "" && follow
}

// enter proves that people get in at a server or a Client VPN, and returns the hops up to there and what they are from there on.
func (b *builder) enter(p *Path, path string, e entry) (hops []Hop, from end, in bool) {
	if v := e.vpn; v != nil {
		return []Hop{{TargetClient, p.From.Name, "the Internet"}, {TargetClientVPN, v.Name, v.inside()}}, v.end(), true
	}
	d := b.serverDoor(e.server)
	hops, _, at, in := b.knock(p, path, e, d, false)
	hops = append(hops, Hop{TargetOpenVPN, e.server.Name, fmt.Sprintf("port %d in %s: %s", at, d.where, e.server.inside())})
	return hops, e.server.end(), in
}

// name is the server or Client VPN that people come through, as the file writes it.
func (e entry) name() string {
	if e.vpn != nil {
		return e.vpn.Ref().String()
	}
	return e.server.Ref().String()
}

// proveResponder proves a path of people to a server's responder, which measures the way in without a VPN.
func (b *builder) proveResponder(p *Path, path string, s *OpenVPN, e entry) {
	if e.server != nil || e.vpn != nil || len(e.rest) > 0 {
		b.addf(problem.Conflict, path+".via", "a server's responder stands at its public address, got %s; name an accelerator, or leave via out", joinRefs(e.rest))
		return
	}
	hops, port, _, in := b.knock(p, path, e, b.serverDoor(s), true)
	p.Port = port
	if port == 0 {
		b.addf(problem.EndpointPort, path+".via", "the listener does not lead to the responder, got accelerator/%s without echo; add echo: %d to it", e.accelerator, s.Echo)
	}
	p.Forward = append(hops, Hop{TargetNetwork, s.Network, "the responder of " + s.Ref().String()})
	p.Return = backwards(p.Forward)
	p.Bound = b.bound(p.Forward)
	p.Proven = in && port != 0
}

// proveFronted proves a path of people to an instance behind an accelerator, which needs no public address.
func (b *builder) proveFronted(p *Path, path string, to end, e entry) {
	if len(e.rest) > 0 || to.network == nil {
		b.addf(problem.Conflict, path+".via", "an accelerator leads straight to an instance in a network, got %s to %s; name the accelerator alone", joinRefs(e.rest), p.To)
		return
	}
	d := door{ref: p.To, ingress: b.ingressOf(to), tcp: []int{p.Port}, open: true}
	hops, port, _, in := b.knock(p, path, e, d, false)
	p.Port, p.Kind = port, probe.KindTCPEcho
	p.Forward = append(hops, Hop{TargetNetwork, to.network.Key, to.host.subnet.Tier + "/" + to.host.subnet.ZoneID})
	p.Return = backwards(p.Forward)
	p.Bound = b.bound(p.Forward)
	p.Proven = in
}

// backwards are the hops of answers over the part of a way where every hop knows its connections.
func backwards(hops []Hop) []Hop {
	out := slices.Clone(hops)
	slices.Reverse(out)
	for i := range out {
		switch out[i].Kind {
		case TargetOpenVPN, TargetClientVPN:
			out[i].Detail = "back into the tunnel"
		case TargetAccelerator, TargetLoadBalancer, TargetEdgeProxy:
			out[i].Detail = "from the one connection into the other"
		default:
			out[i].Detail = "the same connection"
		}
	}
	return out
}

// end is the server as what people reach sees it.
func (s *OpenVPN) end() end {
	e := end{network: s.network, group: s.Ref().String(), subnets: []*Subnet{s.subnet}, blocks: s.seen(), through: s}
	if s.Routed() {
		e.last = s.Ref().String()
	}
	return e
}

// inside says what happens to packets in the server.
func (s *OpenVPN) inside() string {
	if s.Routed() {
		return fmt.Sprintf("decrypted; the other end sees the person's own address in %s", s.Pool)
	}
	return fmt.Sprintf("decrypted; NAT: the other end sees the server's address in %s", s.subnet.CIDR)
}

func (v *ClientVPN) end() end {
	if v.gateway != nil {
		return end{vpn: v, blocks: v.seen(), last: v.Ref().String()}
	}
	return end{network: v.network, group: v.Ref().String(), subnets: v.subnets, blocks: v.seen()}
}

func (v *ClientVPN) inside() string {
	if v.gateway != nil {
		return fmt.Sprintf("decrypted; the other end sees the person's own address in %s", v.Pool)
	}
	return fmt.Sprintf("decrypted; AWS translates: the other end sees an address of the endpoint in %s", joinPrefixes(v.seen()))
}

// unauthorized says which block people may not reach, or "".
func (v *ClientVPN) unauthorized(to end) string {
	for _, p := range to.blocks {
		if !slices.ContainsFunc(v.Rules, func(r Authorization) bool { return contains(r.Destination, p) }) {
			return fmt.Sprintf("no authorization of %s for %s", v.Ref(), p)
		}
	}
	return ""
}

// leads reports whether people's machines send what is for an end through the tunnel.
func (e entry) leads(to end) error {
	covered := func(routes []netip.Prefix, p netip.Prefix) bool {
		return slices.ContainsFunc(routes, func(r netip.Prefix) bool { return contains(r, p) })
	}
	for _, p := range to.blocks {
		if s := e.server; s != nil && s.Tunnel == config.TunnelSplit && !covered(s.Routes, p) {
			return fmt.Errorf("%s tells people's machines to send it %s, and not %s", s.Ref(), joinPrefixes(s.Routes), p)
		}
	}
	return nil
}

// dropped says which peering drops packets with people's own addresses: a VPC peering passes what is addressed to and from
// its two VPCs.
func (b *builder) dropped(from end, hops []Hop) error {
	if from.last == "" {
		return nil
	}
	for _, h := range hops {
		if x := b.plan.Peering(h.Name); h.Kind == TargetPeering && x != nil && x.Mode == config.ModeVPC {
			return fmt.Errorf("peering/%s drops what is not addressed to and from its two VPCs, and people keep their addresses in %s; set forward: nat", h.Name, joinPrefixes(from.blocks))
		}
	}
	return nil
}

// routedForwards refuses routed servers of which people are let to where their own addresses do not get.
func (b *builder) routedForwards() {
	for _, s := range b.plan.OpenVPNs {
		if !s.Routed() {
			continue
		}
		path := fmt.Sprintf("openvpn[%s].forward", s.Name)
		if s.Tunnel == config.TunnelFull {
			b.addf(problem.RoutedForward, path, "an Internet gateway translates servers' addresses only, got routed with tunnel full for people in %s; set forward: nat, or tunnel: split", s.Pool)
		}
		for _, to := range b.calledFrom(s) {
			hops, err := b.trip(s.end(), to, every)
			if err == nil {
				err = b.dropped(s.end(), hops)
				if err != nil {
					b.addf(problem.RoutedForward, path, "people do not get to %s, got %s: %s", endName(to), s.Forward, err)
				}
			}
		}
	}
}

// calledFrom lists the ends that allow entries let a server's people reach, each once.
func (b *builder) calledFrom(s *OpenVPN) []end {
	var out []end
	for _, a := range b.f.Allow {
		if !slices.ContainsFunc(a.From, func(r config.Ref) bool { return r.Kind == config.KindOpenVPN && (r.Name == s.Name || r.Name == "*") }) {
			continue
		}
		for _, to := range a.To {
			var e end
			switch to.Kind {
			case config.KindNetwork:
				e.network = b.plan.Network(to.Name)
			case config.KindSite:
				e.site = b.plan.Site(to.Name)
			case config.KindHost:
				if h := b.plan.Host(to.Name); h != nil {
					e.network, e.site = h.network, h.site
				}
			case config.KindLoadBalancer:
				if l := b.plan.LoadBalancer(to.Name); l != nil {
					e.network = l.network
				}
			case config.KindEdgeProxy:
				if x := b.plan.EdgeProxy(to.Name); x != nil {
					e.network = x.network
				}
			case config.KindZonalService:
				if z := b.plan.ZonalService(to.Name); z != nil {
					e.network = z.network
				}
			default: // the Internet, or another way in
			}
			switch {
			case e.network != nil:
				e.blocks, e.subnets = e.network.Blocks, e.network.workloads()
			case e.site != nil:
				e.blocks = e.site.Prefixes
			default:
				continue
			}
			if !slices.ContainsFunc(out, func(o end) bool { return endName(o) == endName(e) }) {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, func(x, y end) int { return strings.Compare(endName(x), endName(y)) })
	return out
}
