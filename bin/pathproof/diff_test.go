package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// edited writes a good configuration with one text replaced, and returns its name.
func edited(t *testing.T, name, from, to string) string {
	t.Helper()
	text, err := os.ReadFile("../../pathproof.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), from) != 1 {
		t.Fatalf("%q does not stand once in the configuration", from)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// What cannot be compared is wrong input and nothing else is said.
func TestDiff_RefusesOtherPlans(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"format": 1, "name": "reference", "stacks": [null], "networks": [{"key": "seoul/app"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ against, want string }{
		{broken, "--against " + broken + ": not a whole plan: stacks[0]: got null"},
		{edited(t, "other.yaml", "name: reference\n", "name: other\n"), `: the plan of network "other", got a configuration of "reference"; compare plans of one network. If it was renamed: `},
	} {
		for _, command := range []string{"diff", "check"} {
			got := pathproof(command, "../../pathproof.yaml", "--against", c.against)
			if got.Code != 2 || got.Stdout != "" || !strings.Contains(got.Stderr, c.want) || strings.Contains(got.Stderr, "NET9") {
				t.Errorf("%s: got %d, %q, %q; want %q", command, got.Code, got.Stdout, got.Stderr, c.want)
			}
		}
	}
}

// Less than a whole thing allows nothing, and a slash at its end makes no difference.
func TestDiff_AllowDestroyNamesWholeThings(t *testing.T) {
	now := edited(t, "now.yaml", "cidr: 172.30.0.0/24", "cidr: 172.31.0.0/24")
	now2, err := os.ReadFile(now)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(now, []byte(strings.Replace(string(now2), "ip: 172.30.0.10", "ip: 172.31.0.10", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for allow, known := range map[string]bool{"network": false, "network/seoul": false, "network/seoul/": false, "network/seoul/web": true, "network/seoul/web/": true} {
		got := pathproof("diff", now, "--against", "../../pathproof.yaml", "--allow-destroy", allow)
		if got := !strings.Contains(got.Stderr, "--allow-destroy: nothing of that name"); got != known {
			t.Errorf("%s: known %t, want %t", allow, got, known)
		}
		if lost := strings.Contains(got.Stderr, " NET901 "); known && lost {
			t.Errorf("%s: still refused: %s", allow, got.Stderr)
		}
	}
}

// Whoever reads with a profile deploys with it.
func TestDiff_RepeatsTheProfile(t *testing.T) {
	old := edited(t, "old.yaml", "  oregon/edge:\n", "  seoul/old: {cidr: 172.20.0.0/16, zones: [apne2-az1], tiers: [private/20]}\n  oregon/edge:\n")
	got := pathproof("diff", "../../pathproof.yaml", "--against", old, "--profile", "prod", "--allow-destroy", "network/seoul/old")
	for _, want := range []string{" --profile prod --require-approval never --all\n", "aws cloudformation delete-stack --profile prod --stack-name reference-network-ap-northeast-2-old "} {
		if !strings.Contains(got.Stdout, want) {
			t.Errorf("not in the report: %q\n%s%s", want, got.Stdout, got.Stderr)
		}
	}
}
