package topology

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
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
	// At is the key of the vantage that measures it, and Target the host that it measures against; empty if none does.
	At     string `json:"at,omitempty"`
	Target string `json:"target,omitempty"`
	point  *VantagePoint
	target *Host
}

// Hop is one thing that a packet crosses.
type Hop struct {
	Kind   TargetKind `json:"kind"`   // network, peering, transitGateway or site
	Name   string     `json:"name"`   // its name
	Detail string     `json:"detail"` // the table that decided, and the route taken
}

// end is one end of a path.
type end struct {
	host    *Host
	network *Network
	site    *Site
	client  *config.Client
	blocks  []netip.Prefix // its addresses
	subnets []*Subnet      // where packets may start, for an AWS end
}

func (b *builder) paths() {
	for _, name := range sortedKeys(b.f.Paths) {
		c := b.f.Paths[name]
		path := fmt.Sprintf("paths[%s]", name)
		from, ok1 := b.pathEnd(path+".from", c.From, false)
		to, ok2 := b.pathEnd(path+".to", c.To, true)
		viaOK := b.viaNames(path, c.Via)
		if !ok1 || !ok2 || !viaOK {
			continue
		}
		p := &Path{Name: string(name), From: c.From, To: c.To, Port: to.host.Port, Expect: c.Expect, SLO: string(c.SLO), Flows: c.Flows}
		switch {
		case from.host == to.host:
			b.addf(problem.Conflict, path, "both ends are the same host, got %s; name two ends", c.To)
			continue
		case from.site != nil && from.site == to.site:
			b.addf(problem.Conflict, path, "both ends are in site %s, got %s and %s; its own network joins them, name an end elsewhere", from.site.Name, c.From, c.To)
			continue
		case len(c.Via) > 0 && c.Expect == config.Unreachable:
			b.addf(problem.Conflict, path+".via", "a path that must be unreachable goes no way, got %s; leave via out", joinRefs(c.Via))
			continue
		}
		if from.client != nil {
			b.proveClient(p, path, to, c.Via)
		} else {
			b.prove(p, path, from, to, c.Via)
		}
		b.vantage(p, path, from, to)
		b.plan.Paths = append(b.plan.Paths, p)
	}
}

func (b *builder) pathEnd(path string, ref config.Ref, target bool) (end, bool) {
	e := end{}
	switch {
	case ref.Kind == config.KindHost:
		if e.host = b.findHost(path, config.Name(ref.Name)); e.host == nil {
			return e, false
		}
		e.network, e.site, e.blocks = e.host.network, e.host.site, e.host.blocks()
		if e.network != nil {
			e.subnets = []*Subnet{e.host.subnet}
		}
		return e, true
	case target:
		b.addf(problem.BadValue, path, "a path ends at a host, got %q; declare a host and write host/NAME", ref)
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

func (b *builder) viaNames(path string, via []config.Ref) bool {
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
		default:
			b.addf(problem.BadValue, at, "a path cannot be sent through it, got %q; use peering/NAME, transitGateway/NAME or site/NAME", v)
		}
		ok = ok && len(b.found) == before
	}
	return ok
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
