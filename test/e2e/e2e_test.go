package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
)

// account's Regions: those of the reference network.
var regions = []string{"ap-northeast-1", "ap-northeast-2", "us-west-2"}

// TestEmulated takes networks through their lives. One server serves all; each network leaves it as it was, except for
// what is retained. The reference network comes and goes in both orders that its templates leave open.
func TestEmulated(t *testing.T) {
	s := startServer(t)
	s.run(t, os.Environ(), "go", "build", "-buildvcs=false", "-o", ".build/synth", "./bin/synth")
	s.bootstrap(t)
	r := &report{}
	t.Run("reference", func(t *testing.T) { growing(t, s, r) })
	t.Run("backwards", func(t *testing.T) {
		s.reverse(t)
		config := renamed(t, s, referenceNetwork(t, s), "backwards") // what the other one retained has its names
		l := &life{s: s, before: s.inventoryOf(t, regions...), report: r}
		l.deploy(t, config)
		l.destroy(t)
	})
	t.Run("adopted", func(t *testing.T) { adopted(t, s, r) })
	for _, name := range []string{"mesh", "two-sites"} {
		t.Run(name, func(t *testing.T) {
			entire(t, s, r, filepath.Join(s.root, "internal", "check", "testdata", "good", name+".yaml"))
		})
	}
	if !t.Failed() {
		r.print(t, s)
	}
}

// growing is the life of the reference network: deploy, deploy again, change, destroy.
func growing(t *testing.T, s *server, r *report) {
	config := referenceNetwork(t, s)
	before := s.inventoryOf(t, regions...)
	l := &life{s: s, before: before, report: r}
	l.deploy(t, config)
	l.again(t, config)
	l.change(t, changed(t, s, config))
	l.destroy(t)
}

// entire is the life of a network without a change.
func entire(t *testing.T, s *server, r *report, config string) {
	l := &life{s: s, before: s.inventoryOf(t, regions...), report: r}
	l.deploy(t, config)
	l.again(t, config)
	l.destroy(t)
}

// life is a network in the account.
type life struct {
	s      *server
	before inventory
	report *report
	config string
	now    *deployed
}

func planOf(t *testing.T, file string) *topology.Plan {
	t.Helper()
	r := check.File(file)
	if !r.OK() {
		t.Fatalf("%s: %v", file, r.Problems)
	}
	return r.Plan
}

func (s *server) bootstrap(t *testing.T) {
	t.Helper()
	args := []string{"bootstrap", "--app", ""}
	for _, r := range regions {
		args = append(args, fmt.Sprintf("aws://%s/%s", account, r))
	}
	s.cdk(t, args...)
}

func (l *life) cdkDeploy(t *testing.T, config string, more ...string) string {
	t.Helper()
	args := append([]string{"deploy", "--all", "--require-approval", "never", "--progress", "events"}, l.s.app(config)...)
	return l.s.cdk(t, append(args, more...)...)
}

// deploy deploys a network that was not there, and reads it back.
func (l *life) deploy(t *testing.T, config string) {
	t.Helper()
	l.cdkDeploy(t, config)
	l.config, l.now = config, readStacks(t, l.s, planOf(t, config))
	l.look(t, "CREATE_COMPLETE")
}

// look compares everything with the plan, and asserts that nothing else was made.
func (l *life) look(t *testing.T, status ...string) {
	t.Helper()
	l.now.checkStacks(t, status...)
	l.report.add(l.now.readBack(t))
	known := slices.Collect(maps.Values(l.now.ids()))
	for name := range l.now.stacks {
		known = append(known, name)
	}
	for _, item := range l.s.inventoryOf(t, regions...).beyond(l.before, known...) {
		t.Errorf("%s is there and is no resource of any stack", item)
	}
}

// again deploys what is deployed, once as it is, and once past the CLI's own comparison: neither may change anything.
func (l *life) again(t *testing.T, config string) {
	t.Helper()
	for _, more := range [][]string{nil, {"--force"}} {
		out := l.cdkDeploy(t, config, more...)
		if got := strings.Count(out, "(no changes)"); got != len(l.now.plan.Stacks) {
			t.Errorf("deploy %v again: %d of %d stacks without changes\n%s", more, got, len(l.now.plan.Stacks), out)
		}
		l.unchanged(t, l.now.plan.Stacks)
	}
}

// unchanged asserts that CloudFormation did nothing to stacks since they were read.
func (l *life) unchanged(t *testing.T, stacks []*topology.Stack) {
	t.Helper()
	for _, planned := range stacks {
		was, is := l.now.stacks[planned.Name], readStack(t, l.s, planned.Place.Region, planned.Name)
		if is.updated != was.updated || is.events != was.events || is.status != was.status || !maps.Equal(is.resources, was.resources) {
			t.Errorf("%s changed: updated %q -> %q, %d -> %d events, status %s -> %s", is.name, was.updated, is.updated, was.events, is.events, was.status, is.status)
		}
	}
}

// retained are the ids of what stays when its stack goes: what the plan retains, and helpers that their template retains.
func (d *deployed) retained() []string {
	var ids []string
	for _, planned := range d.plan.Stacks {
		st := d.stacks[planned.Name]
		for logical, r := range st.resources {
			i := slices.IndexFunc(planned.Resources, func(p *topology.Resource) bool { return p.LogicalID == logical })
			if i >= 0 && planned.Resources[i].Retained || i < 0 && strings.HasPrefix(st.template.Resources[logical].DeletionPolicy, "Retain") {
				ids = append(ids, r.id)
			}
		}
	}
	return ids
}

// destroy deletes the network, and asserts that only what is retained stays.
func (l *life) destroy(t *testing.T) {
	t.Helper()
	retained := l.now.retained()
	l.s.cdk(t, append([]string{"destroy", "--all", "--force"}, l.s.app(l.config)...)...)
	after := l.s.inventoryOf(t, regions...)
	for _, item := range after.beyond(l.before, retained...) {
		t.Errorf("%s is left after destroy", item)
	}
	if got := len(after.beyond(l.before)); got != len(retained) {
		t.Errorf("%d things are left after destroy, want the %d that are retained: %v", got, len(retained), after.beyond(l.before))
	}
	for item := range l.before {
		if !after[item] {
			t.Errorf("%s was there before, and is gone", item)
		}
	}
	l.report.retained += len(retained)
}
