package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// group is networks that one node stands for: those of a segment when there are many, else one.
type group struct {
	node     string
	segments []string // nodes
	networks []*topology.Network
}

// groups lists the groups of a Region's networks. A network with peerings of its own stays alone.
func (f *flowchart) groups(alias string) []*group {
	var out []*group
	byKey := map[string]*group{}
	for _, n := range f.m.plan.Networks {
		if n.Alias != alias {
			continue
		}
		g := &group{node: networkNode(n.Key), segments: f.segmentsOf(n), networks: []*topology.Network{n}}
		if len(f.m.plan.Networks) > manyNetworks && !f.m.peered(g.node) {
			g.node = "networks/" + alias + strings.TrimPrefix(strings.Join(g.segments, ""), "segment")
			if first := byKey[g.node]; first != nil {
				first.networks = append(first.networks, n)
				continue
			}
			byKey[g.node] = g
		}
		out = append(out, g)
	}
	return out
}

// segmentsOf lists the segments that hold a network's attachments.
func (f *flowchart) segmentsOf(n *topology.Network) []string {
	var out []string
	for _, t := range f.m.plan.TransitGateways {
		if s, _ := t.Segment(topology.TargetNetwork, n.Key); s != nil {
			out = append(out, segmentNode(t.Name, s.Name))
		}
	}
	return out
}

func (f *flowchart) networks(g *group) {
	if len(g.networks) == 1 {
		f.node(g.node, cardLines(f.m.networkCard(g.networks[0])))
		return
	}
	lines := []string{count(len(g.networks), "network")}
	for _, n := range g.networks {
		lines = append(lines, fmt.Sprintf("%s %s", n.Key, strings.Join(prefixes(n), ", ")))
	}
	f.node(g.node, lines)
}

// link joins two nodes, with lines of text and the drawn paths along it.
func (f *flowchart) link(from, arrow, to string, lines []string, paths []int) {
	switch {
	case len(paths) > maxBadges:
		lines = append(lines, count(len(paths), "path"))
	case len(paths) > 0:
		lines = append(lines, plural(len(paths), "path")+" "+numbers(paths))
	}
	if len(lines) > 0 {
		arrow += "|" + label(lines...) + "|"
	}
	f.line("%s %s %s", mermaidID(from), arrow, mermaidID(to))
	if len(paths) > 0 {
		f.strong = append(f.strong, fmt.Sprint(f.links))
	}
	f.links++
}

func plural(n int, noun string) string {
	_, noun, _ = strings.Cut(count(n, noun), " ")
	return noun
}

func numbers(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}

// joint links two ends directly, and a mesh by a node of its own.
func (f *flowchart) joint(j *joint) {
	if len(j.peerings) == 1 && len(j.ends) == 2 {
		f.link(j.ends[0], "---", j.ends[1], cardLines(f.m.jointCard(j)), f.m.passing[j.node])
		return
	}
	f.node(j.node, cardLines(f.m.jointCard(j)))
	for _, end := range j.ends {
		f.link(j.node, "---", end, nil, f.m.strands(j.node, end))
	}
}

func (f *flowchart) attachments() {
	for _, r := range f.m.plan.Regions {
		for _, g := range f.groups(r.Alias) {
			for _, segment := range g.segments {
				var paths []int
				for _, n := range g.networks {
					paths = append(paths, f.m.strands(segment, networkNode(n.Key))...)
				}
				slices.Sort(paths)
				f.link(segment, "---", g.node, nil, slices.Compact(paths))
			}
		}
	}
}

func (f *flowchart) sites() {
	for _, s := range f.m.plan.Sites {
		tunnels := 0
		for _, c := range s.Connections {
			tunnels += len(c.Inside)
		}
		segment := f.m.segmentOfSite(s)
		f.link(siteNode(s.Name), "===", segment, []string{count(len(s.Connections), "VPN connection"), count(tunnels, "tunnel")}, f.m.strands(siteNode(s.Name), segment))
	}
}

// list writes a section as one node.
func (f *flowchart) list(s section) {
	lines := []string{s.heading}
	for _, t := range s.tables {
		if t.heading != nil {
			lines = append(lines, sentence(t.heading)+":")
		}
		for _, cells := range t.cells {
			var parts []string
			for _, c := range cells {
				parts = append(parts, sentence(c.spans))
			}
			lines = append(lines, strings.Join(parts, ", "))
		}
	}
	f.node("list/"+s.heading, lines)
}

// emphasis makes the links that drawn paths go along thick.
func (f *flowchart) emphasis() {
	if len(f.strong) > 0 {
		f.line("linkStyle %s stroke-width:4px", strings.Join(f.strong, ","))
	}
}
