package change

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Elsewhere is a stack that is there before and has the name of another one: CloudFormation knows a stack by its account,
// Region and name. Reports call it by a name of its own.
type Elsewhere struct {
	Name    string `json:"name"`  // in the report
	Stack   string `json:"stack"` // to CloudFormation
	Region  string `json:"region"`
	Account string `json:"account,omitempty"` // empty: not known, or the credentials' own
}

func (e Elsewhere) String() string {
	if e.Account == "" {
		return fmt.Sprintf("%s (of %s)", e.Stack, e.Region)
	}
	return fmt.Sprintf("%s (of %s, account %s)", e.Stack, e.Region, e.Account)
}

// SetApart gives stacks names of their own: those that which picks. It returns all of them, with the references among them
// rewritten, and what the new names stand for.
func SetApart(stacks []*cfn.Stack, which func(*cfn.Stack) bool) ([]*cfn.Stack, []Elsewhere) {
	names := map[string]string{}
	var apart []Elsewhere
	for _, s := range stacks {
		if which(s) {
			words := []string{s.Name, "of"}
			for _, w := range []string{s.Account, s.Region} {
				if w != "" {
					words = append(words, w)
				}
			}
			names[s.Name] = strings.Join(words, "-")
			apart = append(apart, Elsewhere{names[s.Name], s.Name, s.Region, s.Account})
		}
	}
	if len(apart) == 0 {
		return stacks, nil
	}
	return cfn.Rename(stacks, names), apart
}

// elsewhere reports whether two stacks of one name are two stacks. What is not known is taken to be the same.
func elsewhere(before, after *cfn.Stack) bool {
	other := func(x, y string) bool { return x != "" && y != "" && x != y }
	return before.Name == after.Name && (other(before.Region, after.Region) || other(before.Account, after.Account))
}

// apart sets stacks apart from those of the plan that have their names: the ones that the state before brings with it, and
// those that the plan has in another Region or account. protected follows the names.
func (c *comparison) apart(before, now []*cfn.Stack, protected map[string]bool) ([]*cfn.Stack, map[string]bool) {
	stacks, more := SetApart(before, func(s *cfn.Stack) bool {
		planned := find(now, s.Name)
		return planned != nil && elsewhere(s, planned)
	})
	all := map[string]bool{}
	for _, s := range before {
		all[s.Name] = protected[s.Name]
	}
	for _, e := range more {
		all[e.Name] = protected[e.Stack]
		delete(all, e.Stack)
	}
	c.report.Elsewhere = append(c.report.Elsewhere, more...)
	slices.SortFunc(c.report.Elsewhere, func(x, y Elsewhere) int { return cmp.Compare(x.Name, y.Name) })
	return stacks, all
}

// plain calls stacks that were set apart what people know them by.
func (r *Report) plain() {
	var pairs []string
	for _, e := range slices.Backward(r.Elsewhere) { // a name may begin another one
		pairs = append(pairs, e.Name, e.String())
	}
	replace := strings.NewReplacer(pairs...).Replace
	for i := range r.Problems {
		r.Problems[i].Message = replace(r.Problems[i].Message)
	}
	for _, s := range r.Steps {
		for i := range s.Why {
			s.Why[i] = replace(s.Why[i])
		}
	}
}

// elsewhere is the stack that a name of a report stands for.
func (r *Report) elsewhere(name string) Elsewhere {
	if i := slices.IndexFunc(r.Elsewhere, func(e Elsewhere) bool { return e.Name == name }); i >= 0 {
		return r.Elsewhere[i]
	}
	return Elsewhere{name, name, r.regions[name], r.accounts[name]}
}
