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

// A plan that somebody edited or cut short is refused with everything that is wrong with it.
func TestReadPlan_RefusesWhatIsNoWholePlan(t *testing.T) {
	const place = `"place": {"region": "eu-west-1"}`
	for text, want := range map[string][]string{
		`{"format": 1, "name": "a", "stacks": [], "networks": [{"key": "x/a", ` + place + `}, null]}`: {"networks[1]: got null"},
		`{"format": 1, "stacks": [], "networks": [{"key": "x/a", ` + place + `}]}`:                    {"the plan: nothing stands for name", "networks[0]: the wrong number of blocks, got 0"},
		`{"format": 1, "name": "a", "stacks": [{"name": "s", ` + place + `, "resources": [null]}]}`:   {"stacks[0].resources[0]: got null"},
		`{"format": 1, "name": "a", "stacks": [{"name": "s", ` + place + `}, {"name": "s"}]}`:         {"stacks[1]: nothing stands for place.region", `stacks[1]: a second stack of one name, got "s"`, "no stack has resources"},
		`{"format": 1, "name": "a", "stacks": [{"name": "s", ` + place + `, "resources": [{"logicalId": "A", "type": "T"}, {"logicalId": "A"}]}]}`: {
			"stacks[0].resources[1]: nothing stands for type", `a second resource of one logical id, got "A"`},
		`{"format": 1, "name": "a", "stacks": [], "sites": [{"vpnConnections": [{"inside": ["10.0.0.0/30"]}]}]}`: {"sites[0].vpnConnections[0]: the wrong number of inside, got 1"},
	} {
		_, err := topology.ReadPlan([]byte(text))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %v, want %q", text, err, w)
			}
		}
	}
}
