package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// report collects what was created and read back, over all networks.
type report struct {
	total    tally
	retained int
}

func (r *report) add(c tally) {
	if r.total == nil {
		r.total = tally{}
	}
	for typ, n := range c {
		maps.Copy(r.total.of(typ).created, n.created)
		maps.Copy(r.total.of(typ).read, n.read)
	}
}

// print lists every type with how many were there and how many were read back and found as planned, and what was never
// there: types that only templates' own tests cover.
func (r *report) print(t *testing.T, s *server) {
	fmt.Printf("\n%-47s %8s %10s\n", "TYPE", "CREATED", "READ BACK")
	created, read := 0, 0
	for _, typ := range slices.Sorted(maps.Keys(r.total)) {
		n := r.total[typ]
		fmt.Printf("%-47s %8d %10d\n", typ, len(n.created), len(n.read))
		created, read = created+len(n.created), read+len(n.read)
	}
	fmt.Printf("%-47s %8d %10d\n\n", "total", created, read)
	fmt.Printf("custom resources ran for real: %s\n", s.requests(t))
	fmt.Printf("functions ran for real: %s\n", s.invocations(t))
	fmt.Printf("values read from other Regions (Fn::GetStackOutput): %d\n", len(s.events(t, "stack output")))
	fmt.Printf("retained after destroy, on purpose: %d\n", r.retained)
	fmt.Printf("covered only by template asserts: %s\n", strings.Join(r.onlyTemplates(t, s), "; "))
}

// onlyTemplates are the types that configurations of the template tests have and nobody created here, and what needs more
// than one account.
func (r *report) onlyTemplates(t *testing.T, s *server) []string {
	files, err := filepath.Glob(filepath.Join(s.root, "internal", "check", "testdata", "good", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	missing := map[string]bool{}
	for _, file := range files {
		for _, st := range planOf(t, file).Stacks {
			for _, x := range st.Resources {
				if r.total[x.Type] == nil {
					missing[x.Type] = true
				}
			}
		}
	}
	types := slices.Sorted(maps.Keys(missing))
	if len(types) == 0 {
		types = []string{"no type"}
	}
	return append(types, "peerings between accounts and the roles that read outputs there (accounts.yaml): one account")
}

// events are the journal's lines of one kind.
func (s *server) events(t *testing.T, kind string) []map[string]any {
	t.Helper()
	f, err := os.Open(s.journal)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []map[string]any
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e map[string]any
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e["event"] == kind {
			out = append(out, e)
		}
	}
	return out
}

// requests counts what the function behind custom resources was asked for.
func (s *server) requests(t *testing.T) string {
	count := map[string]int{}
	for _, e := range s.events(t, "custom resource") {
		count[fmt.Sprint(e["request"])]++
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(count)) {
		out = append(out, fmt.Sprintf("%d %s", count[k], k))
	}
	return strings.Join(out, ", ")
}

// invocations counts what functions ran, by handler.
func (s *server) invocations(t *testing.T) string {
	count := map[string]int{}
	for _, e := range s.events(t, "invocation") {
		count[fmt.Sprint(e["handler"])]++
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(count)) {
		out = append(out, fmt.Sprintf("%d %s", count[k], k))
	}
	return strings.Join(out, ", ")
}
