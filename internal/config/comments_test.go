package config

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// comments returns the doc comments of the files' structs by "Type" and "Type.Field", each as one line.
func comments(t *testing.T) map[string]string {
	t.Helper()
	var decls []ast.Decl
	for _, name := range []string{"types.go", "probe.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	out := map[string]string{}
	for _, decl := range decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, spec := range gen.Specs {
			ts := spec.(*ast.TypeSpec)
			doc := ts.Doc
			if doc == nil {
				doc = gen.Doc
			}
			out[ts.Name.Name] = oneLine(doc.Text())
			if st, ok := ts.Type.(*ast.StructType); ok {
				for _, f := range st.Fields.List {
					for _, name := range f.Names {
						out[ts.Name.Name+"."+name.Name] = oneLine(f.Doc.Text())
					}
				}
			}
		}
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

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
