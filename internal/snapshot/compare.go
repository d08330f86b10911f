package snapshot

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Comparison is a set of snapshots beside what the app synthesizes now.
type Comparison struct {
	assembly *Assembly
	old      Set
	changes  *cfn.Changes
	byID     map[cfn.ID]*cfn.Change
	kept     []*cfn.Stack // the stacks of the snapshots
}

// Compare compares snapshots with an assembly. The stacks of each are read together, so that what passes between them is
// followed.
func Compare(old Set, now *Assembly) (*Comparison, error) {
	c := &Comparison{assembly: now, old: old, byID: map[cfn.ID]*cfn.Change{}}
	var err error
	if c.kept, err = old.stacks(now); err != nil {
		return nil, fmt.Errorf("snapshots: %w", err)
	}
	after, err := now.Templates.stacks(now)
	if err != nil {
		return nil, fmt.Errorf("the app's templates: %w", err)
	}
	c.changes = cfn.Compare(c.kept, after)
	for _, x := range c.changes.Resources {
		c.byID[x.ID] = x
	}
	return c, nil
}

// Equal reports whether a stack is as its snapshot says.
func (c *Comparison) Equal(label string) bool {
	return bytes.Equal(c.old[label].Text, c.assembly.Templates[label].Text)
}

// Report tells how a stack differs from its snapshot: for each resource what differs, and whether CloudFormation would
// replace it because of that. Both have to be there.
func (c *Comparison) Report(label string) string {
	r := &report{comparison: c, stack: c.assembly.Name(label)}
	old, now := c.old[label].tree, c.assembly.Templates[label].tree
	before, _ := old["Resources"].(map[string]any)
	after, _ := now["Resources"].(map[string]any)
	for _, id := range keys(before, after) {
		r.resource(id, before[id], after[id])
	}
	if len(r.followers) > 0 {
		r.linef("  replaced along with what they refer to: %s", strings.Join(r.followers, ", "))
	}
	for _, section := range keys(old, now) {
		if section != "Resources" {
			r.section(section, old[section], now[section])
		}
	}
	return strings.TrimSuffix(r.out.String(), "\n")
}

// report writes the differences of one stack.
type report struct {
	comparison *Comparison
	stack      string
	out        strings.Builder
	followers  []string // resources that are replaced although nothing in their text differs
}

func (r *report) linef(format string, args ...any) { fmt.Fprintf(&r.out, format+"\n", args...) }

func (r *report) resource(id string, old, now any) {
	change := r.comparison.byID[cfn.ID{Stack: r.stack, LogicalID: id}]
	switch {
	case old == nil:
		r.linef("  + %s %s", typeOf(now), id)
		return
	case now == nil:
		verdict := ""
		if change != nil && change.Retained {
			verdict = ": would be left behind in the account"
		}
		r.linef("  - %s %s%s", typeOf(old), id, verdict)
		return
	}
	lines := differences("", flat(old), flat(now))
	if len(lines) == 0 {
		if change != nil {
			r.followers = append(r.followers, id)
		}
		return
	}
	r.linef("  ~ %s %s%s", typeOf(old), id, verdict(change))
	for _, l := range lines {
		r.linef("      %s", l)
	}
}

// section writes what differs outside the resources. Of a section that is new or gone each entry is shown by itself.
func (r *report) section(name string, old, now any) {
	before, object1 := old.(map[string]any)
	after, object2 := now.(map[string]any)
	var lines []string
	switch {
	case (object1 || old == nil) && (object2 || now == nil):
		lines = mapDifferences(name, before, after)
	case old == nil:
		lines = mapDifferences("", nil, map[string]any{name: now})
	case now == nil:
		lines = mapDifferences("", map[string]any{name: old}, nil)
	default:
		lines = differences(name, old, now)
	}
	for _, l := range lines {
		r.linef("  ~ %s", l)
	}
}

// flat puts a resource's properties beside its other attributes, as CloudFormation's documentation names both.
func flat(resource any) map[string]any {
	out := map[string]any{}
	whole, _ := resource.(map[string]any)
	for k, v := range whole {
		if k != "Properties" {
			out[k] = v
		}
	}
	properties, _ := whole["Properties"].(map[string]any)
	for k, v := range properties {
		if _, taken := out[k]; taken {
			k = "Properties." + k
		}
		out[k] = v
	}
	return out
}

func typeOf(resource any) string {
	whole, _ := resource.(map[string]any)
	t, _ := whole["Type"].(string)
	return t
}

// verdict says what CloudFormation does to a resource besides updating it.
func verdict(c *cfn.Change) string {
	switch {
	case c == nil:
		return ""
	case c.Action == cfn.Refuse && len(c.Causes) == 0:
		return ": CloudFormation would refuse another type under the same logical id"
	case c.Action == cfn.Refuse:
		return fmt.Sprintf(": CloudFormation would refuse to change %s", properties(c))
	case c.Maybe:
		return fmt.Sprintf(": may be replaced, %s can change in place only under conditions", properties(c))
	}
	return fmt.Sprintf(": would be replaced, %s cannot change in place", properties(c))
}

// properties names the properties that decide, each with the resource whose replacement changes it.
func properties(c *cfn.Change) string {
	var out []string
	for _, cause := range c.Causes {
		name := cause.Property
		if cause.Follows != (cfn.ID{}) {
			name += " (of " + cause.Follows.LogicalID + ")"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, " and ")
}
