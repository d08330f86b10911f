package test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// These tests run the real programs, as a user does, in copies of the module. They need the Go command only: what is
// compiled once comes from the build cache.

// copyModule copies what the programs need from the module to a new folder: sources and settings, no tests.
func copyModule(t testing.TB, dir string) {
	t.Helper()
	skip := map[string]bool{"node_modules": true, "cdk.out": true, "cdk.out.new": true, ".build": true, ".git": true, "test": true, "testdata": true}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skip[d.Name()] {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(dir, path), 0o755)
		}
		if strings.HasSuffix(path, "_test.go") || !d.Type().IsRegular() {
			return nil
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, path), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Abs("../node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
}

// buildProgram compiles one of the module's programs into a temporary folder.
func buildProgram(t testing.TB, name string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), name)
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "./bin/"+name)
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return binary
}

// runIn runs a program in a folder and returns what it printed and its exit status.
func runIn(t *testing.T, dir, binary string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	c := exec.Command(binary, args...)
	c.Dir = dir
	c.WaitDelay = time.Minute
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// TestSynth_Reproducible runs the CDK app in two folders of different depth and compares every file that it writes, the
// compiled Lambda function among them. It also asserts that a good run prints nothing.
func TestSynth_Reproducible(t *testing.T) {
	binary := buildProgram(t, "synth")
	var first map[string]string
	for _, dir := range []string{filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "some", "deeper", "folder")} {
		copyModule(t, dir)
		out, errs, status := runIn(t, dir, binary)
		if status != 0 || out != "" || errs != "" {
			t.Fatalf("status %d\n%s%s", status, out, errs)
		}
		now := filesIn(t, filepath.Join(dir, "cdk.out"))
		if len(now) < 11 {
			t.Fatalf("got %d files", len(now))
		}
		for name, text := range now {
			if strings.Contains(text, dir) && !strings.HasSuffix(name, "bootstrap") {
				t.Errorf("%s names its folder", name)
			}
		}
		if first == nil {
			first = now
			continue
		}
		for name := range first {
			if first[name] != now[name] {
				t.Errorf("%s differs between two folders", name)
			}
		}
		if len(first) != len(now) {
			t.Errorf("got %d files and %d", len(first), len(now))
		}
	}
}

func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[name] = string(readFile(t, path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSynth_Verify runs what `make synth` runs: on good templates it ends with the table, on templates that a rule refuses
// with the finding and exit status 1. The README shows its output.
func TestSynth_Verify(t *testing.T) {
	needTools(t)
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", strings.Join([]string{filepath.Dir(goCommand), "/usr/bin", "/bin"}, ":")) // without cfn-lint, which takes its time
	binary, dir := buildProgram(t, "synth"), filepath.Join(t.TempDir(), "module")
	copyModule(t, dir)
	out, errs, status := runIn(t, dir, binary, "--verify")
	_, shown, _ := strings.Cut(string(readFile(t, "../README.md")), "$ make synth\n")
	shown, _, _ = strings.Cut(shown, "```")
	if steady(shown) != steady(out) || !strings.Contains(out, "\ntime       check ") {
		t.Errorf("the README shows\n%s\nmake synth prints\n%s", shown, out)
	}
	if status != 0 || errs != "" {
		t.Errorf("status %d\n%s", status, errs)
	}
	for name, text := range map[string][]byte{"tools/validation-allow.json": []byte("{}"), "adopted.yaml": readFile(t, configurations["adopted"])} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, _, status = runIn(t, dir, binary, "--verify", "--config", "adopted.yaml")
	if status != 1 || !strings.Contains(out, "error E3059 adopted-network-ap-northeast-2-new/") {
		t.Errorf("a subnet that a rule refuses: status %d\n%s", status, out)
	}
}

// steady leaves out what differs from run to run and from machine to machine.
func steady(report string) string {
	var out strings.Builder
	for line := range strings.Lines(report) {
		if !strings.HasPrefix(line, "time ") && !strings.HasPrefix(line, "validation cfn-lint") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// TestSynth_BadInputTouchesNothing runs the CDK app on a bad file and on bad flags: exit status 2, and the templates of the
// last good run stay as they are.
func TestSynth_BadInputTouchesNothing(t *testing.T) {
	binary, dir := buildProgram(t, "synth"), t.TempDir()
	for name, text := range map[string]string{
		"cdk.out/manifest.json": "of an earlier run",
		"cdk.json":              `{"context": {}}`,
		"bad.yaml":              string(readFile(t, "../internal/check/testdata/bad/many-problems.yaml")),
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := filesIn(t, dir)
	for _, args := range [][]string{{"--config", "bad.yaml"}, {"--config", "none.yaml"}, {"--nonsense"}, {"extra"}} {
		out, errs, status := runIn(t, dir, binary, args...)
		if status != 2 || out != "" || errs == "" {
			t.Errorf("%v: status %d, stdout %q, stderr %q", args, status, out, errs)
		}
	}
	after := filesIn(t, dir)
	for name := range after {
		if before[name] != after[name] {
			t.Errorf("%s was written", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("got files %v, want those of before", after)
	}
}

// TestLibrary compiles and synthesizes a module of its own that imports constructs and no configuration file.
func TestLibrary(t *testing.T) {
	dir := newModule(t, map[string][]byte{"main.go": readFile(t, "testdata/library/main.go.txt")})
	if out, err := goIn(dir, "build", "-buildvcs=false", "-o", "app", "."); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lambda, err := filepath.Abs("testdata/bootstrap-lambda")
	if err != nil {
		t.Fatal(err)
	}
	out, errs, status := runIn(t, dir, filepath.Join(dir, "app"), lambda)
	if status != 0 {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	template := string(readFile(t, filepath.Join(dir, "cdk.out", "Net.template.json")))
	for _, typ := range []string{"AWS::EC2::VPC", "AWS::EC2::TransitGatewayAttachment", "Custom::PathproofTgwAssociation",
		"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ServiceDiscovery::Instance", "AWS::AutoScaling::AutoScalingGroup"} {
		if !strings.Contains(template, typ) {
			t.Errorf("no %s in the template", typ)
		}
	}
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
