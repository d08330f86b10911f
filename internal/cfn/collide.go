package cfn

import "slices"

// simulation deploys stacks one after the other and watches who holds which slot.
type simulation struct {
	*comparison
	held  map[string][]*holding // by kind and key
	found []Collision
}

// collisions deploys the stacks of after in order. In each, resources are created and updated first; what has left the
// template, and what was replaced, is deleted when that is done.
func (c *comparison) collisions() []Collision {
	s := &simulation{comparison: c, held: map[string][]*holding{}}
	byStack := map[string][]transition{}
	for _, n := range c.sorted {
		t := c.transition(n)
		byStack[n.stack] = append(byStack[n.stack], t)
		if t.old != nil {
			s.hold(t.old)
		}
	}
	for _, stack := range c.after {
		for _, t := range byStack[stack.Name] {
			if t.claim != nil {
				s.claim(t)
			}
		}
		for _, t := range byStack[stack.Name] {
			if t.old != nil && t.ends {
				s.release(t.old)
			}
		}
	}
	return s.found
}

func (s *simulation) hold(h *holding) {
	for _, k := range h.slot.Keys {
		at := h.slot.Kind + " " + k
		s.held[at] = append(s.held[at], h)
	}
}

func (s *simulation) release(h *holding) {
	for _, k := range h.slot.Keys {
		at := h.slot.Kind + " " + k
		s.held[at] = slices.DeleteFunc(s.held[at], func(other *holding) bool { return other == h })
	}
}

// claim takes a slot for a resource and records everybody who is in the way.
func (s *simulation) claim(t transition) {
	seen := map[*holding]bool{}
	for _, k := range t.claim.Keys {
		for _, h := range s.held[t.claim.Kind+" "+k] {
			if seen[h] || !h.slot.overlaps(*t.claim) || h == t.old && !t.self {
				continue
			}
			seen[h] = true
			s.meet(t, h)
		}
	}
	s.hold(&holding{node: t.node, slot: *t.claim, final: true})
}

// meet decides whether it matters that somebody holds a slot that is claimed.
func (s *simulation) meet(t transition, h *holding) {
	found := Collision{Slot: *t.claim, Old: h.node.ID(), New: t.node.ID(), Stays: h.final,
		Maybe: t.maybe || h.midway && h.node.stack == t.node.stack}
	if t.claim.TakesOver {
		deletedLater := !h.final || s.orphan(h.node.stack)
		found.Lost = deletedLater && t.claim.Loses && h.slot.Holds == t.claim.Holds
		if kept := h.final && h.node.retained(); kept || deletedLater && !found.Lost {
			return
		}
	}
	s.found = append(s.found, found)
}
