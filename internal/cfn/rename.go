package cfn

import (
	"maps"
	"slices"
	"strings"
)

// Rename returns stacks under other names, with every reference among them rewritten. names has the new name of each stack
// that gets one. The stacks that are given are not changed.
func Rename(stacks []*Stack, names map[string]string) []*Stack {
	out := make([]*Stack, len(stacks))
	for i, s := range stacks {
		renamed := *s
		if name := names[s.Name]; name != "" {
			renamed.Name = name
		}
		renamed.Resources = make([]*Resource, len(s.Resources))
		for j, r := range s.Resources {
			x := *r
			x.Properties, x.Uses = maps.Clone(r.Properties), renameUses(r.Uses, names)
			for property, value := range x.Properties {
				x.Properties[property] = renameValue(value, names)
			}
			renamed.Resources[j] = &x
		}
		renamed.Outputs = make([]*Output, len(s.Outputs))
		for j, o := range s.Outputs {
			x := *o
			x.Value, x.Uses = renameValue(o.Value, names), renameUses(o.Uses, names)
			renamed.Outputs[j] = &x
		}
		out[i] = &renamed
	}
	return out
}

func renameUses(uses []Use, names map[string]string) []Use {
	out := slices.Clone(uses)
	for i, u := range out {
		if stack, rest, ok := strings.Cut(u.Of, "/"); ok && names[stack] != "" {
			out[i].Of = names[stack] + "/" + rest
		}
	}
	slices.SortFunc(out, func(x, y Use) int { return strings.Compare(x.Of, y.Of) })
	return out
}

// renameValue rewrites the references in a canonical value.
func renameValue(value string, names map[string]string) string {
	return Rewrite(value, func(id ID, attribute string) string {
		if names[id.Stack] == "" {
			return ""
		}
		if attribute == "" {
			return Ref(names[id.Stack], id.LogicalID)
		}
		return GetAtt(names[id.Stack], id.LogicalID, attribute)
	})
}

// Rewrite rewrites the references in a canonical value: to what with returns, or not at all if that is empty. The attribute
// of a reference to the resource itself is empty.
func Rewrite(value string, with func(id ID, attribute string) string) string {
	var out strings.Builder
	eachReference(value, func(before string, r reference) {
		out.WriteString(before)
		if r == (reference{}) {
			return
		}
		text := with(r.resource().ID(), r.attribute)
		if text == "" {
			text = "{" + r.name() + "}"
		}
		out.WriteString(text)
	})
	return out.String()
}
