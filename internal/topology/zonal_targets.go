package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
)

// zonalTargets settles where a service leads.
func (b *builder) zonalTargets(z *ZonalService, path string, c config.ZonalService) {
	t, given := c.Targets, 0
	for _, set := range []bool{len(t.Hosts) > 0, t.Group != nil, t.Registered != nil} {
		if set {
			given++
		}
	}
	if given != 1 {
		b.addf(problem.Conflict, path+".targets", "a service leads to one kind of targets, got %d; give one of hosts, group and registered", given)
		return
	}
	if !z.Balanced() && t.Registered != nil {
		b.addf(problem.ZonalOption, path+".targets.registered", "there is no target group in mode direct, where callers are told the targets' own addresses; use hosts or group, or another mode")
	}
	switch {
	case t.Group != nil:
		b.zonalGroup(z, path+".targets.group", t.Group, c.Discovery)
	case t.Registered != nil:
		z.Registered, z.TargetType, z.TargetPort = true, t.Registered.Type, cmp.Or(int(t.Registered.Port), z.Listener.Port)
	default:
		b.zonalHosts(z, path+".targets.hosts", t.Hosts)
	}
}

func (b *builder) zonalGroup(z *ZonalService, path string, g *config.ZonalGroup, discovery []config.Discovery) {
	z.TargetType, z.TargetPort = config.TargetInstance, cmp.Or(int(g.Port), z.Listener.Port)
	z.Group = &ZonalGroup{Image: imageOf(g.Image), InstanceType: string(g.InstanceType), PerZone: g.PerZone, LogDays: g.Logs.Days()}
	b.logRetention(path+".logs", g.Logs)
	if !z.Balanced() && z.TargetPort != z.Listener.Port {
		b.addf(problem.ZonalTarget, path+".port", "nothing translates ports in mode direct, got %d and listen %d; leave port out", z.TargetPort, z.Listener.Port)
	}
	if !z.Balanced() && slices.Contains(discovery, config.DiscoveryDNS) {
		b.addf(problem.ZonalOption, path, "its instances' addresses are not known before they run, and names in dns would hold them; set discovery: cloudMap, where each registers itself, or use another mode")
	}
	if g.PerZone < 1 || g.PerZone > 10 {
		b.addf(problem.BadValue, path+".perZone", "out of range, got %d; use 1 to 10", g.PerZone)
	}
	for _, x := range z.Zones {
		if _, ok := b.defaultRoute(z.network, x.subnet); !ok {
			b.addf(problem.ZonalTarget, path, "its instances could not boot, got %s in %s without a route to the Internet, over which they fetch packages and call AWS APIs; set egress there, or use another tier",
				x.Subnet, z.Network)
			return
		}
	}
}

// zonalHosts puts hosts into their zones.
func (b *builder) zonalHosts(z *ZonalService, path string, refs []config.Ref) {
	before := len(b.found)
	for i, ref := range refs {
		b.zonalHost(z, fmt.Sprintf("%s[%d]", path, i), ref)
	}
	if len(b.found) > before || z.incomplete {
		return // a zone may lack only what is wrong
	}
	for _, x := range z.Zones {
		if len(x.targets) == 0 {
			b.addf(problem.ZoneWithoutTarget, path, "a zone without a target, got none in %s; its address would answer nothing, because nothing leaves its zone: add a host there, or leave the zone out of zones", x.ZoneID)
		}
	}
}

func (b *builder) zonalHost(z *ZonalService, at string, ref config.Ref) {
	if ref.Kind != config.KindHost {
		b.addf(problem.BadValue, at, "a target is a host, got %q; use host/NAME", ref)
		return
	}
	h := b.findHost(at, config.Name(ref.Name))
	if h == nil {
		z.incomplete = true
		return
	}
	kind := config.TargetIP
	if !h.IP.IsValid() {
		kind = config.TargetInstance
	}
	x := z.Zone(h.ZoneID)
	switch {
	case h.network != z.network:
		b.addf(problem.ZonalTarget, at, "a target is in the service's network, got %s; name a host of %s", ref, z.Network)
	case kind == config.TargetInstance && (h.Instance == "" || z.Mode == config.ZonalDirect):
		b.addf(problem.ZonalTarget, at, "its address is not known, got %s; give it an ip%s", ref, map[bool]string{true: ", or the id of its instance"}[z.Balanced()])
	case x == nil:
		b.addf(problem.ZonalTarget, at, "in a zone that the service is not in, got %s in %s; nothing would lead there: add the zone to zones (%s), or leave the host out", ref, h.ZoneID, z.zoneList())
	case z.TargetPort != 0 && z.TargetPort != h.Port:
		b.addf(problem.ZonalTarget, at, "targets have one port, got %d and %d; make it two services", z.TargetPort, h.Port)
	case z.TargetType != "" && z.TargetType != kind:
		b.addf(problem.ZonalTarget, at, "targets are all addresses or all instances, got %s without ip beside others with one; give each an ip, or none", ref)
	case slices.Contains(x.Targets, h.Name):
		b.addf(problem.Conflict, at, "a target stands twice, got %s; leave one out", ref)
	case z.Mode == config.ZonalDirect && h.Port != z.Listener.Port:
		b.addf(problem.ZonalTarget, at, "nothing translates ports in mode direct, got %s with port %d and listen %d; make them the same", ref, h.Port, z.Listener.Port)
	default:
		z.TargetPort, z.TargetType = h.Port, kind
		x.Targets, x.targets = append(x.Targets, h.Name), append(x.targets, h)
	}
}

// hairpins finds targets that may call their own service although they see callers' addresses: such a connection comes back to the
// one who opened it, with its own address at both ends.
func (b *builder) hairpins() {
	for _, z := range b.plan.ZonalServices {
		if !z.PreserveClientIP {
			continue
		}
		for i, a := range b.f.Allow {
			if !slices.Contains(a.To, z.Ref()) {
				continue
			}
			for j, ref := range a.From {
				if who := z.calledBy(ref); who != "" {
					b.addf(problem.ClientIPHairpin, fmt.Sprintf("allow[%d].from[%d]", i, j), "a target may call its own service, got %s of %s, and with preserveClientIp such a connection fails when it meets the one who opened it; "+
						"set preserveClientIp: false, or name callers that are no targets", who, z.Ref())
				}
			}
		}
	}
}

// calledBy names a target of the service that a caller in an allow entry is or may be.
func (z *ZonalService) calledBy(ref config.Ref) string {
	whole := ref.Kind == config.KindNetwork && ref.Name == z.Network
	if whole && z.Registered {
		return "what registers itself"
	}
	for _, x := range z.Zones {
		for _, h := range x.targets {
			if whole || ref == (config.Ref{Kind: config.KindHost, Name: h.Name}) {
				return "host/" + h.Name
			}
		}
	}
	return ""
}

// allowEnds are a service as it is called: its load balancer or, without one, each target. What callers are let out to is the whole
// block of a carved tier, which holds the zones that may come: a new zone then changes nobody's security group.
func (z *ZonalService) allowEnds(ref config.Ref) []allowEnd {
	switch {
	case z.Balanced():
		return []allowEnd{{ref: ref, blocks: z.reached(), network: z.network, group: ref.String()}}
	case z.Group != nil:
		return []allowEnd{{ref: ref, blocks: z.reached(), network: z.network, group: z.Instances()}}
	}
	var out []allowEnd
	for _, x := range z.Zones {
		for _, h := range x.targets {
			out = append(out, allowEnd{ref: ref, blocks: h.blocks(), network: z.network, group: h.Name})
		}
	}
	return out
}

func (z *ZonalService) reached() []netip.Prefix {
	var out []netip.Prefix
	for _, x := range z.Zones {
		p := x.blocks()[0]
		if x.subnet.block.IsValid() {
			p = x.subnet.block
		}
		out = append(out, p)
	}
	slices.SortFunc(out, comparePrefix)
	return slices.Compact(out)
}

// blocks is a zone's fixed address, or its subnet while the address is not known.
func (x *ServiceZone) blocks() []netip.Prefix {
	if x.Address.IsValid() {
		return []netip.Prefix{netip.PrefixFrom(x.Address, 32)}
	}
	return []netip.Prefix{x.subnet.CIDR}
}

// zonalWiring opens what a service is made of: its load balancer to the instances that pathproof runs, or to what registers itself.
func (b *builder) zonalWiring() {
	for _, z := range b.plan.ZonalServices {
		if z.Group != nil {
			instances := z.network.group(z.Instances())
			instances.Egress = append(instances.Egress, toAWS())
		}
		if !z.Balanced() {
			continue
		}
		front := z.network.group(z.Ref().String())
		switch {
		case z.Group != nil:
			instances := z.network.group(z.Instances())
			front.Egress = append(front.Egress, Rule{Group: z.Instances(), Protocol: "tcp", From: z.TargetPort, To: z.TargetPort, Description: "to its instances"})
			instances.Ingress = append(instances.Ingress, Rule{Group: z.Ref().String(), Protocol: "tcp", From: z.TargetPort, To: z.TargetPort, Description: "from the load balancer in front"})
		case z.Registered:
			for _, p := range z.network.Blocks {
				front.Egress = append(front.Egress, Rule{Peer: p, Protocol: "tcp", From: z.TargetPort, To: z.TargetPort, Description: "to what registers itself"})
			}
		}
	}
}

// joinAddresses lists addresses.
func joinAddresses(list []netip.Addr) string {
	var out []string
	for _, a := range list {
		out = append(out, a.String())
	}
	return strings.Join(out, ", ")
}
