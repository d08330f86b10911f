package cfn

import (
	"cmp"
	"slices"
	"strings"
)

// broken finds exports that go or change while a stack imports them. When a producer is deployed, a consumer that comes
// later is still as before, and so is an orphan for good: CloudFormation refuses the producer's update, although the
// consumer is about to drop the import. A consumer that comes earlier has dropped it by then, unless it goes on importing:
// the value of an export cannot change in any order then.
func (c *comparison) broken() []BrokenExport {
	exported, goesOn := exports(c.after), c.imports()
	var list []BrokenExport
	for _, consumer := range c.before {
		for u, user := range consumer.uses() {
			producer := u.producer()
			if !u.Strong || c.orphan(producer.stack) {
				continue
			}
			if c.position(consumer.Name) <= c.position(producer.stack) && !goesOn[consumer.Name+" "+u.Of] {
				continue
			}
			if reason, maybe := c.breaks(u, exported); reason != "" {
				list = append(list, BrokenExport{Of: u.Of, Producer: producer.ID(), Consumer: ID{consumer.Name, user}, Reason: reason, Maybe: maybe})
			}
		}
	}
	c.helpConsumersFirst(list)
	slices.SortFunc(list, func(a, b BrokenExport) int {
		return cmp.Or(c.compare(keyOf(a.Producer), keyOf(b.Producer)), strings.Compare(a.Of, b.Of), c.compare(keyOf(a.Consumer), keyOf(b.Consumer)))
	})
	return list
}

// imports are the values that stacks import in the new state, each with the stack.
func (c *comparison) imports() map[string]bool {
	of := map[string]bool{}
	for _, s := range c.after {
		for u := range s.uses() {
			if u.Strong {
				of[s.Name+" "+u.Of] = true
			}
		}
	}
	return of
}

func keyOf(id ID) key { return key{id.Stack, id.LogicalID} }

// breaks tells why an export cannot stay as it is. maybe says that it depends.
func (c *comparison) breaks(u Use, exported map[string]bool) (reason Reason, isMaybe bool) {
	r, _ := parseReference("{" + u.Of + "}")
	n := c.nodes[r.resource()]
	switch {
	case n == nil:
		return "", false // a parameter
	case n.action == Delete:
		return Deleted, false
	case !exported[u.Of]:
		return Unused, false
	case n.action == Replace:
		return Replaced, n.level == maybe
	case n.attributes[r.attribute] != not:
		return Attribute, n.attributes[r.attribute] == maybe
	}
	return "", false
}

// exports are the values that stacks export: what a template says, and what another stack imports.
func exports(stacks []*Stack) map[string]bool {
	of := map[string]bool{}
	for _, s := range stacks {
		for u := range s.uses() {
			if u.Strong {
				of[u.Of] = true
			}
		}
		for _, o := range s.Outputs {
			if r, n := parseReference(o.Value); o.Export != "" && n > 0 && n == len(o.Value) {
				of[r.name()] = true
			}
		}
	}
	return of
}

// helpConsumersFirst marks the exports of which the consumer's stack can be deployed before the producer's: its new state
// imports nothing that breaks and nothing that is not there yet.
func (c *comparison) helpConsumersFirst(list []BrokenExport) {
	breaks, there := map[string]bool{}, exports(c.before)
	for _, b := range list {
		breaks[b.Of] = true
	}
	first := map[string]bool{}
	for _, s := range c.after {
		first[s.Name] = true
		for u := range s.uses() {
			n := c.nodes[u.producer()]
			exists := n != nil && n.before != nil && (there[u.Of] || !u.Strong)
			if u.Strong && breaks[u.Of] || !exists {
				first[s.Name] = false
			}
		}
	}
	for i := range list {
		list[i].ConsumerFirst = first[list[i].Consumer.Stack]
	}
}
