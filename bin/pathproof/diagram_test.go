package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The picture of the README is what this command makes. `make snap` writes it.
func TestDiagram_README(t *testing.T) {
	const picture = "docs/reference.svg"
	t.Chdir("../..")
	if readme := read(t, "README.md"); !strings.Contains(readme, "]("+picture+")") {
		t.Errorf("the README does not show %s", picture)
	}
	compare(t, result{0, read(t, picture), ""}, pathproof("diagram"))
}

func TestDiagram_Mermaid(t *testing.T) {
	compare(t, result{0, read(t, "../../internal/diagram/testdata/reference.mmd"), ""}, pathproof("diagram", "--format", "mermaid", "../../pathproof.yaml"))
}

func TestDiagram_Paths(t *testing.T) {
	t.Chdir(good)
	for _, tt := range []struct {
		paths string
		want  []string // texts of the list
	}{
		{"no,office", []string{">no<", ">office<"}},
		{"same-region", []string{">same-region<"}},
		{"none", nil},
	} {
		got := pathproof("diagram", "--paths", tt.paths, "adopted.yaml")
		if got.Code != 0 || got.Stderr != "" {
			t.Fatalf("%s: got status %d and errors %q", tt.paths, got.Code, got.Stderr)
		}
		_, list, listed := strings.Cut(got.Stdout, ">Paths<")
		if listed != (tt.want != nil) {
			t.Errorf("%s: a list of paths: %v", tt.paths, listed)
		}
		for _, name := range []string{">no<", ">office<", ">old-new<", ">same-region<"} {
			if strings.Contains(list, name) != strings.Contains(strings.Join(tt.want, ""), name) {
				t.Errorf("%s: %s in the list: %v", tt.paths, name, strings.Contains(list, name))
			}
		}
	}
}

// A picture of a network that does not work would be believed.
func TestDiagram_BadFile(t *testing.T) {
	t.Chdir(bad)
	want := result{2, "", fromFile(t, "file:net701-no-route.txt")}
	compare(t, want, pathproof("diagram", "net701-no-route.yaml"))
	compare(t, want, pathproof("diagram", "--format", "mermaid", "--paths", "no-such-path", "net701-no-route.yaml"))
	file := filepath.Join(t.TempDir(), "out.svg")
	compare(t, want, pathproof("diagram", "net701-no-route.yaml", "--output", file))
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written")
	}
}

func TestDiagram_WarningsGoToStderr(t *testing.T) {
	t.Chdir(bad)
	got := pathproof("diagram", "net304-sites-share-asn.yaml")
	if got.Code != 0 || got.Stderr != fromFile(t, "file:net304-sites-share-asn.txt") || !strings.HasPrefix(got.Stdout, "<svg ") || !strings.HasSuffix(got.Stdout, "</svg>\n") {
		t.Errorf("got status %d, errors\n%s\nand\n%.100s", got.Code, got.Stderr, got.Stdout)
	}
}

func TestDiagram_Usage(t *testing.T) {
	t.Chdir(good)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--format", "png", "base.yaml"}, `unknown format, got "png"; use svg or mermaid`},
		{[]string{"--format", "", "nowhere.yaml"}, `unknown format, got ""; use svg or mermaid`},
		{[]string{"--paths", "thera", "base.yaml"}, `--paths: no such path, got "thera"; did you mean there? use one of: there, or all, or none`},
		{[]string{"--format"}, "flag needs an argument: --format; run pathproof diagram --help"},
		{[]string{"base.yaml", "mesh.yaml"}, "one file at most, got 2; run pathproof diagram --help"},
	} {
		compare(t, result{2, "", "pathproof: " + tt.want + "\n"}, pathproof(append([]string{"diagram"}, tt.args...)...))
	}
}

func TestDiagram_OutputFile(t *testing.T) {
	t.Chdir(good)
	dir := t.TempDir()
	file := filepath.Join(dir, "out.svg")
	want := pathproof("diagram", "base.yaml").Stdout
	for _, before := range []string{"", "what was there before, and longer than nothing"} {
		if before != "" {
			if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, result{0, "", ""}, pathproof("diagram", "base.yaml", "-o", file))
		if got := read(t, file); got != want {
			t.Errorf("the file differs from standard output: %.100s", got)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("mode: %v %v", info, err)
		}
		onlyFile(t, dir)
	}
	link := filepath.Join(t.TempDir(), "link.svg")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	compare(t, result{0, "", ""}, pathproof("diagram", "base.yaml", "--format", "mermaid", "-o", link))
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 || !strings.Contains(read(t, file), "flowchart LR") {
		t.Errorf("the link was replaced, or not followed: %v %v", info, err)
	}
}

func onlyFile(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestDiagram_UnwritableFile(t *testing.T) {
	t.Chdir(good)
	dir := t.TempDir()
	for _, tt := range []struct{ file, want string }{
		{filepath.Join("base.yaml", "out.svg"), "not a directory"},
		{dir, "not a regular file; leave --output out to write to standard output"},
		{os.DevNull, "not a regular file; leave --output out to write to standard output"},
	} {
		compare(t, result{1, "", "pathproof: write " + tt.file + ": " + tt.want + "\n"}, pathproof("diagram", "base.yaml", "-o", tt.file))
	}
}

func TestDiagram_OutputFails(t *testing.T) {
	t.Chdir(good)
	for _, format := range []string{"svg", "mermaid"} {
		var stderr bytes.Buffer
		code := run(t.Context(), []string{"diagram", "--format", format, "base.yaml"}, broken{}, &stderr)
		if want := "pathproof: no space left\n"; code != 1 || stderr.String() != want {
			t.Errorf("%s: got status %d and %q, want 1 and %q", format, code, stderr.String(), want)
		}
	}
}
