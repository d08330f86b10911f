package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/problem"
)

// Path is a declared path, resolved hop by hop.
type Path struct {
	Name        string        `json:"name"`
	From        config.Ref    `json:"from"`
	To          config.Ref    `json:"to"`
	Port        int           `json:"port"`
	Expect      config.Expect `json:"expect"`
	Vantage     Vantage       `json:"vantage"`
	VantageNote string        `json:"vantageNote"`
	Forward     []Hop         `json:"forward,omitempty"`
	Return      []Hop         `json:"return,omitempty"`
	// Why says, for a path that must be unreachable, what stops it.
	Why string `json:"why,omitempty"`
	// Proven says that the plan bears the expectation out. A path that is not proven is an error, unless the file's checks
	// section says otherwise.
	Proven bool   `json:"proven"`
	Bound  *Bound `json:"bound,omitempty"`
	// SLO is the path's objective, empty if it has none.
	SLO   string `json:"slo,omitempty"`
	Flows int    `json:"flows,omitempty"` // source ports to measure with in turn; 0: any
	// Kind is how it is measured; empty: by TCP handshakes.
	Kind probe.Kind `json:"kind,omitempty"`
	// HTTP is what is asked for by kind http.
	HTTP *Request `json:"http,omitempty"`
	// Ends names what ends TCP connections on the way, in the order of the way: what connect measures ends at the first.
	Ends []string `json:"endsTcp,omitempty"`
	// At is the key of the vantage that measures it, and Target the host that it measures against; empty if none does.
	At     string `json:"at,omitempty"`
	Target string `json:"target,omitempty"`
	// Aim is what it measures against in a zonal service, in place of Target.
	Aim    *Aim `json:"aim,omitempty"`
	point  *VantagePoint
	target *Host
}

// Request is an HTTP request that measures a path.
type Request struct {
	TLS  bool   `json:"tls,omitempty"`
	Path string `json:"path"`
}

// Hop is one thing that a packet crosses.
type Hop struct {
	Kind   TargetKind `json:"kind"`   // network, peering, transitGateway, site, client, or a way in
	Name   string     `json:"name"`   // its name
	Detail string     `json:"detail"` // the table that decided, and the route taken
}

// end is one end of a path.
type end struct {
	host    *Host
	network *Network
	site    *Site
	client  *config.Client
	vpn     *ClientVPN     // people connected to one at a transit gateway
	blocks  []netip.Prefix // its addresses
	subnets []*Subnet      // where packets may start, for an AWS end
	group   string         // key of its only security group; empty: those of the network and host
	foreign bool           // its security groups are not in the file
	last    string         // what packets to it end in, if not its network or site
	through *OpenVPN       // people come through it, and may begin what it grants them
	// What a path may end at, beside a host.
	balancer *LoadBalancer
	proxy    *EdgeProxy
	server   *OpenVPN
	service  *ZonalService
	zone     *ServiceZone // of service, if one is named
}

func (b *builder) paths() {
	b.routedForwards()
	for _, name := range sortedKeys(b.f.Paths) {
		c := b.f.Paths[name]
		path := fmt.Sprintf("paths[%s]", name)
		from, ok1 := b.pathEnd(path+".from", c.From, false)
		to, ok2 := b.pathEnd(path+".to", c.To, true)
		viaOK := b.viaNames(path, c.Via, c.From.Kind == config.KindClient)
		if !ok1 || !ok2 || !viaOK {
			continue
		}
		p := &Path{Name: string(name), From: c.From, To: c.To, Expect: c.Expect, SLO: string(c.SLO), Flows: c.Flows}
		switch {
		case from.host != nil && from.host == to.host:
			b.addf(problem.Conflict, path, "both ends are the same host, got %s; name two ends", c.To)
			continue
		case from.site != nil && from.site == to.site:
			b.addf(problem.Conflict, path, "both ends are in site %s, got %s and %s; its own network joins them, name an end elsewhere", from.site.Name, c.From, c.To)
			continue
		case len(c.Via) > 0 && c.Expect == config.Unreachable && from.client == nil:
			b.addf(problem.Conflict, path+".via", "a path that must be unreachable goes no way, got %s; leave via out", joinRefs(c.Via))
			continue
		}
		if !b.asked(p, path, to, c) {
			continue
		}
		e := b.entryOf(path, c.Via)
		if !e.ok {
			continue
		}
		b.proveBy(p, path, from, to, e, c.Via)
		b.vantage(p, path, from, to)
		b.plan.Paths = append(b.plan.Paths, p)
	}
}

// proveBy proves a path by what it starts and ends at.
func (b *builder) proveBy(p *Path, path string, from, to end, e entry, via []config.Ref) {
	switch {
	case len(to.members()) > 0:
		b.proveMembers(p, path, from, to, e, via)
	case p.Expect == config.Unreachable && from.client != nil:
		b.proveShut(p, path, to, e, via)
	case to.proxy != nil:
		b.proveEdge(p, path, to.proxy, e)
	case to.balancer != nil:
		b.proveBalancer(p, path, from, to.balancer, e)
	case to.service != nil:
		b.proveService(p, path, from, to, e)
	case to.server != nil:
		b.proveResponder(p, path, to.server, e)
	case e.server != nil || e.vpn != nil:
		p.Kind = probe.KindTCPEcho
		b.proveVPN(p, path, to, e)
	case e.accelerator != "":
		b.proveFronted(p, path, to, e)
	case from.client != nil:
		b.proveClient(p, path, to, via)
	default:
		b.prove(p, path, from, to, via)
	}
}

// asked settles the port of a path and how it is measured.
func (b *builder) asked(p *Path, path string, to end, c config.Path) bool {
	switch {
	case to.host != nil:
		p.Port = to.host.Port
	case to.server != nil:
		p.Port, p.Kind = to.server.Echo, probe.KindTCPEcho
	case to.service != nil:
		p.Port = to.service.Listener.Port
	case to.proxy != nil:
		p.askFor(to.proxy.Listeners, c.HTTP)
	case to.balancer != nil:
		p.askFor(to.balancer.Listeners, c.HTTP)
	}
	if to.proxy == nil && (to.balancer == nil || p.HTTP == nil) && c.HTTP != "" {
		b.addf(problem.Conflict, path+".http", "it is measured by TCP connections, got %s for %s; leave http out", c.HTTP, c.To)
	}
	outside := c.From.Kind != config.KindClient
	if outside && (to.proxy != nil || to.server != nil) {
		b.addf(problem.Conflict, path+".from", "people use it, got %s to %s; start the path at client/NAME", c.From, c.To)
		return false
	}
	return p.Port != 0
}

// askFor picks the port, https before http, tls before tcp, and the request.
func (p *Path) askFor(listeners []BalancerListener, path config.URLPath) {
	for _, l := range listeners {
		p.Port, p.Kind, p.HTTP = l.Port, "", nil
		if l.Protocol == "http" || l.Protocol == "https" {
			p.Kind = probe.KindHTTP
			p.HTTP = &Request{TLS: l.Protocol == "https", Path: cmp.Or(string(path), "/")}
		}
	}
}

func (b *builder) pathEnd(path string, ref config.Ref, target bool) (end, bool) {
	e := end{}
	switch {
	case ref.Kind == config.KindHost:
		if e.host = b.findHost(path, config.Name(ref.Name)); e.host == nil {
			return e, false
		}
		return hostEnd(e.host), true
	case target && ref.Kind == config.KindLoadBalancer:
		l := b.findBalancer(path, config.Name(ref.Name))
		if l == nil {
			return e, false
		}
		e = l.end()
		e.balancer = l
		return e, true
	case target && ref.Kind == config.KindEdgeProxy:
		x := b.findEdgeProxy(path, config.Name(ref.Name))
		if x == nil {
			return e, false
		}
		return end{proxy: x, network: x.network, group: x.Ref().String(), subnets: x.subnets, blocks: blocksOf(x.subnets)}, true
	case target && ref.Kind == config.KindOpenVPN:
		s := b.findOpenVPN(path, config.Name(ref.Name))
		if s == nil {
			return e, false
		}
		return end{server: s, network: s.network, group: s.Ref().String(), subnets: []*Subnet{s.subnet}, blocks: blocksOf([]*Subnet{s.subnet})}, true
	case target && ref.Kind == config.KindZonalService:
		return b.serviceEnd(path, ref)
	case target:
		b.addf(problem.BadValue, path, "a path does not end there, got %q; declare a host and write host/NAME, or use loadBalancer/NAME, edgeProxy/NAME, zonalService/NAME or openvpn/NAME", ref)
	case ref.Kind == config.KindNetwork:
		if e.network = b.findNetwork(path, config.NetworkKey(ref.Name)); e.network == nil {
			return e, false
		}
		e.subnets = e.network.workloads()
		for _, s := range e.subnets {
			e.blocks = append(e.blocks, s.CIDR)
		}
		return e, len(e.subnets) > 0
	case ref.Kind == config.KindSite:
		if e.site = b.findSite(path, config.Name(ref.Name)); e.site == nil {
			return e, false
		}
		e.blocks = e.site.Prefixes
		return e, true
	case ref.Kind == config.KindClient:
		c, declared := b.f.Clients[config.Name(ref.Name)]
		if !declared {
			unknown(b, path, "client", config.Name(ref.Name), b.f.Clients)
			return e, false
		}
		e.client = &c
		return e, true
	default:
		b.addf(problem.BadValue, path, "a path cannot start there, got %q; use a network, site/NAME, host/NAME or client/NAME", ref)
	}
	return e, false
}

func (b *builder) viaNames(path string, via []config.Ref, people bool) bool {
	ok := true
	for i, v := range via {
		at := fmt.Sprintf("%s.via[%d]", path, i)
		before := len(b.found)
		switch v.Kind {
		case config.KindPeering:
			if _, declared := b.f.Peerings[config.Name(v.Name)]; !declared {
				unknown(b, at, "peering", config.Name(v.Name), b.f.Peerings)
			}
		case config.KindTransitGateway:
			if _, declared := b.f.TransitGateways[config.Name(v.Name)]; !declared {
				unknown(b, at, "transit gateway", config.Name(v.Name), b.f.TransitGateways)
			}
		case config.KindSite:
			if _, declared := b.f.Sites[config.Name(v.Name)]; !declared {
				unknown(b, at, "site", config.Name(v.Name), b.f.Sites)
			}
		case config.KindAccelerator, config.KindOpenVPN, config.KindClientVPN:
			b.viaWayIn(at, v, people)
		default:
			b.addf(problem.BadValue, at, "a path cannot be sent through it, got %q; use peering/NAME, transitGateway/NAME or site/NAME", v)
		}
		ok = ok && len(b.found) == before
	}
	return ok
}

// viaWayIn checks the name of a way in, which people use and nobody else.
func (b *builder) viaWayIn(at string, v config.Ref, people bool) {
	switch name, listener, _ := strings.Cut(v.Name, "/"); {
	case !people:
		b.addf(problem.Conflict, at, "people come that way, got %s; start the path at client/NAME, or leave it out", v)
	case v.Kind == config.KindOpenVPN:
		b.findOpenVPN(at, config.Name(name))
	case v.Kind == config.KindClientVPN:
		b.findClientVPN(at, config.Name(name))
	default:
		a, declared := b.f.Accelerators[config.Name(name)]
		if !declared {
			unknown(b, at, "accelerator", config.Name(name), b.f.Accelerators)
		} else if _, declared := a.Listeners[config.Name(listener)]; !declared {
			unknown(b, at, "listener of accelerator "+name, config.Name(listener), a.Listeners)
		}
	}
}

func hopNames(hops []Hop) string {
	names := make([]string, len(hops))
	for i, h := range hops {
		names[i] = Target{h.Kind, h.Name}.String()
	}
	return strings.Join(names, " > ")
}

func joinRefs(refs []config.Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}
