package cfn

import (
	"slices"
	"strings"
)

// holding is a slot in somebody's hands.
type holding struct {
	node *node
	slot Slot
	// final says that the holder does not let go in this deployment.
	final bool
	// midway says that it does so while its stack creates and updates, at a moment that nobody knows.
	midway bool
}

// transition is what a deployment does to the slot of one resource.
type transition struct {
	node  *node
	old   *holding // nil: it had none
	claim *Slot    // nil: it takes none
	ends  bool     // the old one is let go when its stack is done, or midway
	self  bool     // the old one is in the way of the claim
	maybe bool
}

func (c *comparison) transition(n *node) transition {
	t := transition{node: n}
	if n.before != nil {
		if slot, ok := SlotOf(n.stackBefore, n.before); ok {
			t.old = &holding{node: n, slot: slot}
		}
	}
	if n.after != nil && n.action != Refuse {
		if slot, ok := SlotOf(n.stackAfter, n.after); ok {
			slot = c.renewed(slot)
			t.claim = &slot
		}
	}
	midway := false
	switch n.action {
	case Create, Refuse:
	case Delete:
		t.ends = !n.retained()
	case Replace:
		midway = DeletesFirst(n.after.Type)
		t.maybe = n.level == maybe
		t.ends = midway || !n.retained()
		// If the slot hangs on what may be replaced, it is another one whenever this resource is replaced.
		t.self = !midway && (n.level == surely || t.claim != nil && !c.uncertain(*t.claim))
	default: // it stays; what its slot is made of may be updated
		if t.old != nil && t.claim != nil && t.old.slot.identity() == t.claim.identity() {
			t.claim = nil
		} else if n.after != nil {
			t.ends, midway = true, true
		}
	}
	if t.old != nil {
		t.old.midway, t.old.final = midway, !t.ends
	}
	return t
}

// renewed marks what in a slot's keys belongs to a resource that is replaced: a route table that is new has no routes.
func (c *comparison) renewed(s Slot) Slot {
	s.Keys = slices.Clone(s.Keys)
	for i := range s.Keys {
		s.Keys[i] = c.renew(s.Keys[i])
	}
	slices.Sort(s.Keys)
	s.Holds = c.renew(s.Holds)
	return s
}

func (c *comparison) renew(value string) string {
	var b strings.Builder
	eachReference(value, func(before string, r reference) {
		b.WriteString(before)
		if r == (reference{}) {
			return
		}
		b.WriteString("{" + r.name() + "}")
		if n := c.nodes[r.resource()]; n != nil && (n.action == Replace && n.level == surely || n.attributes[r.attribute] == surely) {
			b.WriteString("'")
		}
	})
	return b.String()
}

// uncertain reports whether a slot hangs on a resource that may be replaced.
func (c *comparison) uncertain(s Slot) bool {
	for _, k := range s.Keys {
		for _, r := range references(k) {
			if n := c.nodes[r.resource()]; n != nil && (n.level == maybe || n.attributes[r.attribute] == maybe) {
				return true
			}
		}
	}
	return false
}
