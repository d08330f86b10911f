package diagram

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/topology"
)

func TestChoose(t *testing.T) {
	few := &topology.Plan{Paths: []*topology.Path{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	many := &topology.Plan{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
		many.Paths = append(many.Paths, &topology.Path{Name: name})
	}
	type result struct {
		Names string
		Draw  bool
		Error string
	}
	for _, tt := range []struct {
		name, paths string
		plan        *topology.Plan
		want        result
	}{
		{"few are drawn", "", few, result{"abc", true, ""}},
		{"many are listed", "", many, result{"abcdefghi", false, ""}},
		{"all are drawn", "all", many, result{"abcdefghi", true, ""}},
		{"none", "none", few, result{}},
		{"by name, in the plan's order", "c,a,c", few, result{"ac", true, ""}},
		{"unknown", "a,x", few, result{"", false, `no such path, got "x"; use one of: a, b, c, or all, or none`}},
		{"an empty name", "a,", few, result{"", false, `no such path, got ""; use one of: a, b, c, or all, or none`}},
		{"no paths at all", "a", &topology.Plan{}, result{"", false, `no such path, got "a"; declare it, or all, or none`}},
	} {
		o, err := Choose(tt.plan, tt.paths)
		got := result{Draw: o.Draw}
		for _, p := range o.Paths {
			got.Names += p.Name
		}
		if err != nil {
			got.Error = err.Error()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}
