package cfn

import (
	"maps"
	"slices"
)

// use is a property that holds a value of another resource.
type use struct {
	node      *node
	property  string
	attribute string // of the other resource; empty for its Ref
}

// changed is a value that changes: of the whole resource, or one attribute of it.
type changed struct {
	node      *node
	attribute string
	whole     bool
	level     level
}

// cascade follows replacements: a resource whose create-only property holds a value of a replaced one is replaced too.
// Levels only rise, so it ends.
func (c *comparison) cascade() {
	uses := c.uses()
	var queue []changed
	for _, n := range c.sorted {
		queue = append(queue, n.changes()...)
	}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for _, u := range uses[from.node.key] {
			if !from.whole && u.attribute != from.attribute {
				continue
			}
			queue = append(queue, u.follow(from)...)
		}
	}
}

// changes are the values of a resource that change for reasons of its own.
func (n *node) changes() []changed {
	var list []changed
	if n.action == Replace {
		list = append(list, changed{node: n, whole: true, level: n.level})
	}
	for _, attribute := range slices.Sorted(maps.Keys(n.attributes)) {
		list = append(list, changed{node: n, attribute: attribute, level: n.attributes[attribute]})
	}
	return list
}

// uses finds the properties, of resources that are in both states, that hold a value of a resource.
func (c *comparison) uses() map[key][]use {
	uses := map[key][]use{}
	for _, n := range c.sorted {
		if n.before == nil || n.after == nil || n.before.Type != n.after.Type {
			continue
		}
		for _, p := range n.schema.Watched {
			for _, r := range references(n.after.Properties[p]) {
				uses[r.resource()] = append(uses[r.resource()], use{n, p, r.attribute})
			}
		}
	}
	return uses
}

// follow lets a change reach the resource that uses the value, and returns what changes by that.
func (u use) follow(from changed) []changed {
	n := u.node
	if n.before.Properties[u.property] != n.after.Properties[u.property] {
		return nil // it has a cause of its own already
	}
	var list []changed
	for attribute, followed := range customTypes[n.after.Type].attributes {
		if slices.Contains(followed, u.property) && n.change(attribute, from.level) {
			list = append(list, changed{node: n, attribute: attribute, level: from.level})
		}
	}
	action, l := Replace, not
	switch {
	case slices.Contains(n.schema.CreateOnly, u.property):
		l = from.level
	case slices.Contains(n.schema.Conditional, u.property):
		l = maybe
	case slices.Contains(n.schema.Refused, u.property) && from.level == surely:
		action, l = Refuse, surely
	}
	if l != not && n.cause(u.property, from.node.ID(), action, l) {
		list = append(list, changed{node: n, whole: true, level: l})
	}
	return list
}
