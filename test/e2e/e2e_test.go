package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
)

func planOf(t *testing.T, file string) *topology.Plan {
	t.Helper()
	r := check.File(file)
	if !r.OK() {
		t.Fatalf("%s: %v", file, r.Problems)
	}
	return r.Plan
}

func (s *server) bootstrap(t *testing.T, regions ...string) {
	t.Helper()
	args := []string{"bootstrap", "--app", ""}
	for _, r := range regions {
		args = append(args, fmt.Sprintf("aws://%s/%s", account, r))
	}
	s.cdk(t, args...)
}

func (s *server) deploy(t *testing.T, config string, more ...string) string {
	t.Helper()
	args := append([]string{"deploy", "--all", "--require-approval", "never"}, s.app(config)...)
	return s.cdk(t, append(args, more...)...)
}

func TestEmulated(t *testing.T) {
	s := startServer(t)
	s.run(t, os.Environ(), "go", "build", "-buildvcs=false", "-o", ".build/synth", "./bin/synth")
	s.bootstrap(t, "ap-northeast-2", "ap-northeast-1", "us-west-2")
	config := filepath.Join(s.root, "pathproof.yaml")
	plan := planOf(t, config)
	s.deploy(t, config)
	d := readStacks(t, s, plan)
	d.checkStacks(t, "CREATE_COMPLETE")
	for typ, c := range d.readBack(t) {
		t.Logf("%-50s %d %d", typ, c.created, c.read)
	}
	_ = strings.TrimSpace
}
