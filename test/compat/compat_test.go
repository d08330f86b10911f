// Package compat holds this version to what earlier ones deployed. README.md says how.
package compat

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/scaletest"
	"github.com/pathproof/pathproof/internal/topology"
)

// current is the version that is recorded last: what this version adds to its networks fails until it is raised.
const current = "v0.1"

// sources are the configurations that are copied into a new version, besides a generated one.
var sources = []string{"../../pathproof.yaml", "../../internal/check/testdata/good/*.yaml"}

// TestNetworks plans the configurations of every earlier version, and compares with what that version planned.
func TestNetworks(t *testing.T) {
	if *golden.Update {
		record(t)
	}
	files, err := filepath.Glob("v*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded configurations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.ToSlash(file), ".yaml"), func(t *testing.T) {
			base := strings.TrimSuffix(file, ".yaml")
			old, now := parse(t, base+".txt"), plan(t, file)
			broken, added := compare(old, contractOf(now))
			for _, b := range broken {
				t.Errorf("%s", b)
			}
			if filepath.Dir(file) == current && len(broken) == 0 {
				for _, a := range added {
					t.Errorf("%s; record it as a new version, as test/compat/README.md says", a)
				}
			}
			upgrade(t, base+".plan.json", now)
		})
	}
}

// upgrade asserts that the plan that an earlier version deployed with a network is understood, and that deploying this
// version over it is not refused.
func upgrade(t *testing.T, file string, now *topology.Plan) {
	t.Helper()
	deployed, err := topology.ReadPlan(read(t, file))
	if err != nil {
		t.Fatalf("%s: %v: pathproof diff would not read what users have deployed", file, err)
	}
	for _, p := range change.Compare(change.Deployed{Plan: deployed}, now, nil).Problems {
		t.Errorf("pathproof diff would refuse this version in users' networks: %s", p.Format(file, nil))
	}
}

// record writes a new version. What an old one says never changes.
func record(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(current); err == nil {
		t.Fatalf("%s is recorded already and what users have deployed does not change; raise current in compat_test.go to the next version", current)
	}
	for _, pattern := range sources {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no configurations in %s: %v", pattern, err)
		}
		for _, file := range files {
			name := filepath.Base(file)
			if name == "pathproof.yaml" {
				name = "reference.yaml" // as its network is called
			}
			write(t, name, read(t, file))
		}
	}
	write(t, "scale.yaml", []byte(scaletest.YAML(3, 2, 2, 4)))
	files, err := filepath.Glob(current + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		p, name := plan(t, file), strings.TrimSuffix(filepath.Base(file), ".yaml")
		write(t, name+".txt", []byte(contractOf(p).String()))
		write(t, name+".plan.json", oneLine(t, p))
	}
}

// oneLine is a plan as it is deployed, without white space: people read the text beside it.
func oneLine(t *testing.T, p *topology.Plan) []byte {
	t.Helper()
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}

// TestContract_Parse asserts that what is written is what is read.
func TestContract_Parse(t *testing.T) {
	for _, pattern := range sources {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			want := contractOf(plan(t, file))
			text := filepath.Join(t.TempDir(), "contract.txt")
			if err := os.WriteFile(text, []byte(want.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, parse(t, text)); diff != "" {
				t.Errorf("%s (-written +read):\n%s", file, diff)
			}
		}
	}
}

func plan(t *testing.T, file string) *topology.Plan {
	t.Helper()
	r := check.File(file)
	if !r.OK() {
		var b strings.Builder
		_ = r.Print(&b)
		t.Fatalf("what users have is refused now:\n%s", b.String())
	}
	return r.Plan
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := atomicfile.Write(filepath.Join(current, name), text); err != nil {
		t.Fatal(err)
	}
}
