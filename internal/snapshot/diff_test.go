package snapshot

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDifferences(t *testing.T) {
	long := strings.Repeat("가", 500)
	for name, c := range map[string]struct {
		old, now any
		want     []string
	}{
		"equal":                    {map[string]any{"a": []any{"b"}}, map[string]any{"a": []any{"b"}}, nil},
		"added and removed keys":   {map[string]any{"a": "1", "c": "3"}, map[string]any{"b": "2", "c": "3"}, []string{`p.a: "1" -> none`, `p.b: none -> "2"`}},
		"an element of a list":     {[]any{"a", "b"}, []any{"a", "c"}, []string{`p[1]: "b" -> "c"`}},
		"an element in between":    {[]any{"a", "c"}, []any{"a", "b", "c"}, []string{`p: none -> "b"`}},
		"one of two equal ones":    {[]any{"a", "a"}, []any{"a"}, []string{`p: "a" -> none`}},
		"a shorter, another one":   {[]any{"a", "b"}, []any{"c"}, []string{`p: "a" -> none`, `p: "b" -> none`, `p: none -> "c"`}},
		"only the order":           {[]any{"a", "b"}, []any{"b", "a"}, []string{`p[0]: "a" -> "b"`, `p[1]: "b" -> "a"`}},
		"another kind":             {"a", map[string]any{"Ref": "A"}, []string{`p: "a" -> {"Ref":"A"}`}},
		"text for people":          {"<a>", "b & c", []string{`p: "<a>" -> "b & c"`}},
		"a long value":             {long + "1", long + "2", []string{"p: ..." + strings.Repeat("가", 40) + `1" -> ...` + strings.Repeat("가", 40) + `2"`}},
		"a long value that is new": {map[string]any{}, map[string]any{"a": long}, []string{`p.a: none -> "` + strings.Repeat("가", 199) + "..."}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, differences("p", c.old, c.now)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
