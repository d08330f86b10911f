package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// serviceEnd resolves zonalService/NAME or zonalService/NAME/AZ-ID as the end of a path.
func (b *builder) serviceEnd(path string, ref config.Ref) (end, bool) {
	name, zoneID, _ := strings.Cut(ref.Name, "/")
	z := b.findZonalService(path, config.Name(name))
	if z == nil {
		return end{}, false
	}
	e := end{service: z, network: z.network, group: z.Ref().String()}
	if zoneID != "" {
		e.zone = z.Zone(zoneID)
		switch {
		case z.Mode == config.ZonalClientRouting:
			b.addf(problem.ZonalOption, path, "it has no names of zones in mode %s, got %q; write %s", z.Mode, ref, z.Ref())
			return e, false
		case e.zone == nil:
			b.addf(problem.UnknownZone, path, "the service is not in that zone, got %q; use one of: %s", zoneID, z.zoneList())
			return e, false
		}
	}
	for _, x := range e.zones() {
		e.subnets, e.blocks = append(e.subnets, x.subnet), append(e.blocks, x.blocks()...)
	}
	if z.Group != nil && !z.Balanced() {
		e.group = z.Instances()
	}
	return e, z.Balanced() || z.Group != nil || len(e.members()) > 0
}

// opensTo is what an allow entry names that opens a path: all zones of a service.
func (p *Path) opensTo() config.Ref {
	if p.To.Kind == config.KindZonalService {
		name, _, _ := strings.Cut(p.To.Name, "/")
		return config.Ref{Kind: p.To.Kind, Name: name}
	}
	return p.To
}

// zones are those of a service that an end is about.
func (e end) zones() []*ServiceZone {
	if e.zone != nil {
		return []*ServiceZone{e.zone}
	}
	return e.service.Zones
}

// members are the targets that callers meet themselves: those of a service without a load balancer.
func (e end) members() []end {
	var out []end
	if e.service != nil && !e.service.Balanced() {
		for _, x := range e.zones() {
			for _, h := range x.targets {
				out = append(out, hostEnd(h))
			}
		}
	}
	return out
}

// proveMembers proves a path to each target of a service without a load balancer: the answer to a name is any of them. One that must be
// unreachable is refuted by any.
func (b *builder) proveMembers(p *Path, path string, from, to end, e entry, via []config.Ref) {
	var why []string
	proven := true
	for i, m := range to.members() {
		one, before := *p, len(b.found)
		b.proveBy(&one, path, from, m, e, via)
		proven = proven && one.Proven
		if i == 0 {
			*p = one
		}
		if one.Why != "" && !slices.Contains(why, one.Why) {
			why = append(why, one.Why)
		}
		if len(b.found) > before {
			break // the next one would say the same again
		}
	}
	p.Proven, p.Why = proven, strings.Join(why, "; ")
}

// proveService proves a path to a zonal service's load balancer, in one zone or in all, and on to the targets of the same zones.
func (b *builder) proveService(p *Path, path string, from, to end, e entry) {
	z := to.service
	if z.Listener.Protocol == "tls" {
		p.Ends = append(p.Ends, z.Ref().String())
	}
	if from.client != nil && e.server == nil && e.vpn == nil {
		b.addf(problem.NoRoute, path, "people do not reach it over the Internet, got %s to %s; name openvpn/NAME or clientVpn/NAME in via, or start the path in a network", p.From, p.To)
		return
	}
	if from.client != nil {
		b.proveVPN(p, path, to, e)
	} else {
		b.prove(p, path, from, to, e.rest)
	}
	if !z.Balanced() {
		return // callers meet its instances themselves
	}
	hops := []Hop{serviceHop(to)}
	p.Forward, p.Return = append(p.Forward, hops...), append(backwards(hops), p.Return...)
	if p.Expect == config.Reachable {
		p.Proven = b.serviceLegs(path, to) && p.Proven
	}
}

// serviceHop says what a connection meets at a service.
func serviceHop(to end) Hop {
	z := to.service
	how, where := "passes the connection on", "a target of the zone it is in"
	if z.Listener.Protocol == "tls" {
		how = "ends here, and goes on"
	}
	if to.zone != nil {
		where = "a target in " + to.zone.ZoneID
	}
	if z.Registered {
		where += "; what is registered there is not in this file"
	}
	return Hop{TargetZonalService, z.Name, fmt.Sprintf("network load balancer, TCP %d: %s to %s", z.Listener.Port, how, where)}
}

// serviceLegs proves the ways from a service's load balancer to its targets. They are of one zone each, so security groups are all that can
// stop them. Instances that pathproof runs are wired to it, and what registers itself is not in the file.
func (b *builder) serviceLegs(path string, to end) bool {
	z, ok := to.service, true
	front := z.network.group(z.Ref().String())
	for _, x := range to.zones() {
		for _, h := range x.targets {
			why := ""
			own := z.network.securityGroup(h.Name)
			switch {
			case closed(front.Egress, h.blocks(), h.Port, every) != "":
				why = fmt.Sprintf("no egress rule at %s for TCP %d to host/%s", z.Ref(), h.Port, h.Name)
			case !fromGroup(own, front.Of, h.Port) && !fromGroup(z.network.securityGroup(""), front.Of, h.Port):
				why = fmt.Sprintf("no ingress rule at host/%s for TCP %d from %s", h.Name, h.Port, z.Ref())
			default:
				continue
			}
			ok = false
			if !z.incomplete { // the entry may be there, and name what has problems of its own
				b.addf(problem.PathNotAllowed, path, "no allow entry opens it, got %s; add {from: %s, to: host/%s, tcp: [%d]} to allow", why, z.Ref(), h.Name, h.Port)
			}
		}
	}
	return ok
}

// fromGroup reports whether a security group lets another one in.
func fromGroup(g *SecurityGroup, other string, port int) bool {
	return g != nil && slices.ContainsFunc(g.Ingress, func(r Rule) bool {
		return r.Group == other && r.Protocol == "tcp" && r.From <= port && port <= r.To
	})
}

// Aim is what a path is measured against.
type Aim struct {
	Address string `json:"address"` // a name where addresses may change
	Port    int    `json:"port"`
	ZoneID  string `json:"zoneId,omitempty"`
}

// AimOf is what a vantage measures a path against; the zero value if none does.
func (p *Plan) AimOf(x *Path) Aim {
	if x.Aim != nil {
		return *x.Aim
	}
	h := p.Host(x.Target)
	if h == nil {
		return Aim{}
	}
	return Aim{h.IP.String(), h.Port, h.ZoneID}
}

// Called is what people call the other end of a path: its name in DNS, of a zonal service, or that in the file.
func (p *Plan) Called(x *Path) string {
	name, zoneID, _ := strings.Cut(x.To.Name, "/")
	z := p.ZonalService(name)
	if x.To.Kind != config.KindZonalService || z == nil {
		return x.To.Name
	}
	if zone := z.Zone(zoneID); zone != nil && zone.Name != "" {
		return zone.Name
	}
	return z.Domain
}

// aimAt is what a path to a service is measured against: the fixed address of a zone, the Regional name, or a target; or why it cannot be.
func (to end) aimAt(from end, expect config.Expect) (aim *Aim, why string) {
	z := to.service
	if expect == config.Unreachable && to.zone == nil && z.Fixed() {
		to.zone = z.Zones[0] // who may not call has no name for it
	}
	switch {
	case !z.Balanced() && z.Group != nil:
		return nil, fmt.Sprintf("the addresses of instances of %s are not known before they run", z.Ref())
	case !z.Balanced():
		members := to.members()
		if len(members) == 0 {
			return nil, fmt.Sprintf("%s has no target there", z.Ref())
		}
		h := members[0].host
		return &Aim{h.IP.String(), h.Port, h.ZoneID}, ""
	case to.zone != nil:
		return &Aim{to.zone.Address.String(), z.Listener.Port, to.zone.ZoneID}, ""
	case !z.DNS:
		return nil, fmt.Sprintf("%s has no name in DNS; name one of its zones, or add dns to its discovery", z.Ref())
	case !slices.Contains(z.Callers, from.network.Key):
		return nil, fmt.Sprintf("%s does not resolve %s: no allow entry lets it call the service, or it is of another account", from.network.Key, z.Domain)
	}
	return &Aim{z.Domain, z.Listener.Port, ""}, ""
}

// nearest is the vantage at an AWS end: in the zone that is measured, if the end has a subnet there, else in its first subnet.
func nearest(from, to end) *VantagePoint {
	if to.zone != nil {
		for _, s := range from.subnets {
			if s.ZoneID == to.zone.ZoneID {
				from.subnets = []*Subnet{s}
				break
			}
		}
	}
	return pointAt(from)
}

// latencies finds for each zone of a service a path that measures it from within: what is slower there is the zone's own.
func (b *builder) latencies() {
	for _, z := range b.plan.ZonalServices {
		z.Latencies = nil
		for _, x := range z.Zones {
			ref := config.Ref{Kind: config.KindZonalService, Name: z.Name + "/" + x.ZoneID}
			p := find(b.plan.Paths, func(p *Path) bool {
				return p.To == ref && p.At != "" && p.Expect == config.Reachable && p.point.ZoneID == x.ZoneID && p.point.Place == z.Place
			})
			if p != nil {
				z.Latencies = append(z.Latencies, ZoneLatency{x.ZoneID, p.Name})
			}
		}
	}
}
