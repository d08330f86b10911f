package cfn

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Source is a template and the stack it is for.
type Source struct {
	Name     string // of the stack; empty: the key of the map
	Region   string // for example ap-northeast-2; empty when it is not known
	Account  string // twelve digits; empty when it is not known
	Template []byte // JSON
}

// Read reads templates that belong together; the key of the map names a template in errors. Producers come before the
// stacks that read from them, otherwise stacks are in the order of their names. The error tells everything that is wrong
// with any template; then there are no stacks.
func Read(templates map[string]Source) ([]*Stack, error) {
	r := &reader{stacks: map[string]*rawStack{}, exports: map[string][]*rawOutput{}}
	var errs []error
	for _, label := range slices.Sorted(maps.Keys(templates)) {
		if err := r.load(label, templates[label]); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var stacks []*Stack
	for _, name := range slices.Sorted(maps.Keys(r.stacks)) {
		r.indexExports(r.stacks[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.stacks)) {
		stacks = append(stacks, r.read(r.stacks[name]))
	}
	return producersFirst(stacks), nil
}

// rawStack is a decoded template.
type rawStack struct {
	Source
	body struct {
		Resources map[string]*rawResource
		Outputs   map[string]*rawOutput
	}
}

type rawResource struct {
	Type                string
	DeletionPolicy      any
	UpdateReplacePolicy any
	whole               any
}

func (r *rawResource) UnmarshalJSON(b []byte) error {
	type plain rawResource // without this method
	if err := json.Unmarshal(b, (*plain)(r)); err != nil {
		return err
	}
	return decode(b, &r.whole)
}

type rawOutput struct {
	Value  any
	Export struct{ Name any }

	stack *rawStack
	// value and uses are made once somebody asks; busy is set meanwhile, because templates may refer to each other.
	value      string
	uses       []Use
	done, busy bool
}

func (o *rawOutput) UnmarshalJSON(b []byte) error {
	type plain rawOutput // without this method
	return decode(b, (*plain)(o))
}

// decode keeps numbers as they are written.
func decode(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more text after the end of the JSON value")
	}
	return nil
}

// reader holds the templates that are read together.
type reader struct {
	stacks  map[string]*rawStack
	exports map[string][]*rawOutput // by name
}

func (r *reader) load(label string, s Source) error {
	raw := &rawStack{Source: s}
	raw.Name = cmp.Or(s.Name, label)
	if err := decode(s.Template, &raw.body); err != nil {
		return fmt.Errorf("%s: not a CloudFormation template in JSON: %w; synthesize it again", label, err)
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(raw.body.Resources)) {
		if res := raw.body.Resources[id]; res == nil || res.Type == "" {
			errs = append(errs, fmt.Errorf("%s: resource %s has no type; synthesize the template again", label, id))
		}
	}
	maps.DeleteFunc(raw.body.Outputs, func(_ string, o *rawOutput) bool { return o == nil })
	if r.stacks[raw.Name] != nil {
		errs = append(errs, fmt.Errorf("%s: a second template for stack %s; give each stack one template", label, raw.Name))
	}
	r.stacks[raw.Name] = raw
	return errors.Join(errs...)
}

func (r *reader) indexExports(s *rawStack) {
	for _, name := range slices.Sorted(maps.Keys(s.body.Outputs)) {
		o := s.body.Outputs[name]
		o.stack = s
		if o.Export.Name != nil {
			e := r.evaluator(s)
			export := e.name(o.Export.Name)
			r.exports[export] = append(r.exports[export], o)
		}
	}
}

func (r *reader) read(s *rawStack) *Stack {
	out := &Stack{Name: s.Name, Region: s.Region, Account: s.Account}
	for _, id := range slices.Sorted(maps.Keys(s.body.Resources)) {
		out.Resources = append(out.Resources, r.resource(s, id))
	}
	for _, name := range slices.Sorted(maps.Keys(s.body.Outputs)) {
		o := s.body.Outputs[name]
		export := ""
		if o.Export.Name != nil {
			export = r.evaluator(s).name(o.Export.Name)
		}
		value := r.output(o)
		out.Outputs = append(out.Outputs, &Output{Name: name, Export: export, Value: value, Uses: o.uses})
	}
	return out
}

func (r *reader) resource(s *rawStack, id string) *Resource {
	raw := s.body.Resources[id]
	e := r.evaluator(s)
	whole, _ := e.eval(raw.whole).(map[string]any)
	res := &Resource{LogicalID: id, Type: raw.Type, Properties: map[string]string{}, Uses: e.sortedUses()}
	res.DeletionPolicy, _ = whole["DeletionPolicy"].(string)
	res.UpdateReplacePolicy, _ = whole["UpdateReplacePolicy"].(string)
	for _, name := range of(raw.Type).Watched {
		if v := lookUp(whole["Properties"], name); v != nil {
			res.Properties[name] = Canonical(v)
		}
	}
	return res
}

// producersFirst sorts stacks so that what others read from comes before them, and by name otherwise. Stacks that read
// from each other keep the order of their names.
func producersFirst(stacks []*Stack) []*Stack {
	waits := map[string]map[string]bool{}
	names := map[string]bool{}
	for _, s := range stacks {
		names[s.Name] = true
	}
	for _, s := range stacks {
		waits[s.Name] = map[string]bool{}
		for u := range s.uses() {
			if producer := u.producer().stack; names[producer] && producer != s.Name {
				waits[s.Name][producer] = true
			}
		}
	}
	var sorted []*Stack
	for len(stacks) > 0 {
		next := max(0, slices.IndexFunc(stacks, func(s *Stack) bool { return len(waits[s.Name]) == 0 }))
		done := stacks[next]
		sorted = append(sorted, done)
		stacks = slices.Delete(slices.Clone(stacks), next, next+1)
		for _, w := range waits {
			delete(w, done.Name)
		}
	}
	return sorted
}
