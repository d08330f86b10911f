package config

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// field is what the tags of a struct field say about its key.
type field struct {
	key       string
	index     int
	required  bool
	def       string // the default as text; list elements are separated by commas
	hasDef    bool
	oneOrMany bool // one element may stand without its list
}

var fieldCache sync.Map // reflect.Type to []field

// fieldsOf returns the keys of a struct type in the order of its fields.
func fieldsOf(t reflect.Type) []field {
	if f, ok := fieldCache.Load(t); ok {
		return f.([]field)
	}
	var out []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		key, ok := tag.Lookup("yaml")
		if !ok {
			continue
		}
		f := field{key: key, index: i, required: tag.Get("required") == "true", oneOrMany: tag.Get("list") == "one-or-many"}
		f.def, f.hasDef = tag.Lookup("default")
		out = append(out, f)
	}
	fieldCache.Store(t, out)
	return out
}

// keysOf returns the keys of a struct type, sorted.
func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range fieldsOf(t) {
		keys = append(keys, f.key)
	}
	slices.Sort(keys)
	return keys
}

// isNested reports whether a field of this type is a struct of keys that stands in its parent, such as Connect.Tunnel.
func isNested(t reflect.Type) bool { return t.Kind() == reflect.Struct && len(fieldsOf(t)) > 0 }

// defaultNode returns the field's default as if it stood in the file.
func (f field) defaultNode(t reflect.Type) *node {
	if t.Kind() != reflect.Slice {
		return defaultScalar(f.def, t)
	}
	out := &node{kind: listNode}
	for part := range strings.SplitSeq(f.def, ",") {
		out.items = append(out.items, defaultScalar(part, t.Elem()))
	}
	return out
}

func defaultScalar(s string, t reflect.Type) *node {
	switch t.Kind() {
	case reflect.Bool:
		return &node{kind: boolNode, text: s}
	case reflect.Int, reflect.Float64:
		return &node{kind: numberNode, text: s}
	}
	return &node{kind: textNode, text: s}
}
