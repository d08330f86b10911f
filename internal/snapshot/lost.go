package snapshot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Loss is a resource that others would miss, and that a deployment would replace or delete.
type Loss struct {
	ID   cfn.ID
	What string // what would happen to it and because of what, with its kind and name
	Do   string // what to do about it, besides allowing it
}

// Losses lists the resources that cfn.Protected names, and those that a template retains, which would not stay: in the
// order of deployment, then those in stacks that the app does not have any more.
func (c *Comparison) Losses() []Loss {
	var out []Loss
	for _, x := range c.changes.Resources {
		if x.Action != cfn.Delete && x.Action != cfn.Replace {
			continue
		}
		if kind := keep(x.Before); kind != "" {
			out = append(out, loss(kind, x))
		}
	}
	for _, s := range c.kept {
		if !slices.Contains(c.changes.Orphans, s.Name) {
			continue
		}
		for _, r := range s.Resources {
			kind := keep(r)
			if kind == "" {
				continue
			}
			id := cfn.ID{Stack: s.Name, LogicalID: r.LogicalID}
			what := fmt.Sprintf("%s %s would be deleted with its stack, which the app does not have any more", kind, id)
			if r.Retained() {
				what = fmt.Sprintf("%s %s would be left behind in the account when its stack is deleted, which the app does not have any more", kind, id)
			}
			out = append(out, Loss{id, what, "put it back"})
		}
	}
	return out
}

// keep says what people call a resource that has to stay; empty for any other.
func keep(r *cfn.Resource) string {
	if noun, ok := cfn.Protected(r.Type); ok {
		return noun
	}
	if r.Retained() {
		return "retained " + r.Type
	}
	return ""
}

func loss(kind string, x *cfn.Change) Loss {
	if x.Action == cfn.Delete {
		what := fmt.Sprintf("%s %s would be deleted", kind, x.ID)
		if x.Retained {
			what = fmt.Sprintf("%s %s would be left behind in the account, outside its stack", kind, x.ID)
		}
		return Loss{x.ID, what, "put it back"}
	}
	causes := make([]string, len(x.Causes))
	for i, cause := range x.Causes {
		causes[i] = fmt.Sprintf("%s %s -> %s", cause.Property, quote(cause.Old), quote(cause.New))
		if cause.Follows != (cfn.ID{}) {
			causes[i] = fmt.Sprintf("%s follows %s", cause.Property, cause.Follows)
		}
	}
	how := "would be replaced"
	if x.Maybe {
		how = "may be replaced, depending on what AWS finds"
	}
	if x.Retained {
		how += " and the old one left behind in the account"
	}
	return Loss{x.ID, fmt.Sprintf("%s %s %s, %s", kind, x.ID, how, strings.Join(causes, " and ")), "take that back"}
}

// quote shows a canonical value: a list or object as it is.
func quote(value string) string {
	switch {
	case value == "":
		return "none"
	case strings.Contains(value, `"`):
		return value
	}
	return strconv.Quote(value)
}
