package diagram

import (
	"slices"

	"github.com/pathproof/pathproof/internal/topology"
)

// pipe is a VPN connection: a line for each tunnel, and the paths between them.
type pipe struct {
	site, segment *box
	tunnels       []int // heights
	numbers       []int // of the paths through it
}

// outside places what is attached to a lane from the left: its sites, and each peering with the first segment that
// holds it. Other segments' lines to that peering arrive below.
func (l *layout) outside(a *lane) {
	for _, s := range l.m.plan.Sites {
		if l.m.segmentOfSite(s) == a.segment {
			l.site(a, s)
		}
	}
	var joined []*joint
	for _, j := range l.m.joints {
		if !slices.Contains(j.ends, a.segment) {
			continue
		}
		if l.at[j.node] != nil {
			joined = append(joined, j)
			continue
		}
		l.joinGateways(a, j)
	}
	for _, j := range joined {
		half := l.m.width(len(l.m.passing[j.node])) / 2
		i := slices.IndexFunc(l.left.nets, func(n *net) bool { return n.hub.node == j.node })
		l.left.nets[i].leaves = append(l.left.nets[i].leaves, pin{node: a.segment, box: a.box, y: a.port + half})
		a.port += 2*half + portGap
	}
}

// joinGateways places a transit gateway peering and begins its line.
func (l *layout) joinGateways(a *lane, j *joint) {
	half := l.m.width(len(l.m.passing[j.node])) / 2
	c := newCard(l.m.jointCard(j), l.size.left, cardRoom)
	b := l.leftBox(a, j.node, "tgwpeering", c, c.h/2-half)
	y := b.y + c.h/2
	a.port = y + half + portGap
	l.left.nets = append(l.left.nets, &net{class: "tgwpeering", numbers: l.m.passing[j.node], width: 2 * half,
		hub: pin{node: j.node, box: b, y: y}, leaves: []pin{{node: a.segment, box: a.box, y: y}}})
}

// leftBox places a box at the left so that its first line, which leaves it at an offset, arrives in the lane. The box may
// begin beside the lane above, which often has nothing there.
func (l *layout) leftBox(a *lane, node, kind string, c *card, first int) *box {
	y := max(l.leftY, a.port-first)
	l.leftY = y + c.h + cellGap
	return l.add(&box{rect{margin, y, c.w, c.h}, node, kind, "", "", c})
}

// site places a site and its VPN connections; they go straight to their segment.
func (l *layout) site(a *lane, s *topology.Site) {
	card := newCard(l.m.siteCard(s), l.size.left, cardRoom)
	ports := append(card.ports, card.h) // never empty
	b := l.leftBox(a, siteNode(s.Name), "site", card, ports[0])
	for _, c := range byGateway(s) {
		p := &pipe{site: b, segment: a.box, numbers: l.m.strands(b.node, a.segment)}
		for _, y := range ports[:len(c.Inside)] {
			p.tunnels = append(p.tunnels, b.y+y)
			a.port = b.y + y + portGap
		}
		ports = ports[len(c.Inside):]
		l.pipes = append(l.pipes, p)
	}
}
