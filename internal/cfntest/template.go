package cfntest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// template is what a stack is, or is to become.
type template struct {
	stack *cfn.Stack // the canonical view; resources sorted by logical id
	text  []byte     // empty for a planned stack
	raw   rawTemplate
	// follows says which resources of the stack a resource comes after.
	follows map[string][]string
}

type rawTemplate struct {
	Resources map[string]map[string]any
	Outputs   map[string]struct{ Value any }
	// Parameters have their defaults: the CDK CLI passes none for those of the bootstrap.
	Parameters map[string]struct{ Default any }
}

// planned is the template of a planned stack, which only has what decides about replacements.
func planned(s *cfn.Stack) *template {
	t := &template{stack: s, follows: map[string][]string{}}
	for _, r := range s.Resources {
		for _, value := range r.Properties {
			for _, ref := range refs(value) {
				if ref.stack == s.Name {
					t.follows[r.LogicalID] = append(t.follows[r.LogicalID], ref.id)
				}
			}
		}
	}
	return t
}

// parse reads the template of a stack beside the templates that are deployed. The lock is held.
func (e *Engine) parse(at place, text []byte) (*template, error) {
	sources := map[string]cfn.Source{}
	for _, s := range e.sorted() {
		if s.template != nil && s.name != at.name {
			sources[s.name] = cfn.Source{Region: s.region, Account: s.account, Template: s.template.text}
		}
	}
	sources[at.name] = cfn.Source{Region: at.region, Account: at.account, Template: text}
	stacks, err := cfn.Read(sources)
	if err != nil {
		return nil, err
	}
	t := &template{text: text, follows: map[string][]string{}}
	t.stack = stacks[slices.IndexFunc(stacks, func(s *cfn.Stack) bool { return s.Name == at.name })]
	if err := json.Unmarshal(text, &t.raw); err != nil {
		return nil, err
	}
	for id, r := range t.raw.Resources {
		t.follows[id] = t.mentions(r)
	}
	return t, nil
}

// mentions lists the resources of the template that a value refers to, and those of a DependsOn.
func (t *template) mentions(v any) []string {
	found := map[string]bool{}
	note := func(id any) {
		if s, ok := id.(string); ok && t.raw.Resources[s] != nil {
			found[s] = true
		}
	}
	walk(v, func(name string, argument any) {
		switch name {
		case "Ref", "DependsOn":
			note(argument)
			for _, id := range list(argument) {
				note(id)
			}
		case "Fn::GetAtt":
			if l := list(argument); len(l) > 0 {
				note(l[0])
			} else if s, ok := argument.(string); ok {
				id, _, _ := strings.Cut(s, ".")
				note(id)
			}
		case "Fn::Sub":
			for _, part := range strings.Split(fmt.Sprint(argument), "${")[1:] {
				id, _, _ := strings.Cut(part, "}")
				id, _, _ = strings.Cut(id, ".")
				note(id)
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// walk calls f for every member of every object in a value.
func walk(v any, f func(name string, argument any)) {
	switch v := v.(type) {
	case map[string]any:
		for name, argument := range v {
			f(name, argument)
			walk(argument, f)
		}
	case []any:
		for _, element := range v {
			walk(element, f)
		}
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// order lists the resources so that each comes after those that it refers to.
func (t *template) order() []*cfn.Resource {
	byID := map[string]*cfn.Resource{}
	for _, r := range t.stack.Resources {
		byID[r.LogicalID] = r
	}
	var out []*cfn.Resource
	done := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if done[id] || byID[id] == nil {
			return
		}
		done[id] = true
		for _, other := range t.follows[id] {
			visit(other)
		}
		out = append(out, byID[id])
	}
	for _, r := range t.stack.Resources {
		visit(r.LogicalID)
	}
	return out
}

// imports lists the names of exports that the stack takes in. The lock is held. A name that nobody exports is an error.
func (e *Engine) imports(at place, t *template) ([]string, error) {
	exported, names := e.exports(at), map[string]bool{}
	if t.text == nil {
		for _, r := range t.stack.Resources {
			for _, u := range r.Uses {
				if !u.Strong {
					continue
				}
				name := exported.of[u.Of]
				if name == "" {
					return nil, answerf("No export named %s found.", u.Of)
				}
				names[name] = true
			}
		}
		return slices.Sorted(maps.Keys(names)), nil
	}
	var err error
	walk(map[string]any{"Resources": anyOf(t.raw.Resources), "Outputs": outputsOf(t)}, func(name string, argument any) {
		if export, ok := argument.(string); ok && name == "Fn::ImportValue" {
			if _, there := exported.value[export]; !there {
				err = answerf("No export named %s found.", export)
			}
			names[export] = true
		}
	})
	return slices.Sorted(maps.Keys(names)), err
}

func anyOf(resources map[string]map[string]any) any {
	out := map[string]any{}
	for id, r := range resources {
		out[id] = r
	}
	return out
}

func outputsOf(t *template) any {
	out := map[string]any{}
	for name, o := range t.raw.Outputs {
		out[name] = o.Value
	}
	return out
}

// exportTable is what stacks of an account and Region export, by name, and the names by what is exported.
type exportTable struct {
	value map[string]string
	owner map[string]*stack
	of    map[string]string // STACK/ID.ATTRIBUTE, of planned stacks
}

// exports lists what stacks beside the given one export. The lock is held.
func (e *Engine) exports(at place) exportTable {
	x := exportTable{map[string]string{}, map[string]*stack{}, map[string]string{}}
	for p, s := range e.stacks {
		if p.account != at.account || p.region != at.region || p == at {
			continue
		}
		for _, o := range s.outputs {
			if o.export != "" {
				x.value[o.export], x.owner[o.export] = o.value, s
			}
		}
		if s.template != nil {
			for _, o := range s.template.stack.Outputs {
				x.of[strings.Trim(o.Value, "{}")] = o.Export
			}
		}
	}
	return x
}
