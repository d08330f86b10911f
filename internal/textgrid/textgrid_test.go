package textgrid_test

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/textgrid"
)

func TestWrite(t *testing.T) {
	for name, test := range map[string]struct {
		grid [][]string
		want string
	}{
		"nothing":                    {nil, ""},
		"letters are counted":        {[][]string{{"µs", "x", "1"}, {"a", "→→→", "2"}}, "µs  x    1\na   →→→  2\n"},
		"no spaces at the end":       {[][]string{{"a", ""}, {"b", "long"}}, "a\nb  long\n"},
		"the last cell may run on":   {[][]string{{"a note of a whole line"}, {"b", "1"}}, "a note of a whole line\nb  1\n"},
		"a row may have more cells":  {[][]string{{"a"}, {"b", "1", "2"}}, "a\nb  1  2\n"},
		"one that is longer widens":  {[][]string{{"a", "1"}, {"abc", "2"}}, "a    1\nabc  2\n"},
		"the last one widens nobody": {[][]string{{"a", "longest"}, {"b", "1", "2"}}, "a  longest\nb  1  2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			textgrid.Write(&b, test.grid)
			if b.String() != test.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), test.want)
			}
		})
	}
}
