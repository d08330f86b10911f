package diagram

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// path is a path that a picture shows.
type path struct {
	*topology.Path
	number int
	from   string // node
	to     string // node
	there  []step // of packets, and
	back   []step // of the answers; both empty when nothing arrives
}

// step is a node on a path's way, and what is crossed there by the file's name: a mesh is one node with many peerings.
type step struct{ node, name string }

func (m *model) path(p *topology.Path, number int) *path {
	x := &path{Path: p, number: number, from: m.endNode(p, p.From), to: m.endNode(p, p.To)}
	if p.Expect == config.Reachable {
		x.there, x.back = m.way(p.Forward), m.way(p.Return)
	}
	return x
}

// endNode is the network or site of a path's end. People are in neither: their part of a path begins where they get in.
func (m *model) endNode(p *topology.Path, r config.Ref) string {
	switch r.Kind {
	case config.KindClient:
		for _, h := range p.Forward {
			if h.Kind == topology.TargetNetwork {
				return networkNode(h.Name)
			}
		}
		return m.endNode(p, p.To) // unreachable, so nothing is drawn but the end
	case config.KindEdgeProxy:
		return networkNode(m.plan.EdgeProxy(r.Name).Network)
	case config.KindZonalService:
		name, _, _ := strings.Cut(r.Name, "/")
		return networkNode(m.plan.ZonalService(name).Network)
	case config.KindLoadBalancer:
		return networkNode(m.plan.LoadBalancer(r.Name).Network)
	case config.KindOpenVPN:
		return networkNode(m.plan.OpenVPN(r.Name).Network)
	case config.KindSite:
		return siteNode(r.Name)
	case config.KindHost:
		h := m.plan.Host(r.Name)
		if h.Site != "" {
			return siteNode(h.Site)
		}
		return networkNode(h.Network)
	}
	return networkNode(r.Name)
}

// way is the steps of hops: a transit gateway is crossed in the segments of the attachments on both sides.
func (m *model) way(hops []topology.Hop) []step {
	var out []step
	for i, h := range hops {
		name := topology.Target{Kind: h.Kind, Name: h.Name}.String()
		switch h.Kind {
		case topology.TargetClient, topology.TargetAccelerator, topology.TargetOpenVPN, topology.TargetClientVPN, topology.TargetEdgeProxy, topology.TargetLoadBalancer,
			topology.TargetZonalService:
			if node := m.wayNode(h, out, hops); node != "" {
				out = append(out, step{node, name})
			}
		case topology.TargetNetwork:
			out = append(out, step{networkNode(h.Name), name})
		case topology.TargetSite:
			out = append(out, step{siteNode(h.Name), name})
		case topology.TargetPeering:
			out = append(out, step{m.jointOf(h.Name).node, name})
		case topology.TargetTransitGateway:
			t := m.plan.TransitGateway(h.Name)
			for _, beside := range hops[max(i-1, 0):min(i+2, len(hops))] {
				if s, _ := t.Segment(beside.Kind, beside.Name); s != nil {
					out = append(out, step{segmentNode(t.Name, s.Name), name})
				}
			}
		}
	}
	return slices.Compact(out)
}

// wayNode is the node that a way in stands in: its network's. People and accelerators stand in none: they are told with the network that
// the way begins or ends in.
func (m *model) wayNode(h topology.Hop, so []step, hops []topology.Hop) string {
	if node := m.nodeOf(h); node != "" {
		return node
	}
	if len(so) > 0 {
		return so[len(so)-1].node
	}
	for _, h := range hops {
		if node := m.nodeOf(h); node != "" {
			return node
		}
	}
	return ""
}

// nodeOf is the node of a hop in a network, or "".
func (m *model) nodeOf(h topology.Hop) string {
	network := ""
	switch h.Kind {
	case topology.TargetNetwork:
		network = h.Name
	case topology.TargetOpenVPN:
		network = m.plan.OpenVPN(h.Name).Network
	case topology.TargetClientVPN:
		network = m.plan.ClientVPN(h.Name).Network
	case topology.TargetEdgeProxy:
		network = m.plan.EdgeProxy(h.Name).Network
	case topology.TargetZonalService:
		network = m.plan.ZonalService(h.Name).Network
	case topology.TargetLoadBalancer:
		network = m.plan.LoadBalancer(h.Name).Network
	default: // outside
	}
	if network == "" {
		return ""
	}
	return networkNode(network)
}

// trace notes where a path passes: everywhere there and back, or only its ends when it must not arrive.
func (m *model) trace(x *path) {
	nodes := []string{x.from, x.to}
	for _, s := range slices.Concat(x.there, x.back) {
		nodes = append(nodes, s.node)
	}
	for _, node := range nodes {
		if !slices.Contains(m.passing[node], x.number) {
			m.passing[node] = append(m.passing[node], x.number)
		}
	}
	for _, way := range [][]step{x.there, x.back} {
		for i := 1; i < len(way); i++ {
			at := edge(way[i-1].node, way[i].node)
			if !slices.Contains(m.along[at], x.number) {
				m.along[at] = append(m.along[at], x.number)
			}
		}
	}
}

// twoWays says that answers come back another way.
func (x *path) twoWays() bool {
	reversed := slices.Clone(x.back)
	slices.Reverse(reversed)
	return len(x.back) > 0 && !slices.Equal(x.there, reversed)
}
