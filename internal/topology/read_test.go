package topology_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
)

func TestReadPlan_RoundTrip(t *testing.T) {
	files, err := filepath.Glob("../check/testdata/good/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("got %d configurations, %v", len(files), err)
	}
	for _, file := range append(files, "../../pathproof.yaml") {
		first, err := check.File(file).Plan.Encode()
		if err != nil {
			t.Fatal(err)
		}
		p, err := topology.ReadPlan(first)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if second, err := p.Encode(); err != nil || string(second) != string(first) {
			t.Errorf("%s: the plan changes when it is read and written again: %v", file, err)
		}
	}
}

func TestReadPlan_RefusesWhatIsNoPlan(t *testing.T) {
	config, err := os.ReadFile("../../pathproof.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		string(config):                 "not a plan: invalid character",
		"{}":                           "not a plan, got JSON without format or stacks; give the output of pathproof plan --json",
		`{"format": 2, "stacks": []}`:  "a plan of another version of pathproof, got format 2; this one reads up to 1",
		`{"format": 0, "stacks": []}`:  "a plan of another version of pathproof, got format 0; this one reads up to 1",
		`{"format": 1, "stacks": [1]}`: "not a plan: json: cannot unmarshal number into",
	} {
		if _, err := topology.ReadPlan([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.30s: got %v, want %q", text, err, want)
		}
	}
}
