package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The configurations that internal/check tests in full. Reports name a file as the command line does, so the tests run
// in their folders.
const (
	good = "../../internal/check/testdata/good"
	bad  = "../../internal/check/testdata/bad"
)

type result struct {
	Code           int
	Stdout, Stderr string
}

func pathproof(args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), args, &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name, dir string
		args      []string
		want      result
	}{
		{"good", good, []string{"check", "base.yaml"}, result{0, "base.yaml: 1 of 1 paths proven reachable both ways, 0 proven unreachable\n", ""}},
		{"bad", bad, []string{"check", "net209-hosts-share-address.yaml"}, result{2, "", "file:net209-hosts-share-address.txt"}},
		{"many problems", bad, []string{"check", "many-problems.yaml"}, result{2, "", "file:many-problems.txt"}},
		{"a warning alone does not stop", bad, []string{"check", "net304-sites-share-asn.yaml"},
			result{0, "net304-sites-share-asn.yaml: 1 of 1 paths proven reachable both ways, 0 proven unreachable\n", "file:net304-sites-share-asn.txt"}},
		{"a note alone does not stop", bad, []string{"check", "net801-vpcs.yaml"},
			result{0, "net801-vpcs.yaml: 0 of 0 paths proven reachable both ways, 0 proven unreachable\n", "file:net801-vpcs.txt"}},
		{"no such file", good, []string{"check", "nowhere.yaml"}, result{2, "",
			"nowhere.yaml: error NET001 not readable, got \"no such file or directory\"; check the name and the permissions of the file\n" +
				"nowhere.yaml: 1 error, 0 warnings, 0 notes\n"}},
		{"a folder", good, []string{"check", "."}, result{2, "",
			".: error NET001 not readable, got \"is a directory\"; check the name and the permissions of the file\n.: 1 error, 0 warnings, 0 notes\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(tt.dir)
			tt.want.Stderr = fromFile(t, tt.want.Stderr)
			compare(t, tt.want, pathproof(tt.args...))
		})
	}
}

// fromFile reads a report that internal/check holds as a golden file.
func fromFile(t *testing.T, text string) string {
	t.Helper()
	name, ok := strings.CutPrefix(text, "file:")
	if !ok {
		return text
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDefaultFile(t *testing.T) {
	config, err := os.ReadFile(filepath.Join(good, "base.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	missing := "pathproof.yaml: error NET001 not readable, got \"no such file or directory\"; check the name and the permissions of the file\n" +
		"pathproof.yaml: 1 error, 0 warnings, 0 notes\n"
	compare(t, result{2, "", missing}, pathproof("check"))
	compare(t, result{2, "", missing}, pathproof("plan"))
	if err := os.WriteFile("pathproof.yaml", config, 0o600); err != nil {
		t.Fatal(err)
	}
	compare(t, result{0, "pathproof.yaml: 1 of 1 paths proven reachable both ways, 0 proven unreachable\n", ""}, pathproof("check"))
	if got := pathproof("plan"); got.Code != 0 || got.Stderr != "" || !strings.HasPrefix(got.Stdout, "base: 2 Regions, 2 networks,") {
		t.Errorf("plan: got status %d, errors %q, and\n%.200s", got.Code, got.Stderr, got.Stdout)
	}
}

func TestCheck_JSON(t *testing.T) {
	type item struct {
		Code, Severity, File string
		Line, Column         int
		Path, Message        string
	}
	type report struct {
		OK       bool
		Problems []item
	}
	for _, tt := range []struct {
		name, dir, file string
		code            int
		want            report
	}{
		{"good", good, "base.yaml", 0, report{OK: true, Problems: []item{}}},
		{"bad", bad, "net209-hosts-share-address.yaml", 2, report{Problems: []item{{"NET209", "error", "net209-hosts-share-address.yaml", 36, 34,
			"hosts[app2].ip", "the address of host app too, got 10.1.0.10; give each its own"}}}},
		{"a warning is in it and it is still ok", bad, "net303-peers-share-asn.yaml", 0, report{OK: true, Problems: []item{{"NET303", "warning", "net303-peers-share-asn.yaml", 34, 18,
			"peerings[tgw].between", "both transit gateways have ASN 64512; give each its own, since dynamic routing between them could never work"}}}},
		{"without a place", good, "nowhere.yaml", 2, report{Problems: []item{{Code: "NET001", Severity: "error", File: "nowhere.yaml",
			Message: "not readable, got \"no such file or directory\"; check the name and the permissions of the file"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(tt.dir)
			got := pathproof("check", "--json", tt.file)
			if got.Code != tt.code || got.Stderr != "" {
				t.Errorf("got status %d and errors %q, want %d and none", got.Code, got.Stderr, tt.code)
			}
			var r report
			decode(t, got.Stdout, &r)
			if diff := cmp.Diff(tt.want, r); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Machines read these keys; Go's decoder would accept any case.
func TestCheck_JSONKeys(t *testing.T) {
	t.Chdir(bad)
	var r map[string]any
	decode(t, pathproof("check", "net209-hosts-share-address.yaml", "--json").Stdout, &r)
	want := map[string]any{"ok": false, "problems": []any{map[string]any{
		"code": "NET209", "severity": "error", "file": "net209-hosts-share-address.yaml", "line": 36.0, "column": 34.0,
		"path": "hosts[app2].ip", "message": "the address of host app too, got 10.1.0.10; give each its own",
	}}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPlan(t *testing.T) {
	t.Chdir(good)
	got := pathproof("plan", "base.yaml")
	if got.Code != 0 || got.Stderr != "" {
		t.Fatalf("got status %d and errors %q", got.Code, got.Stderr)
	}
	for _, want := range []string{"\n  network seoul/app  10.1.0.0/16", "\n  transit gateway seoul  ASN 64512", "\nSite idc", "\nPeerings\n", "\nPaths\n", "\nStacks, in order of deployment\n"} {
		if !strings.Contains(got.Stdout, want) {
			t.Errorf("the plan does not have %q", want)
		}
	}
	if again := pathproof("plan", "base.yaml"); again != got {
		t.Error("the same file gave another plan the second time")
	}
}

func TestPlan_JSON(t *testing.T) {
	t.Chdir(good)
	got := pathproof("plan", "--json", "base.yaml")
	if got.Code != 0 || got.Stderr != "" {
		t.Fatalf("got status %d and errors %q", got.Code, got.Stderr)
	}
	var p struct {
		Name     string `json:"name"`
		Networks []struct {
			Key     string `json:"key"`
			Subnets []struct {
				ZoneID string `json:"zoneId"`
				CIDR   string `json:"cidr"`
			} `json:"subnets"`
		} `json:"networks"`
		Paths []struct {
			Name    string `json:"name"`
			Forward []any  `json:"forward"`
			Return  []any  `json:"return"`
		} `json:"paths"`
		Stacks []struct {
			Name string `json:"name"`
		} `json:"stacks"`
	}
	decode(t, got.Stdout, &p)
	if p.Name != "base" || len(p.Networks) != 2 || p.Networks[0].Key != "seoul/app" {
		t.Fatalf("got %+v", p)
	}
	if s := p.Networks[0].Subnets; len(s) != 4 || s[0].ZoneID != "apne2-az1" || s[0].CIDR != "10.1.0.0/20" {
		t.Errorf("subnets of seoul/app: got %+v", s)
	}
	if len(p.Paths) != 1 || p.Paths[0].Name != "there" || len(p.Paths[0].Forward) != 3 || len(p.Paths[0].Return) != 3 {
		t.Errorf("paths: got %+v", p.Paths)
	}
	if len(p.Stacks) == 0 || p.Stacks[0].Name == "" {
		t.Errorf("stacks: got %+v", p.Stacks)
	}
}

// A plan of a network that does not work would be read as if it did.
func TestPlan_BadFile(t *testing.T) {
	t.Chdir(bad)
	want := result{2, "", fromFile(t, "file:net701-no-route.txt")}
	compare(t, want, pathproof("plan", "net701-no-route.yaml"))
	compare(t, want, pathproof("plan", "--json", "net701-no-route.yaml"))
}

// Warnings must not stand between the lines of a plan.
func TestPlan_WarningsGoToStderr(t *testing.T) {
	t.Chdir(bad)
	got := pathproof("plan", "--json", "net304-sites-share-asn.yaml")
	if got.Code != 0 || got.Stderr != fromFile(t, "file:net304-sites-share-asn.txt") {
		t.Errorf("got status %d and errors\n%s", got.Code, got.Stderr)
	}
	decode(t, got.Stdout, &map[string]any{})
}

func TestUsage(t *testing.T) {
	t.Chdir(good)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"chek"}, `unknown command, got "chek"; run pathproof --help`},
		{[]string{"base.yaml"}, `unknown command, got "base.yaml"; run pathproof --help`},
		{[]string{"--jsn"}, "unknown flag: --jsn; run pathproof --help"},
		{[]string{"check", "--jsn"}, "unknown flag: --jsn; run pathproof check --help"},
		{[]string{"check", "-x", "base.yaml"}, "unknown shorthand flag: 'x' in -x; run pathproof check --help"},
		{[]string{"check", "--json=perhaps"}, `invalid argument "perhaps" for "--json" flag: strconv.ParseBool: parsing "perhaps": invalid syntax; run pathproof check --help`},
		{[]string{"check", "base.yaml", "mesh.yaml"}, "one file at most, got 2; run pathproof check --help"},
		{[]string{"plan", "base.yaml", "mesh.yaml", "more.yaml"}, "one file at most, got 3; run pathproof plan --help"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			compare(t, result{2, "", "pathproof: " + tt.want + "\n"}, pathproof(tt.args...))
		})
	}
}

func TestHelp(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "pathproof [command]"},
		{[]string{"--help"}, "pathproof [command]"},
		{[]string{"help"}, "pathproof [command]"},
		{[]string{"check", "--help"}, "pathproof check [FILE] [flags]"},
		{[]string{"help", "plan"}, "pathproof plan [FILE] [flags]"},
		{[]string{"plan", "-h"}, "pathproof plan [FILE] [flags]"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			got := pathproof(tt.args...)
			if got.Code != 0 || got.Stderr != "" || !strings.Contains(got.Stdout, tt.want) {
				t.Errorf("got status %d, errors %q and\n%s\nwant %q in it", got.Code, got.Stderr, got.Stdout, tt.want)
			}
		})
	}
}

// What is not the input's fault has another exit status, so that a pipeline can tell a wrong file from a full disk.
func TestOutputFails(t *testing.T) {
	t.Chdir(good)
	for _, args := range [][]string{{"plan", "base.yaml"}, {"plan", "--json", "base.yaml"}, {"check", "base.yaml"}, {"check", "--json", "base.yaml"}} {
		var stderr bytes.Buffer
		code := run(context.Background(), args, broken{}, &stderr)
		if want := "pathproof: no space left\n"; code != 1 || stderr.String() != want {
			t.Errorf("%s: got status %d and %q, want 1 and %q", strings.Join(args, " "), code, stderr.String(), want)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func compare(t *testing.T, want, got result) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
}
