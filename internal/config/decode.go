package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"

	"github.com/pathproof/pathproof/internal/problem"
)

// decoder fills a struct from nodes. It goes on after a problem, so that one run reports all of them. Its depth is that
// of the types, never that of the file.
type decoder struct {
	problems problem.List
	places   map[string]place // nil: not wanted
	values   int              // decoded so far
	full     bool             // a bound is reached: nothing more is decoded
}

// at is where the decoder is: the key path, the place of the key and the options of the field.
type at struct {
	path      string
	key       problem.Position
	required  bool
	oneOrMany bool
}

func (d *decoder) addf(code problem.Code, pos problem.Position, path, format string, args ...any) {
	if d.full {
		return
	}
	if len(d.problems) >= maxProblems {
		d.full = true
		code, path, format, args = problem.BadYAML, "", "more than %d problems; correct the first ones and run again", []any{maxProblems}
	}
	d.problems = append(d.problems, problem.Problem{
		Code: code, Severity: problem.Error, Path: path, Pos: pos, Message: fmt.Sprintf(format, args...),
	})
}

// value decodes n into v.
func (d *decoder) value(v reflect.Value, n *node, a at) {
	if d.full || n.kind == brokenNode {
		return
	}
	if d.values++; d.values > maxValues {
		d.addf(problem.BadYAML, n.pos, a.path, "too large, got more than %d values with those of aliases; use fewer aliases", maxValues)
		d.full = true
		return
	}
	if d.places != nil {
		d.places[a.path] = place{key: a.key, value: n.pos}
	}
	if n.kind == nullNode {
		remove := ", or remove the key"
		if a.required {
			remove = ""
		}
		d.addf(problem.MissingKey, a.key, a.path, "no value, got nothing; %s%s", advice(v.Type()), remove)
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok && (n.kind.scalar() || !isNested(v.Type())) {
		d.text(u, v.Type(), n, a)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(v, n, a)
	case reflect.Map:
		d.mapping(v, n, a)
	case reflect.Slice:
		d.list(v, n, a)
	default:
		d.scalar(v, n, a)
	}
}

// structure decodes a mapping with fixed keys and fills in the defaults of keys that are absent.
func (d *decoder) structure(v reflect.Value, n *node, a at) {
	if n.kind != mapNode {
		d.addf(problem.BadValue, n.pos, a.path, "not a mapping, got %s; %s", n.got(), advice(v.Type()))
		return
	}
	fields := fieldsOf(v.Type())
	given := make(map[string]problem.Position, len(n.entries))
	for _, e := range n.entries {
		path := join(a.path, segment(e.key))
		if d.twice(given, e, path) {
			continue
		}
		i := fieldIndex(fields, e.key)
		if i < 0 {
			d.unknown(v.Type(), e, path)
			continue
		}
		f := fields[i]
		d.value(v.Field(f.index), e.value, at{path: path, key: e.pos, required: f.required, oneOrMany: f.oneOrMany})
	}
	for _, f := range fields {
		if _, ok := given[f.key]; !ok {
			d.absent(v.Field(f.index), f, a)
		}
	}
}

// absent reports a missing required key, or fills in the default. Defaults are applied nowhere else.
func (d *decoder) absent(v reflect.Value, f field, parent at) {
	switch {
	case f.required:
		d.addf(problem.MissingKey, parent.key, join(parent.path, f.key), "missing; add %s (%s)", f.key, advice(v.Type()))
	case f.hasDef:
		quiet := decoder{} // a default has no place
		quiet.value(v, f.defaultNode(v.Type()), at{})
		for _, p := range quiet.problems {
			d.addf(p.Code, parent.key, join(parent.path, f.key), "bad default: %s", p.Message)
		}
	case isNested(v.Type()):
		for _, sub := range fieldsOf(v.Type()) {
			d.absent(v.Field(sub.index), sub, at{path: join(parent.path, f.key), key: parent.key})
		}
	}
}

// mapping decodes a mapping whose keys are the user's names.
func (d *decoder) mapping(v reflect.Value, n *node, a at) {
	if n.kind != mapNode {
		d.addf(problem.BadValue, n.pos, a.path, "not a mapping, got %s; %s", n.got(), advice(v.Type()))
		return
	}
	if len(n.entries) == 0 && a.required {
		d.addf(problem.MissingKey, n.pos, a.path, "empty; %s", advice(v.Type()))
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.entries)))
	filled := v.Type().Elem().Kind() != reflect.String // an empty tag value is fine
	given := make(map[string]problem.Position, len(n.entries))
	for _, e := range n.entries {
		path := a.path + "[" + segment(e.key) + "]"
		if d.twice(given, e, path) {
			continue
		}
		d.key(v.Type().Key(), e, path)
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(elem, e.value, at{path: path, key: e.pos, required: filled})
		v.SetMapIndex(reflect.ValueOf(e.key).Convert(v.Type().Key()), elem)
	}
}

// list decodes a list, or one element in place of a list of one.
func (d *decoder) list(v reflect.Value, n *node, a at) {
	items := n.items
	switch {
	case n.kind.scalar() && a.oneOrMany:
		items = []*node{n}
	case n.kind != listNode:
		d.addf(problem.BadValue, n.pos, a.path, "not a list, got %s; %s", n.got(), listAdvice(n))
		return
	case len(items) == 0 && a.required:
		d.addf(problem.MissingKey, n.pos, a.path, "empty; %s", advice(v.Type()))
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		d.value(v.Index(i), item, at{path: a.path + "[" + strconv.Itoa(i) + "]", key: item.pos, required: true})
	}
}
