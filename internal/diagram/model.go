package diagram

import (
	"slices"

	"github.com/pathproof/pathproof/internal/topology"
)

// model is a plan as both kinds of picture need it: what joins what, and which way the paths go.
type model struct {
	plan   *topology.Plan
	joints []*joint
	paths  []*path
	draw   bool // draw the paths, not only list them
	// passing lists the numbers of drawn paths by node.
	passing map[string][]int
	// along lists them by the two nodes of a connection, in either order.
	along map[[2]string][]int
}

func newModel(p *topology.Plan, o Options) *model {
	m := &model{plan: p, draw: o.Draw, passing: map[string][]int{}, along: map[[2]string][]int{}}
	m.join()
	for i, x := range o.Paths {
		m.paths = append(m.paths, m.path(x, i+1))
	}
	if o.Draw {
		for _, x := range m.paths {
			m.trace(x)
		}
	}
	return m
}

// Names of what can be an end of a connection.
func networkNode(key string) string           { return "network/" + key }
func segmentNode(gateway, name string) string { return "segment/" + gateway + "/" + name }
func gatewayNode(name string) string          { return "gateway/" + name }
func siteNode(name string) string             { return "site/" + name }

// joint is a peering, or all the peerings of a full mesh.
type joint struct {
	node     string
	peerings []*topology.Peering
	ends     []string // networks, or segments that hold the peerings' attachments
}

// join finds the joints: each full mesh of at least minMesh ends as one, then every other peering for itself.
func (m *model) join() {
	for _, group := range meshes(m.plan.Peerings) {
		j := &joint{node: "peering/" + group[0].Name, peerings: group}
		for _, p := range group {
			for _, end := range []*topology.PeeringEnd{&p.Requester, &p.Accepter} {
				if node := m.peeringEnd(p, end.Name); !slices.Contains(j.ends, node) {
					j.ends = append(j.ends, node)
				}
			}
		}
		m.joints = append(m.joints, j)
	}
}

// peeringEnd is what a peering's end is attached to: a network, or the segment of its attachment.
func (m *model) peeringEnd(p *topology.Peering, name string) string {
	if joinsNetworks(p) {
		return networkNode(name)
	}
	if s, _ := m.plan.TransitGateway(name).Segment(topology.TargetPeering, p.Name); s != nil {
		return segmentNode(name, s.Name)
	}
	return gatewayNode(name) // not deployable, but drawable
}

// members counts the networks or transit gateways that a joint joins.
func (j *joint) members() int {
	names := map[string]bool{}
	for _, p := range j.peerings {
		names[p.Requester.Name], names[p.Accepter.Name] = true, true
	}
	return len(names)
}

// jointOf returns the joint that a peering is part of.
func (m *model) jointOf(peering string) *joint {
	i := slices.IndexFunc(m.joints, func(j *joint) bool {
		return slices.ContainsFunc(j.peerings, func(p *topology.Peering) bool { return p.Name == peering })
	})
	return m.joints[i]
}

// region returns the declared Region of an alias.
func (m *model) region(alias string) topology.Region {
	i := slices.IndexFunc(m.plan.Regions, func(r topology.Region) bool { return r.Alias == alias })
	return m.plan.Regions[i]
}

// width is what so many paths take beside each other. More paths than colours are one line.
func (m *model) width(paths int) int {
	if len(m.paths) > MaxColours {
		paths = min(paths, 1)
	}
	return paths * strandPitch
}

// strands lists the numbers of the drawn paths between two nodes.
func (m *model) strands(x, y string) []int {
	return m.along[edge(x, y)]
}
