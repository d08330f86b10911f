package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// lane is a part of a Region as high as what stands beside each other in it: boxes outside, a segment, its networks.
type lane struct {
	segment string // node
	box     *box
	port    int // where the next line at its left side may arrive
}

// band places a Region: its transit gateways with their networks, then networks that are attached to none.
func (l *layout) band(r topology.Region) {
	b := &band{rect: rect{y: l.y}, region: r, head: newCard([]row{{spans: regionSpans(r)}}, l.bandWidth()-bandPad, cardRoom)}
	l.bands = append(l.bands, b)
	l.y += b.head.h + bandHead
	for _, t := range l.m.plan.TransitGateways {
		if t.Alias == r.Alias {
			l.gateway(b, t)
		}
	}
	if loose := l.m.unattached(r.Alias); len(loose) > 0 {
		if len(b.frames) > 0 {
			b.note = &placed{span: muted("not attached to a transit gateway"), x: bandPad, baseline: l.y + noteHeight/2}
			l.y += noteHeight
		}
		columns := (l.bandWidth() - 2*bandPad + cellGap) / (l.size.network + cellGap)
		l.y = l.grid(loose, bandPad, l.y, columns, nil) + bandPad - cellGap
	}
	b.h = l.y - b.y
	l.y += bandGap
}

// gateway places a transit gateway: a head, and a lane for each segment under it.
func (l *layout) gateway(b *band, t *topology.TransitGateway) {
	top := l.y
	l.lane(t, gatewayNode(t.Name), gatewayCard(t), nil)
	for _, s := range t.Segments {
		l.lane(t, segmentNode(t.Name, s.Name), l.m.segmentCard(t, s), l.m.peeredLast(networksOf(s)))
	}
	b.frames = append(b.frames, rect{bandPad, top, l.size.gateway, l.y - top})
	l.y += bandPad
}

// lane places a segment, or a gateway's head, and what is attached to it.
func (l *layout) lane(t *topology.TransitGateway, node string, rows []row, networks []string) {
	kind, _, _ := strings.Cut(node, "/")
	c := newCard(rows, l.size.gateway, cardRoom)
	a := &lane{segment: node, box: l.add(&box{rect{bandPad, l.y, l.size.gateway, c.h}, node, kind, t.Alias, "", c}), port: l.y + portGap}
	l.outside(a)
	bottom := max(l.y+c.h, a.port)
	if len(networks) > 0 {
		bottom = max(bottom, l.grid(networks, l.gridX(), l.y, l.size.columns, a.box))
	}
	a.box.h = bottom - l.y
	l.y = bottom
}

// grid places networks in rows and returns where it ends. With a segment, every row hangs on a bus.
func (l *layout) grid(keys []string, x, y, columns int, segment *box) int {
	for chunk := range slices.Chunk(keys, columns) {
		var s *bus
		if segment != nil {
			s = l.bus(segment, chunk, y)
			y = s.y + l.m.width(len(s.numbers))/2 + strandSpare + cellGap/2
		}
		height := 0
		var row []*box
		for i, key := range chunk {
			b := l.network(key, x+i*(l.size.network+cellGap), y)
			row = append(row, b)
			height = max(height, b.h)
		}
		for _, b := range row {
			b.h = height
		}
		if s != nil {
			s.cells = row
		}
		y = l.leave(row, y+height) + cellGap
	}
	return y
}

// bus makes the line above a row.
func (l *layout) bus(segment *box, keys []string, y int) *bus {
	s := &bus{segment: segment}
	for _, key := range slices.Backward(keys) {
		for _, number := range l.m.strands(segment.node, networkNode(key)) {
			if !slices.Contains(s.numbers, number) {
				s.numbers = append(s.numbers, number) // the farthest first and on top: near ones then leave without crossing
			}
		}
	}
	s.y = y + cellGap/2 + l.m.width(len(s.numbers))/2
	l.buses = append(l.buses, s)
	return s
}

// network places a network's box. In further transit gateways it stands again, with its name only.
func (l *layout) network(key string, x, y int) *box {
	n := l.m.plan.Network(key)
	node := networkNode(key)
	rows, kind := l.m.networkCard(n), "network"
	if l.at[node] != nil {
		rows, kind = []row{rowOf(name(key)), rowOf(muted("see above"))}, "network again"
	}
	c := newCard(rows, l.size.network, cardRoom)
	return l.add(&box{rect{x, y, c.w, c.h}, node, kind, n.Alias, subnetsTip(n), c})
}

// leave makes the exits of a row's networks that have peerings: the last network's to the right, the others' below.
func (l *layout) leave(row []*box, y int) int {
	for i, b := range row {
		if _, done := l.exits[b.node]; done || !l.m.peered(b.node) {
			continue
		}
		p := pin{node: b.node, box: b, y: b.y + b.h/2}
		if i < len(row)-1 {
			half := l.m.width(len(l.m.throughPeerings(b.node))) / 2
			p.y, p.below = y+cellGap/2+half, true
			y = p.y + half
		}
		l.exits[b.node] = p
	}
	return y
}

func subnetsTip(n *topology.Network) string {
	lines := []string{n.Key}
	for _, s := range n.Subnets {
		lines = append(lines, fmt.Sprintf("%s %s %s", s.Tier, s.ZoneID, s.CIDR))
	}
	return strings.Join(lines, "\n")
}
