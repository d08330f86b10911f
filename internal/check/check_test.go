package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/problem"
)

// TestBad compares the full report on every wrong configuration with the text beside it. The file's name starts with
// the code that the report must hold.
func TestBad(t *testing.T) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	if len(files) < 60 {
		t.Fatalf("got %d bad configurations, want 60 or more", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			r := readFile(t, file)
			var b strings.Builder
			if err := r.Print(&b); err != nil {
				t.Fatal(err)
			}
			if code := codeOf(file); code != "" && !strings.Contains(b.String(), " "+code+" ") {
				t.Errorf("the report does not hold %s:\n%s", code, b.String())
			}
			golden.Compare(t, strings.TrimSuffix(file, ".yaml")+".txt", b.String())
		})
	}
}

// TestEveryCodeHasABadFile keeps rules and examples together. Codes of the file's own form are tested with the loader, those
// of changes (NET9nn) where changes are judged.
func TestEveryCodeHasABadFile(t *testing.T) {
	files, _ := filepath.Glob("testdata/bad/net*.yaml")
	have := map[string]bool{}
	for _, f := range files {
		have[codeOf(f)] = true
	}
	loader := map[problem.Code]bool{problem.BadYAML: true, problem.UnknownKey: true}
	for _, i := range problem.Codes() {
		if !have[string(i.Code)] && !loader[i.Code] && !strings.HasPrefix(string(i.Code), "NET9") {
			t.Errorf("no testdata/bad/%s-*.yaml: %s", strings.ToLower(string(i.Code)), i.Title)
		}
	}
}

func TestGood(t *testing.T) {
	files, _ := filepath.Glob("testdata/good/*.yaml")
	for _, file := range append(files, "../../pathproof.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := readFile(t, file)
			var b strings.Builder
			_ = r.Print(&b)
			if !r.OK() || r.Problems.Has(problem.Warning) {
				t.Errorf("want no errors or warnings, got\n%s", b.String())
			}
		})
	}
}

// TestTunedPathIsNotProven asserts that a lowered severity lets a run go on, but proves nothing.
func TestTunedPathIsNotProven(t *testing.T) {
	for _, name := range []string{"net701-no-route", "net704-path-not-allowed", "net705-negative", "net706-via"} {
		data, err := os.ReadFile("testdata/bad/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		r := Data(name, append(data, "checks: {NET701: note, NET704: warning, NET705: note, NET706: note}\n"...))
		if !r.OK() {
			t.Errorf("%s: not tuned: %v", name, r.Problems)
			continue
		}
		if got, want := r.Verdict(), "0 of 1 paths proven reachable both ways, 0 proven unreachable, 1 NOT proven"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// readFile judges a file under its base name, so that reports do not depend on where the test runs.
func readFile(t *testing.T, file string) *Result {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return Data(filepath.Base(file), data)
}

func codeOf(file string) string {
	base := filepath.Base(file)
	if !strings.HasPrefix(base, "net") {
		return ""
	}
	return strings.ToUpper(base[:6])
}
