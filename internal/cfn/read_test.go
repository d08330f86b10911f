package cfn

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// snapshots are the reference network's templates, as Read wants them.
func snapshots(t testing.TB) map[string]Source {
	t.Helper()
	files, err := filepath.Glob("../../test/testdata/snapshots/reference/*.template.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no snapshots: %v", err)
	}
	sources := map[string]Source{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".template.json")
		region := regexp.MustCompile(`[a-z]+-[a-z]+-[0-9]$`).FindString(name)
		if region == "" { // a peering, which is in its requester's Region
			region = map[string]string{"reference-peer-seoul-tokyo": "ap-northeast-1", "reference-peer-web-edge": "ap-northeast-2"}[name]
		}
		sources[name] = Source{Region: region, Template: b}
	}
	return sources
}

// TestRead_ReferenceNetwork asserts that everything in the snapshots is understood: every type is known and every value
// that passes between stacks is traced to its producer.
func TestRead_ReferenceNetwork(t *testing.T) {
	stacks, err := Read(snapshots(t))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, s := range stacks {
		for _, r := range s.Resources {
			ids[s.Name+"/"+r.LogicalID] = true
		}
	}
	strong, weak := 0, 0
	for _, s := range stacks {
		for _, r := range s.Resources {
			if !Known(r.Type) {
				t.Errorf("%s/%s: %s is not known", s.Name, r.LogicalID, r.Type)
			}
			for p, v := range r.Properties {
				if strings.Contains(v, "{?") {
					t.Errorf("%s/%s: %s is not resolved: %s", s.Name, r.LogicalID, p, v)
				}
			}
			for _, u := range r.Uses {
				if !ids[u.producer().ID().String()] || u.producer().stack == s.Name {
					t.Errorf("%s/%s uses %+v, which is not a resource of another stack", s.Name, r.LogicalID, u)
				}
				if u.Strong {
					strong++
				} else {
					weak++
				}
			}
		}
	}
	if strong == 0 || weak == 0 {
		t.Errorf("%d strong and %d weak uses: the test looks at the wrong place", strong, weak)
	}
	var names []string
	for _, s := range stacks {
		names = append(names, s.Name)
	}
	for i, name := range names {
		if strings.Contains(name, "-peer-") && slicesIndexPrefix(names, "reference-routes") < i {
			t.Errorf("routes come before the peering they read: %v", names)
		}
	}
	if c := Compare(stacks, stacks); len(c.Resources)+len(c.Moves)+len(c.Collisions)+len(c.Broken)+len(c.Orphans) != 0 {
		t.Errorf("compared with itself: %+v", c)
	}
}

func slicesIndexPrefix(list []string, prefix string) int {
	for i, s := range list {
		if strings.HasPrefix(s, prefix) {
			return i
		}
	}
	return len(list)
}
