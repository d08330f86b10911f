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
	network *Network
	group   string
	foreign bool
	tcp     []int // ports on which it answers, in the order of preference
	udp     []int
	echo    int // port of its responder; 0: none
	open    bool
	where   string
}

// knock proves that people get in at a door, and returns the hops up to it, the port that they call, and the one on which they arrive. Judged for
// a responder, the port is that of the responder.
func (b *builder) knock(p *Path, path string, e entry, d door, responder bool) (hops []Hop, port, at int, ok bool) {
	hops = []Hop{{TargetClient, p.From.Name, "the Internet"}}
	protocol, port := "TCP", first(d.tcp)
	if len(d.tcp) == 0 {
		protocol, port = "UDP", first(d.udp)
	}
	if responder {
		protocol, port = "TCP", d.echo
	}
	at = port
	if e.accelerator != "" {
		l, group := b.through(path, e.accelerator, d.ref, responder || len(d.tcp) > 0)
		if l == nil {
			return hops, port, at, false
		}
		protocol = strings.ToUpper(l.Protocol)
		port, at = listenerPort(l, group, d, responder)
		p.Ends = append(p.Ends, config.Ref{Kind: config.KindAccelerator, Name: e.accelerator}.String())
		hops = append(hops, Hop{TargetAccelerator, e.accelerator, fmt.Sprintf("%s %d: ends at AWS's edge, goes on to %s", protocol, port, endpointOf(group, d.ref))})
	}
	if !d.open {
		b.addf(problem.NoRoute, path, "no route from %s to %s: %s has no route to an Internet gateway; set egress: igw and use the tier public", p.From, d.ref, d.where)
	}
	allowed := d.foreign || letsIn(d.rules(), protocol, at, every)
	if !allowed {
		b.addf(problem.PathNotAllowed, path, "no allow entry opens it, got no ingress rule at %s for %s %d from the Internet; add {from: internet, to: %s, %s: [%d]} to allow",
			d.ref, protocol, at, d.ref, strings.ToLower(protocol), at)
	}
	return hops, port, at, d.open && allowed
}

// rules are the ingress rules of a door.
func (d door) rules() []Rule {
	if g := d.network.securityGroup(d.group); g != nil {
		return g.Ingress
	}
	return nil
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
	return door{ref: s.Ref(), network: s.network, group: s.Ref().String(), tcp: s.TCP, udp: s.UDP, echo: s.Echo,
		open: b.toInternet(s.network, s.subnet), where: s.network.Key + " " + s.subnet.Tier + "/" + s.subnet.ZoneID}
}
