package lambdabuild

import (
	"context"
	"crypto/sha256"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const program = `package main

func main() { println("hello") }
`

// module writes a module with one program and returns its folder.
func module(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/tiny\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "cmd", "main.go"), source)
	write(t, filepath.Join(dir, "lib", "lib.go"), "package lib\n\nconst X = 1\n")
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func digest(t *testing.T, out string) [32]byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(out, Bootstrap))
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b)
}

// only checks that a folder holds nothing but the names given: a leftover would be part of the asset.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("%s holds %q, want %q", filepath.Base(dir), got, names)
	}
}

func TestBuild_IsForLambda(t *testing.T) {
	t.Setenv("GOFLAGS", "-tags=other") // none of the caller's settings may reach the build
	t.Setenv("GOARCH", "amd64")
	parent := t.TempDir()
	out := filepath.Join(parent, "a", "asset")
	dir, err := Build(t.Context(), module(t, program), "./cmd", out)
	if err != nil {
		t.Fatal(err)
	}
	if dir != out {
		t.Errorf("got folder %q", dir)
	}
	f, err := elf.Open(filepath.Join(out, Bootstrap))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Machine != elf.EM_AARCH64 || f.Section(".symtab") != nil || f.Section(".interp") != nil {
		t.Errorf("machine %s, symbols %t, dynamic %t; want a static, stripped arm64 program", f.Machine, f.Section(".symtab") != nil, f.Section(".interp") != nil)
	}
	if info, err := os.Stat(filepath.Join(out, Bootstrap)); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("got %v, %v; want mode 0755", info.Mode(), err)
	}
	only(t, out, Bootstrap)
	only(t, filepath.Dir(out), "asset")
}

func TestBuild_UpToDateDoesNotLink(t *testing.T) {
	src, out := module(t, program), t.TempDir()
	if _, err := Build(t.Context(), src, "./cmd", out); err != nil {
		t.Fatal(err)
	}
	before := digest(t, out)
	// The build id is all the go command looks at, so a byte appended survives a build that does not link.
	path := filepath.Join(out, Bootstrap)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(b)+"x")
	started := time.Now()
	if _, err := Build(t.Context(), src, "./cmd", out); err != nil {
		t.Fatal(err)
	}
	t.Logf("up to date after %s", time.Since(started))
	if digest(t, out) == before {
		t.Error("an up-to-date program was linked again")
	}
	write(t, filepath.Join(src, "cmd", "main.go"), strings.ReplaceAll(program, "hello", "changed"))
	if _, err := Build(t.Context(), src, "./cmd", out); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(src, "cmd", "main.go"), program)
	if _, err := Build(t.Context(), src, "./cmd", out); err != nil {
		t.Fatal(err)
	}
	if digest(t, out) != before {
		t.Error("the same source gives other bytes")
	}
}

func TestBuild_SameBytesFromAnotherFolder(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for _, out := range []string{one, two} {
		if _, err := Build(t.Context(), module(t, program), "./cmd", out); err != nil {
			t.Fatal(err)
		}
	}
	if digest(t, one) != digest(t, two) {
		t.Error("the asset's hash depends on the checkout folder")
	}
}

func TestBuild_FailureKeepsTheOldFile(t *testing.T) {
	src, parent := module(t, program), t.TempDir()
	out := filepath.Join(parent, "asset")
	if _, err := Build(t.Context(), src, "./cmd", out); err != nil {
		t.Fatal(err)
	}
	before := digest(t, out)
	for name, c := range map[string]struct {
		pkg, source, want string
	}{
		"compile error": {"./cmd", "package main\n\nfunc main() { undefinedName() }\n", "undefined: undefinedName"},
		"no package":    {"./nothing", program, "nothing"},
		"no program":    {"./lib", program, "not a program"},
	} {
		write(t, filepath.Join(src, "cmd", "main.go"), c.source)
		dir, err := Build(t.Context(), src, c.pkg, out)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "build "+c.pkg+" for Lambda: ") {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if dir != "" {
			t.Errorf("%s: got folder %q with the error", name, dir)
		}
		if digest(t, out) != before {
			t.Errorf("%s: the old program changed", name)
		}
		only(t, parent, "asset")
		only(t, out, Bootstrap)
	}
}

func TestBuild_Cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, module(t, program), "./cmd", t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestBuild_NoGoCommand(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Build(t.Context(), module(t, program), "./cmd", t.TempDir()); err == nil || !strings.Contains(err.Error(), "install Go") {
		t.Errorf("got %v", err)
	}
}
