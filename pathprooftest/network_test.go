package pathprooftest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/pathprooftest"
)

const (
	reference = "../pathproof.yaml"
	bad       = "../internal/check/testdata/bad/"
)

func TestNetwork_Holds(t *testing.T) {
	n := pathprooftest.Load(t, reference)
	n.Reachable("idc")
	n.Reachable("peering")
	n.Unreachable("isolated")
	n.Follows("idc", "transitGateway/seoul", "site/idc")
	n.Follows("idc", "seoul/app", "site/idc")
	n.Follows("peering", "peering/seoul-tokyo")
}

func TestNetwork_Fails(t *testing.T) {
	n := func(t testing.TB) *pathprooftest.Network { return pathprooftest.Load(t, reference) }
	for name, c := range map[string]struct {
		test func(testing.TB)
		want string
	}{
		"a path that is not declared": {func(t testing.TB) { n(t).Reachable("icd") },
			`error: ../pathproof.yaml: no such path, got "icd"; did you mean idc? 21 are declared`},
		"a path that must not lead there": {func(t testing.TB) { n(t).Reachable("isolated") },
			"error: ../pathproof.yaml: path isolated is declared to be unreachable, want reachable; change its expect, or the test"},
		"a path that must lead there": {func(t testing.TB) { n(t).Unreachable("idc") },
			"error: ../pathproof.yaml: path idc is declared to be reachable, want unreachable; change its expect, or the test"},
		"another way": {func(t testing.TB) { n(t).Follows("idc", "peering/seoul-tokyo", "site/idc") },
			"error: ../pathproof.yaml: path idc does not cross peering/seoul-tokyo > site/idc in this order; it goes seoul/app > transitGateway/seoul > site/idc"},
		"another order": {func(t testing.TB) { n(t).Follows("idc", "site/idc", "transitGateway/seoul") },
			"error: ../pathproof.yaml: path idc does not cross site/idc > transitGateway/seoul in this order; it goes seoul/app > transitGateway/seoul > site/idc"},
		"the way of a path that leads nowhere": {func(t testing.TB) { n(t).Follows("isolated", "seoul/app") },
			"error: ../pathproof.yaml: path isolated leads nowhere: oregon/service public/usw2-az1 sends 172.16.0.10/32 to its Internet gateway, which does not lead to private addresses"},
	} {
		t.Run(name, func(t *testing.T) { want(t, said(t, c.test), c.want) })
	}
}

// What check refuses, Load refuses in check's own words, and nothing after it adds to that.
func TestLoad_FailsWithTheReport(t *testing.T) {
	t.Chdir(bad)
	text, err := os.ReadFile("net701-no-route.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := said(t, func(t testing.TB) { pathprooftest.Load(t, "net701-no-route.yaml") })
	want(t, got, "fatal: "+strings.TrimSuffix(string(text), "\n"))
	got = said(t, func(t testing.TB) { pathprooftest.Load(t, "nowhere.yaml").Follows("p", "site/idc") })
	want(t, got, `fatal: nowhere.yaml: error NET001 not readable, got "no such file or directory"; check the name and the permissions of the file`+"\nnowhere.yaml: 1 error, 0 warnings, 0 notes")
}

// A file may make an unproven path less than an error; a test that asserts it still fails.
func TestNetwork_FailsWhenAPathIsNotProven(t *testing.T) {
	text, err := os.ReadFile(bad + "net701-no-route.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tuned.yaml", append(text, "checks: {NET701: warning, NET704: warning}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	got := said(t, func(t testing.TB) {
		n := pathprooftest.Load(t, "tuned.yaml")
		n.Reachable("there")
		n.Follows("there", "seoul/app")
	})
	if len(got) != 3 || !strings.HasPrefix(got[0], "log: tuned.yaml:") {
		t.Fatalf("got %q", got)
	}
	message := "error: path there is not proven to be reachable:\n" + strings.TrimPrefix(got[0], "log: ")
	want(t, got[1:], message, message)
}

// Paths of the report are those that the user gave.
func TestLoad_NamesTheFileAsGiven(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "none.yaml")
	got := said(t, func(t testing.TB) { pathprooftest.Load(t, file) })
	if len(got) != 1 || !strings.HasPrefix(got[0], "fatal: "+file+": error NET001 ") {
		t.Errorf("got %q", got)
	}
}
