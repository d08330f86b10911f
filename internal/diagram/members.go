package diagram

import (
	"slices"

	"github.com/pathproof/pathproof/internal/topology"
)

// throughPeerings lists the drawn paths between a network and its peerings.
func (m *model) throughPeerings(node string) []int {
	var numbers []int
	for _, j := range m.joints {
		numbers = append(numbers, m.strands(node, j.node)...)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// peered reports whether a network has VPC peerings.
func (m *model) peered(node string) bool {
	return slices.ContainsFunc(m.joints, func(j *joint) bool { return slices.Contains(j.ends, node) })
}

// peeredLast moves the networks with peerings to the end of a list: there a line to the right meets no other network.
func (m *model) peeredLast(keys []string) []string {
	var first, last []string
	for _, key := range keys {
		if m.peered(networkNode(key)) {
			last = append(last, key)
		} else {
			first = append(first, key)
		}
	}
	return append(first, last...)
}

// networksOf lists the networks of a segment.
func networksOf(s *topology.Segment) []string {
	var keys []string
	for _, a := range s.Attachments {
		if a.Kind == topology.TargetNetwork {
			keys = append(keys, a.Name)
		}
	}
	return keys
}

// unattached lists the networks of a Region that hang on no transit gateway.
func (m *model) unattached(alias string) []string {
	var keys []string
	for _, n := range m.plan.Networks {
		if n.Alias == alias && !slices.ContainsFunc(m.plan.TransitGateways, func(t *topology.TransitGateway) bool {
			s, _ := t.Segment(topology.TargetNetwork, n.Key)
			return s != nil
		}) {
			keys = append(keys, n.Key)
		}
	}
	return m.peeredLast(keys)
}

// segmentOfSite is the segment that holds a site's attachment.
func (m *model) segmentOfSite(s *topology.Site) string {
	t := m.plan.TransitGateway(s.TransitGateway)
	if seg, _ := t.Segment(topology.TargetSite, s.Name); seg != nil {
		return segmentNode(t.Name, seg.Name)
	}
	return gatewayNode(t.Name)
}
