package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// newModule writes a module of its own that uses this one, as it stands here, and nothing from the network.
func newModule(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	requires := string(readFile(t, "../go.mod"))
	requires = requires[strings.Index(requires, "\nrequire "):]
	files["go.sum"] = readFile(t, "../go.sum")
	files["go.mod"] = []byte("module example.com/network\n\ngo 1.26.8\n\nrequire github.com/pathproof/pathproof v0.0.0\n\nreplace github.com/pathproof/pathproof => " + root + "\n" + requires)
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	return dir
}

func writeFile(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// goIn runs the go command in a module and returns what it printed.
func goIn(dir string, args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := c.CombinedOutput()
	return string(out), err
}

// TestUserModule runs the go test of a user's module, with the helpers of pathprooftest: it is green, until its stack or its
// file is broken, and then says what would be lost. The README shows what it says.
func TestUserModule(t *testing.T) {
	files := filesIn(t, "testdata/usermodule")
	module := map[string][]byte{"pathproof.yaml": readFile(t, configurations["reference"])}
	for name, text := range files {
		module[name] = []byte(text)
	}
	dir := newModule(t, module)
	run := func(args ...string) (string, bool) {
		out, err := goIn(dir, append([]string{"test", "-vet=off", "-count=1"}, args...)...)
		return stable(out), err == nil
	}
	if out, ok := run(".", "-update"); !ok {
		t.Fatalf("taking the first snapshots:\n%s", out)
	}
	if out, ok := run("./..."); !ok {
		t.Fatalf("nothing was changed:\n%s", out)
	}
	for _, c := range []struct {
		name, file, old, now, command string
		args                          []string
	}{
		{"another block", "main.go", `"172.16.`, `"172.17.`, "go test", nil},
		{"a closed door", "pathproof.yaml", "from: [seoul/app, seoul/vpn], to: site/idc", "from: seoul/vpn, to: site/idc", "go test ./paths", []string{"./paths"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(dir, c.file)
			whole := readFile(t, file)
			writeFile(t, file, []byte(strings.ReplaceAll(string(whole), c.old, c.now)))
			defer writeFile(t, file, whole)
			out, ok := run(c.args...)
			if want := readmeExample(t, c.command); ok || out != want {
				t.Errorf("go test passed: %v; got\n%s\nthe README shows\n%s", ok, out, want)
			}
		})
	}
}

// unstable differs from run to run: how long a test took, and what jsii-runtime-go prints, in the middle of a line, when it waits
// a second time for its process.
var unstable = regexp.MustCompile(`[ \t]\(?[0-9.]+s\)?$|Runtime process exited abnormally: waitid: no child processes`)

func stable(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		if short := unstable.ReplaceAllString(strings.TrimSuffix(line, "\n"), ""); short != "" {
			b.WriteString(short + "\n")
		}
	}
	return b.String()
}

// TestUserModule_Code asserts that the code in the README's section is that of the module.
func TestUserModule_Code(t *testing.T) {
	var module strings.Builder
	for _, text := range filesIn(t, "testdata/usermodule") {
		module.WriteString(text)
	}
	_, section, _ := strings.Cut(string(readFile(t, "../README.md")), "## Test your network in go test\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := strings.Split(section, "```go\n")[1:]
	if len(blocks) != 2 {
		t.Fatalf("got %d pieces of code, want 2", len(blocks))
	}
	for _, b := range blocks {
		code, _, _ := strings.Cut(b, "```")
		for _, part := range strings.Split(code, "\n\n") {
			if !strings.Contains(module.String(), part) {
				t.Errorf("not in testdata/usermodule:\n%s", part)
			}
		}
	}
}

// readmeExample returns what the README shows under a command.
func readmeExample(t *testing.T, command string) string {
	t.Helper()
	_, rest, found := strings.Cut(string(readFile(t, "../README.md")), "$ "+command+"\n")
	if !found {
		t.Fatalf("no %q in the README", command)
	}
	text, _, _ := strings.Cut(rest, "```")
	return stable(text)
}
