// Package schematest has what tests share that write a JSON Schema from Go types and their comments. It is for tests: nothing
// needs a schema's source at run time.
package schematest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Encode is a schema as the file holds it.
func Encode(t testing.TB, schema map[string]any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(schema); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Compile makes a schema ready to validate documents.
func Compile(t testing.TB, schema []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Comments returns the comments of the files' types by "Type" and "Type.Field", each as one line: what stands above, else
// what stands beside.
func Comments(t testing.TB, files ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.TYPE {
				typeComments(out, gen)
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("no types in %q", files)
	}
	return out
}

func typeComments(out map[string]string, gen *ast.GenDecl) {
	for _, spec := range gen.Specs {
		ts := spec.(*ast.TypeSpec)
		out[ts.Name.Name] = cmp.Or(oneLine(ts.Doc), oneLine(gen.Doc))
		st, ok := ts.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range st.Fields.List {
			for _, name := range f.Names {
				out[ts.Name.Name+"."+name.Name] = cmp.Or(oneLine(f.Doc), oneLine(f.Comment))
			}
		}
	}
}

func oneLine(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
