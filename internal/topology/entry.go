package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// entry is how people get in: what a client's via begins with.
type entry struct {
	accelerator string // NAME/LISTENER
	server      *OpenVPN
	vpn         *ClientVPN
	rest        []config.Ref // what the path has to cross after that
	ok          bool
}

// entryOf reads via; viaNames has found all its names.
func (b *builder) entryOf(path string, via []config.Ref) entry {
	e := entry{rest: via, ok: true}
	if len(e.rest) > 0 && e.rest[0].Kind == config.KindAccelerator {
		e.accelerator, e.rest = e.rest[0].Name, e.rest[1:]
	}
	if len(e.rest) > 0 {
		switch v := e.rest[0]; v.Kind {
		case config.KindOpenVPN:
			e.server, e.rest = b.plan.OpenVPN(v.Name), e.rest[1:]
			e.ok = e.server != nil
		case config.KindClientVPN:
			e.vpn, e.rest = b.plan.ClientVPN(v.Name), e.rest[1:]
			e.ok = e.vpn != nil
		default: // something inside
		}
	}
	for _, v := range e.rest {
		if slices.Contains([]config.RefKind{config.KindAccelerator, config.KindOpenVPN, config.KindClientVPN}, v.Kind) {
			b.addf(problem.Conflict, path+".via", "people get in once, got %s; write at most one accelerator, then one openvpn or clientVpn, then what lies behind", joinRefs(via))
			e.ok = false
			break
		}
	}
	if e.accelerator != "" && e.vpn != nil {
		b.addf(problem.Conflict, path+".via", "an accelerator does not lead to a Client VPN, got %s; leave one out", joinRefs(via))
		e.ok = false
	}
	return e
}

// door is where an accelerator, or the Internet without one, leads people to: a security group that has to let them in.
type door struct {
	ref     config.Ref
	ingress []Rule
	foreign bool  // nobody knows its rules
	tcp     []int // ports on which it answers, in the order of preference
	udp     []int
	echo    int  // port of its responder; 0: none
	open    bool // packets from the Internet get to it
	where   string
}

// call is one way to call a door.
type call struct {
	protocol string // tcp or udp
	port, at int    // as people call it, and as it arrives
	listener *AcceleratorListener
	group    *EndpointGroup // of the listener; nil without an accelerator
}

// knock proves that people get in at a door, and returns the hops up to it, the port that they call and the one on which
// they arrive. For a responder both are its own. A server with both protocols is entered by either.
func (b *builder) knock(p *Path, path string, e entry, d door, responder bool) (hops []Hop, port, at int, ok bool) {
	hops = []Hop{{TargetClient, p.From.Name, "the Internet"}}
	calls := b.calls(path, e, d, responder)
	switch {
	case len(calls) == 0: // reported
		return hops, p.Port, p.Port, false
	case calls[0].port == 0: // a listener without echo
		return hops, 0, 0, false
	}
	c, allowed := calls[0], false
	for _, x := range calls {
		if allowed = d.foreign || letsIn(d.ingress, x.protocol, x.at, every); allowed {
			c = x
			break
		}
	}
	if c.listener != nil {
		hops = append(hops, p.edgeHop(e.accelerator, c.listener, c.port, endpointOf(c.group, d.ref)))
	}
	if !d.open {
		b.addf(problem.NoRoute, path, "no route from %s to %s: %s has no route to an Internet gateway; set egress: igw and use the tier public", p.From, d.ref, d.where)
	}
	if !allowed {
		b.shutDoor(path, d, calls)
	}
	return hops, c.port, c.at, d.open && allowed
}

// shutDoor reports that no call gets in.
func (b *builder) shutDoor(path string, d door, calls []call) {
	var got, add []string
	for _, c := range calls {
		got = append(got, fmt.Sprintf("%s %d", strings.ToUpper(c.protocol), c.at))
		add = append(add, fmt.Sprintf("{from: internet, to: %s, %s: [%d]}", d.ref, c.protocol, c.at))
	}
	b.addf(problem.PathNotAllowed, path, "no allow entry opens it, got no ingress rule at %s for %s from the Internet; add %s to allow",
		d.ref, strings.Join(got, " or "), strings.Join(add, " or "))
}

// calls lists the ways to call a door, TCP first.
func (b *builder) calls(path string, e entry, d door, responder bool) []call {
	if e.accelerator != "" {
		return b.callsThrough(path, e.accelerator, d, responder)
	}
	if responder {
		return []call{{protocol: "tcp", port: d.echo, at: d.echo}}
	}
	var out []call
	if port := first(d.tcp); port != 0 {
		out = append(out, call{protocol: "tcp", port: port, at: port})
	}
	if port := first(d.udp); port != 0 {
		out = append(out, call{protocol: "udp", port: port, at: port})
	}
	return out
}

// callsThrough lists the ways to call a door through a listener of an accelerator, which may have both protocols.
func (b *builder) callsThrough(path, name string, d door, responder bool) []call {
	l, group := b.through(path, name, d.ref, responder || len(d.tcp) > 0)
	if l == nil {
		return nil
	}
	through := func(l *AcceleratorListener, g *EndpointGroup) call {
		port, at := listenerPort(l, g, d, responder)
		return call{l.Protocol, port, at, l, g}
	}
	out := []call{through(l, group)}
	if responder {
		return out
	}
	accelerator, _, _ := strings.Cut(name, "/")
	for _, x := range b.plan.Accelerator(accelerator).Listeners { // one with the other protocol has the same endpoints
		if g := find(x.Groups, func(g *EndpointGroup) bool { return leadsTo(g, d.ref) }); x != l && x.Name == l.Name && g != nil {
			out = append(out, through(x, g))
		}
	}
	if answered := slices.DeleteFunc(slices.Clone(out), func(c call) bool { return !d.answers(c) }); len(answered) > 0 {
		return answered // the others are for the responder
	}
	return out
}

// answers reports whether something listens where a call arrives.
func (d door) answers(c call) bool {
	if c.protocol == "udp" {
		return slices.Contains(d.udp, c.at)
	}
	return slices.Contains(d.tcp, c.at)
}

func leadsTo(g *EndpointGroup, to config.Ref) bool {
	return slices.ContainsFunc(g.Endpoints, func(x AcceleratorEndpoint) bool { return x.To == to })
}

// edgeHop is a way through an accelerator. It ends TCP connections at AWS's edge and opens others to the endpoint; UDP it
// passes on.
func (p *Path) edgeHop(name string, l *AcceleratorListener, port int, to string) Hop {
	how := "passed on at AWS's edge to"
	if l.Protocol == "tcp" {
		how = "ends at AWS's edge, goes on to"
		p.Ends = append(p.Ends, config.Ref{Kind: config.KindAccelerator, Name: name}.String())
	}
	return Hop{TargetAccelerator, name, fmt.Sprintf("%s %d: %s %s", strings.ToUpper(l.Protocol), port, how, to)}
}

func first(ports []int) int {
	if len(ports) == 0 {
		return 0
	}
	return ports[0]
}

// letsIn reports whether rules let the whole Internet in or, asked for some, any public address.
func letsIn(rules []Rule, protocol string, port int, q quantifier) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool {
		if !r.Peer.IsValid() {
			return false
		}
		public := r.Peer.Bits() == 0 || q == some && !r.Peer.Addr().IsPrivate() // a private block has no wider one but 0.0.0.0/0
		return strings.EqualFold(r.Protocol, protocol) && r.From <= port && port <= r.To && public
	})
}

// through finds the listener of an accelerator that leads to a door, and nowhere else.
func (b *builder) through(path, name string, to config.Ref, tcp bool) (*AcceleratorListener, *EndpointGroup) {
	accelerator, listener, _ := strings.Cut(name, "/")
	a := b.plan.Accelerator(accelerator)
	if a == nil {
		return nil, nil
	}
	protocol := map[bool]string{true: "tcp", false: "udp"}[tcp]
	same := func(l *AcceleratorListener) bool { return l.Name == listener }
	l := find(a.Listeners, func(l *AcceleratorListener) bool { return same(l) && l.Protocol == protocol })
	if l == nil {
		l = find(a.Listeners, same)
	}
	if l == nil {
		return nil, nil // reported with the listener
	}
	var all []string
	var found *EndpointGroup
	for _, g := range l.Groups {
		for _, x := range g.Endpoints {
			all = append(all, x.To.String())
			if x.To == to {
				found = g
			}
		}
	}
	switch {
	case found == nil:
		b.addf(problem.ViaNotFollowed, path+".via", "the accelerator does not lead there, got accelerator/%s for %s; it leads to %s", name, to, strings.Join(all, ", "))
		return nil, nil
	case len(all) > 1:
		b.addf(problem.ViaNotFollowed, path+".via", "the accelerator chooses between %s, got accelerator/%s for %s; give %s a listener of its own", strings.Join(all, " and "), name, to, to)
		return nil, nil
	}
	return l, found
}

// listenerPort is the first port of a listener on which a door answers, as people call it and as it arrives.
func listenerPort(l *AcceleratorListener, g *EndpointGroup, d door, responder bool) (port, at int) {
	answers := d.tcp
	if l.Protocol == "udp" {
		answers = d.udp
	}
	if responder {
		return l.Echo, l.Echo
	}
	for _, o := range g.PortOverrides {
		if slices.Contains(answers, o.Endpoint) {
			return o.Listener, o.Endpoint
		}
	}
	for _, a := range answers {
		if inRanges(l.Ports, config.Port(a)) { // #nosec G115 -- a port
			return a, a
		}
	}
	return int(l.Ports[0].First), int(l.Ports[0].First)
}

// endpointOf says what an accelerator sends to.
func endpointOf(g *EndpointGroup, to config.Ref) string {
	for _, x := range g.Endpoints {
		if x.To == to && x.Kind == EndpointAddress {
			return "the Elastic IP of " + to.String()
		}
	}
	return to.String()
}

// serverDoor is a server's own door.
func (b *builder) serverDoor(s *OpenVPN) door {
	return door{ref: s.Ref(), ingress: b.ingressOf(s.end()), tcp: s.TCP, udp: s.UDP, echo: s.Echo,
		open: b.toInternet(s.network, s.subnet), where: s.network.Key + " " + s.subnet.Tier + "/" + s.subnet.ZoneID}
}

// ingressOf are the rules of an end's groups that let something in.
func (b *builder) ingressOf(e end) []Rule {
	return b.rulesOf(e, every, func(g *SecurityGroup) []Rule { return g.Ingress })
}
