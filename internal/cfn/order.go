package cfn

import (
	"cmp"
	"strings"
)

// compare orders resources by stack in the order of deployment, orphans last, then by logical id.
func (c *comparison) compare(a, b key) int {
	return cmp.Or(cmp.Compare(c.position(a.stack), c.position(b.stack)), strings.Compare(a.stack, b.stack), strings.Compare(a.id, b.id))
}

// position is the place of a stack in the order of deployment; orphans are never deployed.
func (c *comparison) position(stack string) int {
	if i, ok := c.order[stack]; ok {
		return i
	}
	return len(c.order)
}

func compareCauses(a, b Cause) int {
	return cmp.Or(strings.Compare(a.Property, b.Property), strings.Compare(a.Follows.Stack, b.Follows.Stack),
		strings.Compare(a.Follows.LogicalID, b.Follows.LogicalID))
}
