package topology

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// valid reports everything in a plan that was read on which a comparison relies and that Encode never leaves out.
func (p *Plan) valid() error {
	v := &validation{}
	v.nulls("", reflect.ValueOf(p).Elem())
	if len(v.errs) > 0 {
		return errors.Join(v.errs...) // what follows looks inside
	}
	v.required("", "name", p.Name)
	for i, r := range p.Regions {
		v.required(fmt.Sprintf("regions[%d]", i), "region", r.Region)
	}
	for i, n := range p.Networks {
		at := fmt.Sprintf("networks[%d]", i)
		v.required(at, "key", n.Key)
		v.required(at, "place.region", n.Place.Region)
		v.count(at, "blocks", len(n.Blocks), 1, len(n.Blocks))
	}
	for i, s := range p.Sites {
		for j, c := range s.Connections {
			v.count(fmt.Sprintf("sites[%d].vpnConnections[%d]", i, j), "inside", len(c.Inside), 2, 2)
		}
	}
	v.stacks(p)
	return errors.Join(v.errs...)
}

type validation struct{ errs []error }

func (v *validation) addf(where, format string, args ...any) {
	if where == "" {
		where = "the plan"
	}
	v.errs = append(v.errs, fmt.Errorf("%s: "+format, append([]any{where}, args...)...))
}

func (v *validation) required(where, field, value string) {
	if value == "" {
		v.addf(where, "nothing stands for %s", field)
	}
}

func (v *validation) count(where, field string, n, least, most int) {
	if n < least || n > most {
		v.addf(where, "the wrong number of %s, got %d", field, n)
	}
}

// stacks have names of their own, and their resources logical ids.
func (v *validation) stacks(p *Plan) {
	names, resources := map[string]bool{}, 0
	for i, s := range p.Stacks {
		at := fmt.Sprintf("stacks[%d]", i)
		v.required(at, "name", s.Name)
		v.required(at, "place.region", s.Place.Region)
		if names[s.Name] {
			v.addf(at, "a second stack of one name, got %q", s.Name)
		}
		names[s.Name] = true
		ids := map[string]bool{}
		for j, r := range s.Resources {
			in := fmt.Sprintf("%s.resources[%d]", at, j)
			v.required(in, "logicalId", r.LogicalID)
			v.required(in, "type", r.Type)
			if ids[r.LogicalID] {
				v.addf(in, "a second resource of one logical id, got %q", r.LogicalID)
			}
			ids[r.LogicalID] = true
		}
		resources += len(ids)
	}
	if len(p.Stacks)+len(p.Networks) > 0 && resources == 0 {
		v.addf("stacks", "no stack has resources, so nothing can be compared")
	}
}

// nulls reports every null in a list: it stands for nothing that a plan has.
func (v *validation) nulls(where string, x reflect.Value) {
	switch x.Kind() {
	case reflect.Pointer:
		if !x.IsNil() {
			v.nulls(where, x.Elem())
		}
	case reflect.Slice:
		for i := range x.Len() {
			at := fmt.Sprintf("%s[%d]", where, i)
			if e := x.Index(i); e.Kind() == reflect.Pointer && e.IsNil() {
				v.addf(at, "got null")
			} else {
				v.nulls(at, e)
			}
		}
	case reflect.Struct:
		for i := range x.NumField() {
			f := x.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.IsExported() && name != "-" {
				v.nulls(strings.TrimPrefix(where+"."+name, "."), x.Field(i))
			}
		}
	default: // a leaf
	}
}
