package cfn

import "strings"

// moves pairs resources that leave with resources that are created: first by what people call them, then by their slot.
// Resources in an orphan leave as well, in the eyes of whoever took them out of the configuration.
func (c *comparison) moves() []Move {
	byName, bySlot := map[string]*node{}, map[string]*node{}
	for _, n := range c.sorted {
		if n.action != Create {
			continue
		}
		if n.after.Name != "" {
			byName[n.after.Type+" "+n.after.Name] = n
		}
		if s, ok := SlotOf(n.stackAfter, n.after); ok {
			bySlot[s.identity()] = n
		}
	}
	var moves []Move
	taken := map[*node]bool{}
	pair := func(from, to *node, by string) {
		if to != nil && !taken[from] && !taken[to] {
			taken[from], taken[to] = true, true
			moves = append(moves, Move{from.ID(), to.ID(), to.after.Type, by})
		}
	}
	for _, n := range c.sorted {
		if n.leaves() && n.before.Name != "" {
			pair(n, byName[n.before.Type+" "+n.before.Name], n.before.Name)
		}
	}
	for _, n := range c.sorted {
		if n.leaves() {
			if s, ok := SlotOf(n.stackBefore, n.before); ok {
				pair(n, bySlot[s.identity()], s.String())
			}
		}
	}
	return moves
}

// leaves reports whether a resource is in the state before only.
func (n *node) leaves() bool { return n.after == nil }

// identity is equal for two slots that are the same in all respects.
func (s Slot) identity() string {
	return s.Kind + " " + s.Block.String() + " " + strings.Join(s.Keys, ", ")
}
