package cdktest

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// Template is the part of a CloudFormation template that tests read.
type Template struct {
	Resources map[string]Resource
	Outputs   map[string]any
	// Text is the template as it was written.
	Text []byte `json:"-"`
}

// Resource is one resource of a template.
type Resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           any
	DeletionPolicy      string
	UpdateReplacePolicy string
	Metadata            map[string]any
}

// ReadTemplate reads a template file.
func ReadTemplate(t testing.TB, file string) *Template {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tpl := &Template{Text: text}
	if err := json.Unmarshal(text, tpl); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return tpl
}

// ByType returns the logical ids of a type's resources, sorted.
func (t *Template) ByType(typ string) []string {
	var ids []string
	for id, r := range t.Resources {
		if r.Type == typ {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Types returns the resource types in use, sorted.
func (t *Template) Types() []string {
	types := map[string]bool{}
	for _, r := range t.Resources {
		types[r.Type] = true
	}
	return slices.Sorted(maps.Keys(types))
}

// Find returns the logical ids of a type's resources that have these properties, sorted. See Match for the rules.
func (t *Template) Find(typ string, properties map[string]any) []string {
	return slices.DeleteFunc(t.ByType(typ), func(id string) bool {
		return len(Match(properties, t.Resources[id].Properties)) > 0
	})
}

// Has fails the test unless exactly one resource of a type has these properties, and returns its logical id. The failure
// shows what differs in the resource that comes closest.
func (t *Template) Has(tb testing.TB, typ string, properties map[string]any) string {
	tb.Helper()
	switch found := t.Find(typ, properties); len(found) {
	case 1:
		return found[0]
	case 0:
		tb.Errorf("no %s with these properties; %s", typ, t.closest(typ, properties))
	default:
		tb.Errorf("%d resources of %s with these properties, want 1: %v", len(found), typ, found)
	}
	return ""
}

func (t *Template) closest(typ string, properties map[string]any) string {
	best, differences := "", []string(nil)
	for _, id := range t.ByType(typ) {
		if d := Match(properties, t.Resources[id].Properties); best == "" || len(d) < len(differences) {
			best, differences = id, d
		}
	}
	if best == "" {
		return "there is none of this type at all"
	}
	return "the closest is " + best + ":\n  " + strings.Join(differences, "\n  ")
}

// Resource fails the test unless a resource has this logical id and type, and returns it.
func (t *Template) Resource(tb testing.TB, id, typ string) Resource {
	tb.Helper()
	r, ok := t.Resources[id]
	switch {
	case !ok:
		tb.Errorf("no resource %s; of type %s there are %v", id, typ, t.ByType(typ))
	case r.Type != typ:
		tb.Errorf("resource %s is a %s, want %s", id, r.Type, typ)
	}
	return r
}

// Count fails the test unless the template has n resources of a type.
func (t *Template) Count(tb testing.TB, typ string, n int) {
	tb.Helper()
	if ids := t.ByType(typ); len(ids) != n {
		tb.Errorf("%d resources of %s, want %d: %v", len(ids), typ, n, ids)
	}
}

// DependsOnAll fails the test unless a resource depends explicitly on all of these.
func (t *Template) DependsOnAll(tb testing.TB, id string, on ...string) {
	tb.Helper()
	for _, want := range on {
		if !slices.Contains(t.DependsOn(id), want) {
			tb.Errorf("%s depends on %v, want %s too", id, t.DependsOn(id), want)
		}
	}
}

// DependsOn returns what a resource depends on explicitly.
func (t *Template) DependsOn(id string) []string {
	switch d := t.Resources[id].DependsOn.(type) {
	case string:
		return []string{d}
	case []any:
		out := make([]string, len(d))
		for i, x := range d {
			out[i], _ = x.(string)
		}
		return out
	}
	return nil
}

// Ref is the CloudFormation expression {"Ref": id}.
func Ref(id string) map[string]any { return map[string]any{"Ref": id} }

// GetAtt is the CloudFormation expression {"Fn::GetAtt": [id, attribute]}.
func GetAtt(id, attribute string) map[string]any {
	return map[string]any{"Fn::GetAtt": []any{id, attribute}}
}
