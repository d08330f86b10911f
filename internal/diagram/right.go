package diagram

import (
	"cmp"
	"slices"
)

// joinNetworks places the VPC peerings on the right, each as high as its first network's exit if there is room, and makes
// the lines from each network to its peerings.
func (l *layout) joinNetworks() {
	var joints []*joint
	for _, j := range l.m.joints {
		if joinsNetworks(j.peerings[0]) {
			ends := slices.SortedFunc(slices.Values(j.ends), func(x, y string) int { return cmp.Compare(l.exits[x].y, l.exits[y].y) })
			joints = append(joints, &joint{j.node, j.peerings, ends})
		}
	}
	slices.SortStableFunc(joints, func(x, y *joint) int { return cmp.Compare(l.exits[x.ends[0]].y, l.exits[y.ends[0]].y) })
	nets := map[string]*net{}
	for _, node := range l.exitOrder() {
		numbers := l.m.throughPeerings(node)
		nets[node] = &net{class: "vpcpeering", hub: l.exits[node], outward: true, numbers: numbers, width: l.m.width(len(numbers))}
		l.right.nets = append(l.right.nets, nets[node])
	}
	y := titleHeight
	for _, j := range joints {
		b, taps := l.rightBox(j, y, nets)
		for i, end := range j.ends {
			nets[end].leaves = append(nets[end].leaves, pin{node: j.node, box: b, y: taps[i]})
		}
		y = b.bottom() + cellGap
	}
	for _, n := range l.right.nets {
		l.orderStrands(n)
	}
	l.bottom = y - cellGap
}

// orderStrands puts the paths along a net in the order of the heights they go to, so that they part without crossing.
func (l *layout) orderStrands(n *net) {
	height := func(number int) int {
		i := slices.IndexFunc(n.leaves, func(p pin) bool { return slices.Contains(l.m.strands(n.hub.node, p.node), number) })
		return n.leaves[i].y
	}
	slices.SortStableFunc(n.numbers, func(x, y int) int { return cmp.Compare(height(x), height(y)) })
}

// exitOrder lists the networks with exits from top to bottom.
func (l *layout) exitOrder() []string {
	var nodes []string
	for _, b := range l.boxes {
		if p, ok := l.exits[b.node]; ok && p.box == b {
			nodes = append(nodes, b.node)
		}
	}
	return nodes
}

// rightBox places a peering below a height, with a tap for every end, where no other network's line passes.
func (l *layout) rightBox(j *joint, y int, nets map[string]*net) (*box, []int) {
	c := newCard(l.m.jointCard(j), l.size.right, cardRoom)
	pitch := 0
	for _, end := range j.ends {
		pitch = max(pitch, nets[end].width+strandSpare)
	}
	c.h = max(c.h, len(j.ends)*pitch+2*cardRoom)
	first := (c.h - (len(j.ends)-1)*pitch) / 2
	b := l.add(&box{rect{0, max(y, l.exits[j.ends[0]].y-first), c.w, c.h}, j.node, "vpcpeering", "", "", c})
	var taps []int
	for i := range j.ends {
		taps = append(taps, b.y+first+i*pitch)
	}
	for l.meets(j, taps, nets) {
		b.y++
		for i := range taps {
			taps[i]++
		}
	}
	return b, taps
}

// meets reports whether a tap is as high as another network's exit, so that their lines could share a place.
func (l *layout) meets(j *joint, taps []int, nets map[string]*net) bool {
	for node, p := range l.exits {
		for i, t := range taps {
			apart := (nets[node].width+nets[j.ends[i]].width)/2 + strandSpare
			if node != j.ends[i] && t-apart < p.y && p.y < t+apart {
				return true
			}
		}
	}
	return false
}
