package config

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/schematest"
)

// comments returns the comments of the types that files are read into.
func comments(t *testing.T) map[string]string {
	t.Helper()
	return schematest.Comments(t, "types.go", "ways.go", "zonal.go", "probe.go", "affinity.go")
}

// scalarsOf adds the labelled scalar types in t to used.
func scalarsOf(t reflect.Type, used map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		scalarsOf(t.Elem(), used)
	case reflect.Map:
		scalarsOf(t.Key(), used)
		scalarsOf(t.Elem(), used)
	default:
		if labels[t] != "" && t.PkgPath() == reflect.TypeFor[File]().PkgPath() {
			used[t] = true
		}
	}
}

func sortedByLabel(used map[reflect.Type]bool) []reflect.Type {
	return slices.SortedFunc(maps.Keys(used), func(a, b reflect.Type) int {
		return cmp.Compare(strings.ToLower(labels[a]), strings.ToLower(labels[b]))
	})
}
