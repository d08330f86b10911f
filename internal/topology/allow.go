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

var internet = netip.MustParsePrefix("0.0.0.0/0")

// securityGroups turns allow entries into rules: egress where the caller is in AWS, ingress where the called one is.
// A network has one group for all its workloads; a host named in an entry, and each way in, has one of its own.
func (b *builder) securityGroups() {
	for i, a := range b.f.Allow {
		path := fmt.Sprintf("allow[%d]", i)
		if len(a.TCP) == 0 && len(a.UDP) == 0 && !a.ICMP {
			b.addf(problem.MissingKey, path, "opens nothing; add tcp, udp or icmp: true")
		}
		from, ok1 := b.allowEnds(path+".from", a.From, true)
		to, ok2 := b.allowEnds(path+".to", a.To, false)
		if !ok1 || !ok2 {
			continue
		}
		for _, f := range from {
			for _, t := range to {
				b.open(path, f, t, a)
			}
		}
		b.otherPorts(path, a)
	}
	b.wiring()
	for _, n := range b.plan.Networks {
		slices.SortFunc(n.SecurityGroups, func(x, y *SecurityGroup) int {
			return cmp.Or(cmp.Compare(x.Of, y.Of), cmp.Compare(x.Host, y.Host))
		})
		for _, g := range n.SecurityGroups {
			g.Ingress, g.Egress = mergeRules(g.Ingress), mergeRules(g.Egress)
		}
	}
}

// allowEnd is one resolved end of an allow entry.
type allowEnd struct {
	ref     config.Ref
	blocks  []netip.Prefix
	network *Network // nil outside AWS, and of a Client VPN at a transit gateway
	group   string   // key of the security group; empty: the network's own
	foreign bool     // it has security groups that this file does not define, or none
	vpn     *ClientVPN
}

func (b *builder) allowEnds(path string, refs []config.Ref, caller bool) ([]allowEnd, bool) {
	var ends []allowEnd
	ok := true
	for i, ref := range refs {
		at := fmt.Sprintf("%s[%d]", path, i)
		if ref == (config.Ref{Kind: config.KindOpenVPN, Name: "*"}) {
			for _, s := range b.plan.OpenVPNs {
				ends = append(ends, s.allowEnd(s.Ref(), caller))
			}
			if len(b.f.OpenVPN) == 0 {
				b.addf(problem.UnknownName, at, "no OpenVPN server is declared, got %q; declare one, or leave it out", ref)
			}
			continue
		}
		if ref.Kind == config.KindZonalService {
			more, found := b.serviceEnds(at, ref, caller)
			ends, ok = append(ends, more...), ok && found
			continue
		}
		e, found := b.allowEnd(at, ref, caller)
		ends = append(ends, e)
		ok = ok && found
	}
	return ends, ok
}

func (b *builder) allowEnd(path string, ref config.Ref, caller bool) (allowEnd, bool) {
	name := config.Name(ref.Name)
	switch ref.Kind {
	case config.KindInternet:
		return allowEnd{ref: ref, blocks: []netip.Prefix{internet}}, true
	case config.KindNetwork:
		if n := b.findNetwork(path, config.NetworkKey(ref.Name)); n != nil {
			return allowEnd{ref: ref, blocks: n.Blocks, network: n}, true
		}
	case config.KindSite:
		if s := b.findSite(path, name); s != nil {
			return allowEnd{ref: ref, blocks: s.Prefixes}, true
		}
	case config.KindHost:
		if h := b.findHost(path, name); h != nil {
			return allowEnd{ref: ref, blocks: h.blocks(), network: h.network, group: h.Name}, true
		}
	case config.KindOpenVPN:
		if s := b.findOpenVPN(path, name); s != nil {
			return s.allowEnd(ref, caller), true
		}
	case config.KindLoadBalancer:
		if l := b.findBalancer(path, name); l != nil {
			return allowEnd{ref: ref, blocks: blocksOf(l.subnets), network: l.network, group: ref.String(), foreign: l.Adopted()}, true
		}
	case config.KindEdgeProxy:
		if e := b.findEdgeProxy(path, name); e != nil {
			group := ref.String()
			if caller {
				group = e.Instances()
			}
			return allowEnd{ref: ref, blocks: blocksOf(e.subnets), network: e.network, group: group}, true
		}
	case config.KindClientVPN:
		if !caller {
			b.addf(problem.BadValue, path, "people cannot be called, got %q; leave it out", ref)
			return allowEnd{}, false
		}
		if v := b.findClientVPN(path, name); v != nil {
			return allowEnd{ref: ref, blocks: v.seen(), network: v.network, group: ref.String(), vpn: v}, true
		}
	default:
		b.addf(problem.BadValue, path, "cannot call or be called, got %q; use a network, site/NAME, host/NAME, openvpn/NAME, clientVpn/NAME, edgeProxy/NAME, loadBalancer/NAME, zonalService/NAME or internet", ref)
	}
	return allowEnd{}, false
}

// allowEnd is the people connected to the server when they call, and the server itself when it is called.
func (s *OpenVPN) allowEnd(ref config.Ref, caller bool) allowEnd {
	e := allowEnd{ref: ref, blocks: []netip.Prefix{s.subnet.CIDR}, network: s.network, group: s.Ref().String()}
	if caller {
		e.blocks = s.seen()
	}
	return e
}

// blocks is a host's address, or its subnet while the address is not known before deployment.
func (h *Host) blocks() []netip.Prefix {
	if h.IP.IsValid() {
		return []netip.Prefix{netip.PrefixFrom(h.IP, 32)}
	}
	return []netip.Prefix{h.subnet.CIDR}
}

func (b *builder) open(path string, from, to allowEnd, a config.Allow) {
	if from.network == nil && to.network == nil && from.vpn == nil {
		b.addf(problem.Conflict, path, "neither end is in AWS, got from %s to %s; security groups stand at AWS ends only", from.ref, to.ref)
		return
	}
	if from.network != nil && !from.foreign {
		g := from.network.group(from.group)
		g.Egress = append(g.Egress, rules(to.blocks, a, "to "+to.ref.String())...)
	}
	if to.network != nil && !to.foreign {
		g := to.network.group(to.group)
		g.Ingress = append(g.Ingress, from.admitted(to, a)...)
	}
	if from.vpn != nil {
		b.authorize(from.vpn, to)
	}
	b.unused(path, from, to)
}

// admitted are the rules that let a caller in. A zonal service's load balancer is let in by its security group, whose addresses it
// may pass on or not.
func (e allowEnd) admitted(to allowEnd, a config.Allow) []Rule {
	if e.ref.Kind != config.KindZonalService || e.network != to.network {
		return rules(e.blocks, a, "from "+e.ref.String())
	}
	out := rules([]netip.Prefix{{}}, a, "from "+e.ref.String())
	for i := range out {
		out[i].Group = e.group
	}
	return out
}

// serviceEnds are a zonal service as it calls its targets, or is called.
func (b *builder) serviceEnds(path string, ref config.Ref, caller bool) ([]allowEnd, bool) {
	name, zone, _ := strings.Cut(ref.Name, "/")
	z := b.findZonalService(path, config.Name(name))
	switch {
	case z == nil:
		return nil, false
	case zone != "":
		b.addf(problem.BadValue, path, "an allow entry is about all zones of a service, got %q; write %s", ref, z.Ref())
		return nil, false
	case caller && !z.Balanced():
		b.addf(problem.BadValue, path, "it calls nobody: in mode %s no load balancer stands before its targets, got %q; leave it out", z.Mode, ref)
		return nil, false
	}
	return z.allowEnds(ref), true
}

// otherPorts warns of an entry that lets somebody call a zonal service on ports that it does not have.
func (b *builder) otherPorts(path string, a config.Allow) {
	for i, ref := range a.To {
		z := b.plan.ZonalService(ref.Name)
		if ref.Kind == config.KindZonalService && z != nil && !slices.ContainsFunc(a.TCP, func(r config.PortRange) bool {
			return int(r.First) <= z.Listener.Port && z.Listener.Port <= int(r.Last)
		}) {
			b.addf(problem.UnusedAllow, fmt.Sprintf("%s.to[%d]", path, i), "%s does not answer on what the entry opens; it listens on TCP %d, so add that port, or remove the entry", ref, z.Listener.Port)
		}
	}
}

// unused warns of an entry between two ends that no route joins: the rule is dead, or a peering is missing.
func (b *builder) unused(path string, from, to allowEnd) {
	if from.ref.Kind == config.KindInternet || to.ref.Kind == config.KindInternet {
		b.unusedInternet(path, from, to)
		return
	}
	if len(from.blocks) == 0 || len(to.blocks) == 0 {
		return
	}
	for _, pair := range [][2]allowEnd{{from, to}, {to, from}} {
		n, other := pair[0].network, pair[1]
		if n == nil || n == other.network || n.ID != "" && len(n.RouteTables) == 0 {
			continue
		}
		for _, t := range n.RouteTables {
			if t.Tier == TierAttach {
				continue
			}
			if !leads(t, other.blocks) {
				what := "no route from"
				if n == to.network {
					what = "no way back from"
				}
				b.addf(problem.UnusedAllow, path, "%s %s to %s, so the entry opens nothing; add a peering or a segment, or remove it", what, n.Key, other.ref)
				return
			}
		}
	}
}

// unusedInternet warns of an entry with the Internet for a network that has no way there. Adopted networks may have one that
// the file does not show, and gateway endpoints need such an entry for their services' public addresses.
func (b *builder) unusedInternet(path string, from, to allowEnd) {
	n := from.network
	if n == nil {
		n = to.network
	}
	outward := to.ref.Kind == config.KindInternet
	if n == nil || n.ID != "" || outward && len(n.GatewayEndpoints) > 0 {
		return
	}
	anywhere := slices.ContainsFunc(n.RouteTables, func(t *RouteTable) bool {
		return slices.ContainsFunc(t.Routes, func(r *Route) bool { return r.Destination.Bits() == 0 })
	})
	if !anywhere {
		b.addf(problem.UnusedAllow, path, "%s has no way to the Internet, so the entry opens nothing; set egress, or remove it", n.Key)
	}
}

// leads reports whether a route table leads to some of the blocks, other than out to the Internet.
func leads(t *RouteTable, blocks []netip.Prefix) bool {
	return slices.ContainsFunc(blocks, func(p netip.Prefix) bool {
		r := lookup(t.Routes, p.Addr())
		return r != nil && r.Target.Kind != TargetInternetGateway && r.Target.Kind != TargetNATGateway
	})
}

func rules(peers []netip.Prefix, a config.Allow, description string) []Rule {
	var out []Rule
	for _, p := range peers {
		for _, r := range a.TCP {
			out = append(out, Rule{Peer: p, Protocol: "tcp", From: int(r.First), To: int(r.Last), Description: description})
		}
		for _, r := range a.UDP {
			out = append(out, Rule{Peer: p, Protocol: "udp", From: int(r.First), To: int(r.Last), Description: description})
		}
		if a.ICMP { // echo request, echo reply, and "fragmentation needed" for path MTU discovery
			for _, kind := range [][2]int{{8, -1}, {0, -1}, {3, 4}} {
				out = append(out, Rule{Peer: p, Protocol: "icmp", From: kind[0], To: kind[1], Description: description})
			}
		}
	}
	return out
}

// mergeRules sorts rules and drops those that say the same: EC2 refuses duplicates.
func mergeRules(in []Rule) []Rule {
	slices.SortFunc(in, func(x, y Rule) int {
		return cmp.Or(comparePrefix(x.Peer, y.Peer), cmp.Compare(x.PrefixList, y.PrefixList), cmp.Compare(x.Group, y.Group), cmp.Compare(x.Protocol, y.Protocol), cmp.Compare(x.From, y.From),
			cmp.Compare(x.To, y.To), cmp.Compare(x.Description, y.Description))
	})
	return slices.CompactFunc(in, func(x, y Rule) bool {
		x.Description, y.Description = "", ""
		return x == y
	})
}

// Key tells the security groups of a network apart: the host or what else it belongs to; empty for the network's own.
func (g *SecurityGroup) Key() string { return cmp.Or(g.Of, g.Host) }

// group returns the network's own security group (key ""), a host's or that of a way in, and makes it on first use. Names of hosts
// have no slash, those of ways in have one.
func (n *Network) group(key string) *SecurityGroup {
	if g := n.securityGroup(key); g != nil {
		return g
	}
	g := &SecurityGroup{Host: key}
	if strings.Contains(key, "/") {
		g = &SecurityGroup{Of: key}
	}
	n.SecurityGroups = append(n.SecurityGroups, g)
	return g
}

func (n *Network) securityGroup(key string) *SecurityGroup {
	return find(n.SecurityGroups, func(g *SecurityGroup) bool { return g.Key() == key })
}
