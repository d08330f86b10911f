package cfn

import (
	"maps"
	"slices"
)

// Compare tells what a deployment that turns before into after would do. Stacks are deployed in the order of after; the
// order of before does not matter. Neither is changed.
func Compare(before, after []*Stack) *Changes {
	c := newComparison(before, after)
	c.diff()
	c.cascade()
	out := &Changes{Resources: c.list(), Orphans: c.orphans()}
	out.Moves = c.moves()
	out.Collisions = c.collisions()
	out.Broken = c.broken()
	return out
}

// node is one resource in both states.
type node struct {
	key
	stackBefore, stackAfter *Stack // nil if the resource is not in that state
	before, after           *Resource
	schema                  *schema // of the type after
	action                  Action  // empty: it stays
	level                   level   // of a replacement
	causes                  map[causeKey]*Cause
	// attributes that change although the resource stays.
	attributes map[string]level
}

// level says how sure a replacement is.
type level int

const (
	not level = iota
	maybe
	surely
)

type causeKey struct {
	property string
	follows  key
}

// comparison holds both states.
type comparison struct {
	before, after []*Stack
	nodes         map[key]*node
	order         map[string]int // of the stacks of after
	sorted        []*node        // by stack in the order of deployment, orphans last, then by logical id
}

func newComparison(before, after []*Stack) *comparison {
	c := &comparison{before: before, after: after, nodes: map[key]*node{}, order: map[string]int{}}
	for i, s := range after {
		c.order[s.Name] = i
		for _, r := range s.Resources {
			n := c.node(key{s.Name, r.LogicalID})
			n.stackAfter, n.after, n.schema = s, r, of(r.Type)
		}
	}
	for _, s := range before {
		for _, r := range s.Resources {
			n := c.node(key{s.Name, r.LogicalID})
			n.stackBefore, n.before = s, r
		}
	}
	c.sorted = slices.SortedFunc(maps.Values(c.nodes), func(a, b *node) int { return c.compare(a.key, b.key) })
	return c
}

func (c *comparison) node(k key) *node {
	if c.nodes[k] == nil {
		c.nodes[k] = &node{key: k, causes: map[causeKey]*Cause{}}
	}
	return c.nodes[k]
}

func (c *comparison) orphan(stack string) bool {
	_, ok := c.order[stack]
	return !ok
}

func (c *comparison) orphans() []string {
	var names []string
	for _, s := range c.before {
		if c.orphan(s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// diff compares every resource by itself.
func (c *comparison) diff() {
	for _, n := range c.sorted {
		switch {
		case n.before == nil:
			n.action = Create
		case n.after == nil && !c.orphan(n.stack):
			n.action = Delete
		case n.after == nil: // in an orphan, which nothing touches
		case n.before.Type != n.after.Type:
			n.action = Refuse
		default:
			n.diff()
		}
	}
}

func (n *node) diff() {
	for _, l := range []struct {
		properties []string
		action     Action
		level      level
	}{{n.schema.CreateOnly, Replace, surely}, {n.schema.Conditional, Replace, maybe}, {n.schema.Refused, Refuse, surely}} {
		for _, p := range l.properties {
			old, now := n.before.Properties[p], n.after.Properties[p]
			// What may not change is required, so a plan without it does not say; a template always does.
			if old != now && (l.action != Refuse || old != "" && now != "") {
				n.cause(p, ID{}, l.action, l.level)
			}
		}
	}
	n.relocated()
	for attribute, followed := range customTypes[n.after.Type].attributes {
		for _, p := range followed {
			if n.before.Properties[p] != n.after.Properties[p] {
				n.change(attribute, surely)
			}
		}
	}
}

// cause records why a resource is replaced or its change refused. It reports whether that says more than was known.
func (n *node) cause(property string, follows ID, action Action, l level) bool {
	k := causeKey{property, key{follows.Stack, follows.LogicalID}}
	if known := n.causes[k]; known == nil {
		n.causes[k] = &Cause{property, n.before.Properties[property], n.after.Properties[property], follows, l == maybe}
	} else if l == surely {
		known.Maybe = false
	}
	if action == Refuse {
		n.action = Refuse
		return false
	}
	if n.action == "" {
		n.action = Replace
	}
	more := l > n.level
	n.level = max(n.level, l)
	return more
}

// change records that an attribute changes in place, and reports whether that is new.
func (n *node) change(attribute string, l level) bool {
	if l <= n.attributes[attribute] {
		return false
	}
	if n.attributes == nil {
		n.attributes = map[string]level{}
	}
	n.attributes[attribute] = l
	return true
}

// list is what does not stay.
func (c *comparison) list() []*Change {
	var list []*Change
	for _, n := range c.sorted {
		if n.action == "" {
			continue
		}
		ch := &Change{ID: n.ID(), Action: n.action, Before: n.before, After: n.after, Retained: n.retained(),
			Maybe: n.action == Replace && n.level == maybe}
		for _, cause := range n.causes {
			ch.Causes = append(ch.Causes, *cause)
		}
		slices.SortFunc(ch.Causes, compareCauses)
		list = append(list, ch)
	}
	return list
}

// retained reports whether the resource that is there before stays behind.
func (n *node) retained() bool {
	switch n.action {
	case Delete:
		return retains(n.before.DeletionPolicy)
	case Replace:
		return retains(n.after.UpdateReplacePolicy)
	case Create, Refuse:
	}
	return false
}
