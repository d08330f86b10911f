package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/affinityplan"
)

// The example that is printed is a file that estimates to the same figures.
func TestAffinityEstimate(t *testing.T) {
	printed := pathproof("affinity", "estimate", "--example", "document", "--print")
	if printed.Code != 0 {
		t.Fatal(printed)
	}
	file := filepath.Join(t.TempDir(), "chain.yaml")
	if err := os.WriteFile(file, []byte(printed.Stdout), 0o644); err != nil {
		t.Fatal(err)
	}
	fromFile, fromExample := pathproof("affinity", "estimate", file), pathproof("affinity", "estimate", "--example", "document")
	compare(t, fromExample, fromFile)
	if fromFile.Code != 0 || !strings.Contains(fromFile.Stdout, "15.2 ms") {
		t.Errorf("got %+v", fromFile)
	}
	var e affinityplan.Estimate
	out := pathproof("affinity", "estimate", file, "--json")
	if err := json.Unmarshal([]byte(out.Stdout), &e); err != nil || e.Schema != affinityplan.Schema || e.With.Worst.Crossings != 4 {
		t.Errorf("got %v of %s", err, out.Stdout)
	}
}

func TestAffinityEstimate_BadInput(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("bad.yaml", []byte("apiVersion: pathproof/affinity/v1\nname: Foo\nzones: [us-east-1a]\nlatency: {}\nservices: {a: {}}\ncalls: [{from: caller, to: a, request: 5}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"bad.yaml"}, []string{"name: not a valid value", "zones[0]: not a valid value, got \"us-east-1a\"", "latency.sameZone: missing", "latency.crossZone: missing", "calls[0].request: not a size", "bad.yaml: 5 errors"}},
		{nil, []string{"a file or --example, got both or neither; give one of them"}},
		{[]string{"bad.yaml", "--example", "orders"}, []string{"got both or neither"}},
		{[]string{"--example", "order"}, []string{`--example: no example, got "order"; did you mean orders?`}},
		{[]string{"--example", "orders", "--samples", "5", "--seed", "0", "-o", "xml"}, []string{"--samples: out of range, got 5", "--seed: out of range", "--output: unknown format"}},
		{[]string{"--example", "orders", "--measured", "nowhere.json"}, []string{"--measured: open nowhere.json"}},
		{[]string{"bad.yaml", "--print"}, []string{"--print: it prints an example"}},
	} {
		got := pathproof(append([]string{"affinity", "estimate"}, tt.args...)...)
		if got.Code != exitInput || got.Stdout != "" {
			t.Errorf("%v: got status %d and output %q", tt.args, got.Code, got.Stdout)
		}
		for _, want := range tt.want {
			if !strings.Contains(got.Stderr, want) {
				t.Errorf("%v: %q is missing in:\n%s", tt.args, want, got.Stderr)
			}
		}
	}
}
