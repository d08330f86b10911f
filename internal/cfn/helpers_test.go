package cfn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// in is a stack in one Region and account.
func in(name string, resources ...*Resource) *Stack { return &Stack{Name: name, Resources: resources} }

// res is a resource with properties in pairs. A value that starts with @ is a reference: @S/Vpc, and @@ uses an export.
func res(id, typ string, pairs ...string) *Resource {
	r := &Resource{LogicalID: id, Type: "AWS::EC2::" + typ, Properties: map[string]string{}}
	if strings.Contains(typ, "::") {
		r.Type = typ
	}
	for i := 0; i < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		if of, ok := strings.CutPrefix(value, "@@"); ok {
			value = "{" + of + "}"
			r.Uses = append(r.Uses, Use{of, true})
		} else if of, ok := strings.CutPrefix(value, "@"); ok {
			value = "{" + of + "}"
		}
		switch name {
		case "DeletionPolicy":
			r.DeletionPolicy = value
		case "UpdateReplacePolicy":
			r.UpdateReplacePolicy = value
		case "label":
			r.Name = value
		default:
			r.Properties[name] = value
		}
	}
	return r
}

func stacks(s ...*Stack) []*Stack { return s }

// render writes changes one a line.
func render(c *Changes) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, ch := range c.Resources {
		add("%s %s%s%s", ch.Action, ch.ID, flag(ch.Maybe, " maybe"), flag(ch.Retained, " retained"))
		for _, cause := range ch.Causes {
			if cause.Follows != (ID{}) {
				add("  %s follows %s%s", cause.Property, cause.Follows, flag(cause.Maybe, " maybe"))
			} else {
				add("  %s %s -> %s%s", cause.Property, cause.Old, cause.New, flag(cause.Maybe, " maybe"))
			}
		}
	}
	for _, m := range c.Moves {
		add("move %s to %s by %s", m.From, m.To, m.By)
	}
	for _, x := range c.Collisions {
		add("collision %s: %s holds, %s wants%s%s%s", x.Slot, x.Old, x.New, flag(x.Maybe, " maybe"), flag(x.Lost, " lost"), flag(x.Stays, " stays"))
	}
	for _, b := range c.Broken {
		add("broken %s of %s in %s: %s%s%s", b.Of, b.Producer, b.Consumer, b.Reason, flag(b.Maybe, " maybe"), flag(b.ConsumerFirst, " consumer first"))
	}
	for _, o := range c.Orphans {
		add("orphan %s", o)
	}
	return lines
}

func flag(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

// comparison test: what becomes of before.
type compareCase struct {
	name          string
	before, after []*Stack
	want          string
}

func runCompare(t *testing.T, cases []compareCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(render(Compare(c.before, c.after)), "\n")
			want := strings.TrimSpace(strings.ReplaceAll(c.want, "\t", ""))
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
