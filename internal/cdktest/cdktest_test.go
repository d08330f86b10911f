package cdktest

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	got := map[string]any{"A": 1.0, "B": []any{map[string]any{"C": "x", "D": "y"}}, "E": true}
	for name, c := range map[string]struct {
		want map[string]any
		diff string
	}{
		"subset of a map":              {map[string]any{"A": 1}, ""},
		"element by subset":            {map[string]any{"B": []any{map[string]any{"C": "x"}}}, ""},
		"any value":                    {map[string]any{"A": Any}, ""},
		"absent key":                   {map[string]any{"Z": Absent}, ""},
		"fails on another value":       {map[string]any{"A": 2}, ".A: want 2, got 1"},
		"fails on a missing key":       {map[string]any{"Z": Any}, `.Z: want "\u003cany\u003e", got none`},
		"fails on a key to be absent":  {map[string]any{"E": Absent}, ".E: want none, got true"},
		"fails deep inside":            {map[string]any{"B": []any{map[string]any{"C": "q"}}}, `.B[0].C: want "q", got "x"`},
		"fails on the length of lists": {map[string]any{"B": []any{}}, `.B: want [], got [{"C":"x","D":"y"}]`},
		"fails on another kind":        {map[string]any{"A": map[string]any{"X": 1}}, `.A: want {"X":1}, got 1`},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := strings.Join(Match(c.want, got), "\n"); diff != c.diff {
				t.Errorf("differences: got %s, want %s", diff, c.diff)
			}
		})
	}
}

// recorder counts failures instead of failing.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, format)
}

func TestTemplate_HasFailsUnlessExactlyOneMatches(t *testing.T) {
	tpl := &Template{Resources: map[string]Resource{
		"A": {Type: "T", Properties: map[string]any{"P": "1"}},
		"B": {Type: "T", Properties: map[string]any{"P": "1", "Q": "2"}},
	}}
	r := &recorder{TB: t}
	if id := tpl.Has(r, "T", map[string]any{"Q": "2"}); id != "B" || len(r.failures) > 0 {
		t.Errorf("one match: got %q and failures %v", id, r.failures)
	}
	tpl.Has(r, "T", map[string]any{"P": "1"})
	tpl.Has(r, "T", map[string]any{"P": "3"})
	tpl.Has(r, "U", nil)
	tpl.Count(r, "T", 3)
	if len(r.failures) != 4 {
		t.Errorf("%d failures, want 4: %v", len(r.failures), r.failures)
	}
}
