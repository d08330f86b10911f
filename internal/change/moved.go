package change

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/problem"
)

// moved reports resources that would be made anew under another name of CloudFormation's although nothing in the file says
// so: another version of pathproof could do that. What a file does, such as another home of the alerts, is a deletion and a
// creation in two places, in a new stack, or of something that is not the same any more.
func (c *comparison) moved(changes *cfn.Changes, before, now []*cfn.Stack) {
	type pair struct{ from, to string }
	moves := map[pair][]cfn.Move{}
	var pairs []pair
	for _, m := range changes.Moves {
		if !c.unexplained(m, before, now) {
			continue
		}
		p := pair{m.From.Stack, m.To.Stack}
		if moves[p] == nil {
			pairs = append(pairs, p)
		}
		moves[p] = append(moves[p], m)
	}
	for _, p := range pairs {
		m := moves[p][0]
		more := ""
		if n := len(moves[p]) - 1; n > 0 {
			more = fmt.Sprintf(", and %d more of these stacks likewise", n)
		}
		c.addf(problem.ResourceMoved, keyPath(c.name(m.To)), "%s would be made anew as %s and deleted as %s%s; deploy with the version of pathproof that made it", c.name(m.To), m.To, m.From, more)
	}
}

// unexplained reports whether both ends of a move are one thing in one place, in stacks that are there before and after.
func (c *comparison) unexplained(m cfn.Move, before, now []*cfn.Stack) bool {
	from, to := find(before, m.From.Stack), find(now, m.To.Stack)
	if c.names[m.From] == "" || c.names[m.From] != c.names[m.To] || find(now, from.Name) == nil || find(before, to.Name) == nil ||
		from.Region != to.Region || from.Account != to.Account {
		return false
	}
	old, created := resource(from, m.From), resource(to, m.To)
	return old.Type == created.Type && maps.Equal(c.properties(old), c.properties(created))
}

func resource(s *cfn.Stack, id cfn.ID) *cfn.Resource {
	return s.Resources[slices.IndexFunc(s.Resources, func(r *cfn.Resource) bool { return r.LogicalID == id.LogicalID })]
}

// properties are those of a resource with what people call things in place of references.
func (c *comparison) properties(r *cfn.Resource) map[string]string {
	out := maps.Clone(r.Properties)
	for name, value := range out {
		out[name] = cfn.Rewrite(value, func(id cfn.ID, attribute string) string { return "{" + c.name(id) + " " + attribute + "}" })
	}
	return out
}
