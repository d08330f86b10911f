package problem

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// digits is a line of n characters; each is the last digit of its own column.
func digits(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte("0123456789"[(i+1)%10])
	}
	return b.String()
}

func TestProblem_Format(t *testing.T) {
	long := digits(150)
	for _, tt := range []struct {
		name   string
		source string
		column int
		want   string // from the source line on
	}{
		{"first column", "abc", 1, "     1 | abc\n       | ^"},
		{"a column counts characters, the caret stands under wide ones too", `Owner: "한국", Env: prod`, 14, `     1 | Owner: "한국", Env: prod` + "\n       |         \u3000\u3000   ^"},
		{"the line's end", "abc", 4, "     1 | abc\n       |    ^"},
		{"beyond the line's end", "abc", 40, "     1 | abc\n       |    ^"},
		{"an empty line", "", 1, "     1 | \n       | ^"},
		{"a tab is one column", "\ta:\tb", 5, "     1 |  a: b\n       |     ^"},
		{"a carriage return at the end goes", "abc\r", 3, "     1 | abc\n       |   ^"},
		{"control characters do not reach the terminal", "a\x1b[31mb\x00\x7fc\u009b1m", 7, "     1 | a?[31mb??c?1m\n       |       ^"},
		{"characters that turn or hide text do not either", "a\u202eb\u200bc\ufeffd", 7, "     1 | a?b?c?d\n       |       ^"},
		{"exactly as long as fits", digits(100), 100, "     1 | " + digits(100) + "\n       | " + strings.Repeat(" ", 99) + "^"},
		{"long, at the start", long, 3, "     1 | " + long[:100] + " ...\n       |   ^"},
		{"long, at the last column before the window moves", long, 50, "     1 | " + long[:100] + " ...\n       | " + strings.Repeat(" ", 49) + "^"},
		{"long, in the middle", long, 75, "     1 | ... " + long[25:125] + " ...\n       |     " + strings.Repeat(" ", 49) + "^"},
		{"long, at the end", long, 150, "     1 | ... " + long[50:] + "\n       |     " + strings.Repeat(" ", 99) + "^"},
		{"long, beyond the end", long, 200, "     1 | ... " + long[50:] + "\n       |     " + strings.Repeat(" ", 100) + "^"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Problem{Code: Overlap, Severity: Error, Path: "networks[a/b].cidr", Message: "overlaps", Pos: Position{1, tt.column}}
			_, got, _ := strings.Cut(p.Format("net.yaml", []string{tt.source}), "\n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// However long the line and wherever the column, the caret stands under the character of that column.
func TestProblem_FormatCaretIsUnderItsCharacter(t *testing.T) {
	for _, length := range []int{1, 49, 50, 51, 99, 100, 101, 103, 150, 151, 400} {
		for column := 1; column <= length; column++ {
			line := strings.Repeat("-", column-1) + "X" + strings.Repeat("-", length-column)
			p := Problem{Code: Overlap, Severity: Error, Pos: Position{1, column}}
			rows := strings.Split(p.Format("f", []string{line}), "\n")
			if x, caret := strings.IndexByte(rows[1], 'X'), strings.IndexByte(rows[2], '^'); x < 0 || x != caret {
				t.Fatalf("length %d, column %d: the character is at %d and the caret at %d\n%s\n%s", length, column, x, caret, rows[1], rows[2])
			}
			if n := len(rows[1]); n > len("     1 | ... ")+100+len(" ...") {
				t.Fatalf("length %d, column %d: the line has %d characters", length, column, n)
			}
		}
	}
}

func TestProblem_FormatHead(t *testing.T) {
	source := []string{"one", "two"}
	for _, tt := range []struct {
		name string
		p    Problem
		want string
	}{
		{"with everything", Problem{Overlap, Warning, "networks[a/b].cidr", "overlaps", Position{2, 2}},
			"net.yaml:2:2: warning NET201 networks[a/b].cidr: overlaps\n     2 | two\n       |  ^"},
		{"without a path", Problem{BadYAML, Error, "", "not valid YAML", Position{1, 1}}, "net.yaml:1:1: error NET001 not valid YAML\n     1 | one\n       | ^"},
		{"without a place", Problem{BadYAML, Error, "", "not readable", Position{}}, "net.yaml: error NET001 not readable"},
		{"beyond the source", Problem{Overlap, Note, "a", "b", Position{3, 1}}, "net.yaml:3:1: note NET201 a: b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.p.Format("net.yaml", source)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
