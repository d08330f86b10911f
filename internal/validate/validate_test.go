package validate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// install puts programs of these names, as shell scripts, on an otherwise empty PATH, and an allow list into the current
// folder.
func install(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filepath.Dir(AllowFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(AllowFile, []byte(`{"E3059": "a reason"}`), 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	clean   = `echo '{"templates":2,"resources":7,"errors":0,"warnings":0,"findings":[]}'`
	refuses = `echo '{"templates":1,"resources":1,"errors":1,"warnings":0,"findings":[{"severity":"error","rule":"F1","stack":"S","resource":"R","path":"P","message":"M"}]}'; exit 1`
)

// linter answers --version, and then does what is given.
func linter(then string) string {
	return `[ "$1" = --version ] && { echo "cfn-lint 9.9.9"; exit 0; }` + "\n" + then
}

func TestRun(t *testing.T) {
	templates := []Template{{"b.json", "us-west-2"}, {"a.json", "us-west-2"}, {"c.json", "ap-northeast-2"}}
	for name, c := range map[string]struct {
		scripts map[string]string
		rules   string
		lint    string
		finding string // that stands in one verdict
		err     string
	}{
		"all clean": {map[string]string{"node": clean, "cfn-lint": linter("exit 0")},
			"CloudFormation rules: 0 errors, 0 warnings (2 templates, 7 resources)", "cfn-lint: 0 errors, 0 warnings (9.9.9)", "", ""},
		"no cfn-lint": {map[string]string{"node": clean},
			"CloudFormation rules: 0 errors, 0 warnings (2 templates, 7 resources)", "cfn-lint: not installed", "", ""},
		"a rule refuses": {map[string]string{"node": refuses},
			"CloudFormation rules: 1 errors, 0 warnings (1 templates, 1 resources)", "cfn-lint: not installed", "error F1 S/R P: M", ""},
		"cfn-lint refuses, once for each Region": {map[string]string{"node": clean, "cfn-lint": linter(`echo "a:1:2:3:4:E3002:what: it is"; echo "a:1:2:3:4:W9:has :E in it"; exit 6`)},
			"", "cfn-lint: 2 errors, 2 warnings (9.9.9)", "a:1:2:3:4:E3002:what: it is", ""},
		"cfn-lint says something else":    {map[string]string{"node": clean, "cfn-lint": linter("echo odd; exit 2")}, "", "cfn-lint: 2 errors, 0 warnings (9.9.9)", "odd", ""},
		"cfn-lint crashes":                {map[string]string{"node": clean, "cfn-lint": linter("echo Traceback >&2; exit 1")}, "", "", "", "cfn-lint: exit status 1: Traceback"},
		"cfn-lint does not start":         {map[string]string{"node": clean, "cfn-lint": "exit 3"}, "", "", "", "cfn-lint is installed but does not start"},
		"the rules engine crashes":        {map[string]string{"node": "echo boom >&2; exit 2"}, "", "", "", "validate templates: exit status 2: boom"},
		"the rules engine prints nothing": {map[string]string{"node": "exit 0"}, "", "", "", "read the result"},
		"no Node.js":                      {map[string]string{}, "", "", "", "executable file not found"},
	} {
		t.Run(name, func(t *testing.T) {
			install(t, c.scripts)
			verdicts, err := Run(context.Background(), "cdk.out", templates)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got error %v, want one with %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := verdicts[0].String(); c.rules != "" && got != c.rules {
				t.Errorf("got %q, want %q", got, c.rules)
			}
			if got := verdicts[1].String(); got != c.lint {
				t.Errorf("got %q, want %q", got, c.lint)
			}
			if all := strings.Join(append(verdicts[0].Findings, verdicts[1].Findings...), "\n"); !strings.Contains(all, c.finding) {
				t.Errorf("no finding %q in %q", c.finding, all)
			}
		})
	}
}

// TestRun_Arguments asserts what cfn-lint is asked: each Region once, its templates in order, the allow list.
func TestRun_Arguments(t *testing.T) {
	install(t, map[string]string{"node": clean, "cfn-lint": linter(`echo "$@" >> "$LOG"`)})
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("LOG", log)
	if _, err := Run(context.Background(), "cdk.out", []Template{{"b.json", "us-west-2"}, {"a.json", "us-west-2"}, {"c.json", "ap-northeast-2"}}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	want := "--regions ap-northeast-2 --format parseable --ignore-checks W3005,E3059 -- c.json\n" +
		"--regions us-west-2 --format parseable --ignore-checks W3005,E3059 -- a.json b.json\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
