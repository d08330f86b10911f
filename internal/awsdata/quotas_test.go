package awsdata

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"testing"
)

func TestQuotas_AreWellFormed(t *testing.T) {
	code := regexp.MustCompile(`^L-[0-9A-F]{8}$`)
	names, codes := map[string]bool{}, map[string]bool{}
	for _, q := range Quotas {
		switch {
		case q.Name == "" || q.Default < 1 || q.Source == "":
			t.Errorf("incomplete: %+v", q)
		case (q.Code == "") != (q.Service == ""):
			t.Errorf("%s: service and code belong together", q.Name)
		case q.Code != "" && !code.MatchString(q.Code):
			t.Errorf("%s: %q is no quota code", q.Name, q.Code)
		case names[q.Name] || q.Code != "" && codes[q.Code]:
			t.Errorf("%s stands twice", q.Name)
		}
		names[q.Name], codes[q.Code] = true, true
	}
}

// A quota declared but not listed would be missing from every report.
func TestQuotas_ListsEveryDeclaredOne(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "quotas.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.CompositeLit); ok {
			if id, ok := lit.Type.(*ast.Ident); ok && id.Name == "Quota" {
				declared++
			}
		}
		return true
	})
	if declared == 0 || declared != len(Quotas) {
		t.Errorf("%d quotas are declared, %d are listed", declared, len(Quotas))
	}
}
