package diagram

import (
	"slices"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// minMesh is the number of ends from which a full mesh is drawn as one thing: four ends are six peerings.
const minMesh = 4

func joinsNetworks(p *topology.Peering) bool { return p.Mode == config.ModeVPC }

// meshes groups peerings: every full mesh is a group, every other peering a group of its own. Groups stand in the order of
// their first peerings.
func meshes(all []*topology.Peering) [][]*topology.Peering {
	left := slices.Clone(all)
	var groups [][]*topology.Peering
	for {
		mesh := largestMesh(left)
		if mesh == nil {
			break
		}
		groups = append(groups, mesh)
		left = slices.DeleteFunc(left, func(p *topology.Peering) bool { return slices.Contains(mesh, p) })
	}
	for _, p := range left {
		groups = append(groups, []*topology.Peering{p})
	}
	slices.SortFunc(groups, func(x, y []*topology.Peering) int { return slices.Index(all, x[0]) - slices.Index(all, y[0]) })
	return groups
}

// largestMesh returns the peerings of the largest full mesh that grows from one of them, or nil. It takes the next end
// that fits, which finds every mesh that does not overlap with another; those that do may come out in smaller parts.
func largestMesh(peerings []*topology.Peering) []*topology.Peering {
	edges := map[[2]string]*topology.Peering{}
	var ends []string
	for _, p := range peerings {
		edges[edge(p.Requester.Name, p.Accepter.Name)] = p
		ends = append(ends, p.Requester.Name, p.Accepter.Name)
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	var best []*topology.Peering
	for _, p := range peerings {
		mesh := grow(p, ends, edges)
		if len(mesh) > len(best) {
			best = mesh
		}
	}
	if len(best) < minMesh*(minMesh-1)/2 {
		return nil
	}
	slices.SortFunc(best, func(x, y *topology.Peering) int { return slices.Index(peerings, x) - slices.Index(peerings, y) })
	return best
}

// grow adds ends to a peering, each joined with all that are in already and in the same mode.
func grow(p *topology.Peering, ends []string, edges map[[2]string]*topology.Peering) []*topology.Peering {
	in := []string{p.Requester.Name, p.Accepter.Name}
	mesh := []*topology.Peering{p}
	for _, e := range ends {
		var more []*topology.Peering
		for _, other := range in {
			if x := edges[edge(e, other)]; x != nil && x.Mode == p.Mode {
				more = append(more, x)
			}
		}
		if len(more) == len(in) {
			in = append(in, e)
			mesh = append(mesh, more...)
		}
	}
	return mesh
}

func edge(x, y string) [2]string { return [2]string{min(x, y), max(x, y)} }
