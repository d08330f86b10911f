package pathprooftest

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/pathproof/pathproof/internal/snapshot"
)

// Snapshot fails the test unless the templates in the folder that an app has synthesized to are those in the folder dir,
// which were looked at and committed. Hashes of assets do not count, nor does how a file is formatted. The failure shows each
// resource that differs, by type and logical id, property by property, and whether CloudFormation would replace it because of
// that. Stacks that are not in one of both fail as well.
//
// With names of stacks only these are compared, and others in dir are left alone. Each app has a folder of its own.
//
// To rewrite the snapshots see the package's documentation; that happens when the test ends, and not if it has failed.
func Snapshot(t testing.TB, assembly, dir string, stacks ...string) {
	t.Helper()
	c := open(t, assembly, dir)
	if c == nil {
		return
	}
	labels, err := c.now.Pick(stacks)
	if err != nil {
		t.Fatalf("%v", err)
		return
	}
	if c.update {
		c.rewrite(t, labels, len(stacks) == 0)
		return
	}
	for _, l := range labels {
		c.compare(t, l)
	}
	for _, l := range c.old.Labels() {
		if len(stacks) == 0 && c.now.Templates[l] == nil {
			t.Errorf("the app does not have stack %s of %s any more; if that is right, delete the file or run %s", l, snapshot.File(dir, l), howToUpdate(t.Name()))
		}
	}
}

// KeepsProtected fails the test if deploying the templates that an app has synthesized, over a network that was deployed from
// the snapshots in the folder dir, would replace or delete something that others hold on to: a VPC, transit gateway, VPN
// connection, Elastic IP, accelerator, key, hosted zone, bucket or secret, or whatever the templates retain. The failure names
// each resource, the property that replaces it, and its old and new value. Stacks may refer to each other; replacements are
// followed through exports.
//
// allow names what may go, as STACK/LOGICALID, or STACK for all of a stack. Take it out again once that is deployed: an entry
// that allows nothing is logged.
//
// Which changes replace is taken from CloudFormation's resource schemas. What was changed by hand in an account is not known
// here; `pathproof diff` and change sets compare with what is deployed.
func KeepsProtected(t testing.TB, assembly, dir string, allow ...string) {
	t.Helper()
	c := open(t, assembly, dir)
	if c == nil {
		return
	}
	if len(c.old) == 0 && !c.update {
		t.Errorf("no snapshots in %s to compare with; write them with Snapshot, by %s", dir, howToUpdate(t.Name()))
		return
	}
	used := map[string]bool{}
	for _, l := range c.comparison.Losses() {
		i := slices.IndexFunc(allow, func(a string) bool { return a == l.ID.String() || a == l.ID.Stack })
		if i < 0 {
			t.Errorf("%s; %s, or allow it: KeepsProtected(..., %q)", l.What, l.Do, l.ID)
			continue
		}
		used[allow[i]] = true
	}
	for _, a := range allow {
		if !used[a] {
			t.Logf("nothing is lost that %q would allow; take it out", a)
		}
	}
}

// opened is an assembly beside snapshots.
type opened struct {
	dir        string
	now        *snapshot.Assembly
	old        snapshot.Set
	comparison *snapshot.Comparison
	update     bool
}

// open reads an assembly and snapshots, and compares them. It returns nil when it has failed the test.
func open(t testing.TB, assembly, dir string) *opened {
	t.Helper()
	c := &opened{dir: dir}
	var err error
	if c.update, err = updating(); err == nil {
		c.now, err = snapshot.ReadAssembly(assembly)
	}
	if err == nil {
		c.old, err = snapshot.Read(dir)
	}
	if err == nil {
		c.comparison, err = snapshot.Compare(c.old, c.now)
	}
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	return c
}

func (c *opened) compare(t testing.TB, label string) {
	t.Helper()
	file := snapshot.File(c.dir, label)
	switch {
	case c.old[label] == nil:
		t.Errorf("no snapshot of stack %s; write %s with %s, and look at it", label, file, howToUpdate(t.Name()))
	case !c.comparison.Equal(label):
		t.Errorf("stack %s differs from %s:\n%s\nif that is right, rewrite it with %s", label, file, c.comparison.Report(label), howToUpdate(t.Name()))
	}
}

// rewrite has the snapshots written when the test ends. The folder of the assembly may be gone by then, what was read is not.
func (c *opened) rewrite(t testing.TB, labels []string, prune bool) {
	dir, err := filepath.Abs(c.dir) // the test may change its folder
	if err != nil {
		t.Fatalf("%v", err)
		return
	}
	t.Cleanup(func() {
		t.Helper()
		if t.Failed() {
			t.Logf("%s is not rewritten, because the test has failed", c.dir)
			return
		}
		if err := c.now.Templates.Write(dir, labels, prune); err != nil {
			t.Errorf("%v", err)
		}
	})
}
