package config

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pathproof/pathproof/internal/problem"
)

// Bounds of a file. They keep reading at about a second whatever the file holds; a network of a hundred VPCs stays below a
// tenth of each.
const (
	maxBytes    = 1 << 20
	maxKeys     = 10_000 // the YAML parser needs time in the square of them
	maxKeyBytes = 128    // the longest tag key that AWS takes
	maxBlank    = 100    // blank lines in a row: the YAML scanner needs time in the square of them
	maxEmpty    = 100    // keys and dashes without a value
	maxFlow     = 20     // nested [ and {
	maxColumn   = 80     // of a key or a dash, which bounds nesting by indentation
	maxValues   = 50_000 // aliases included
	maxProblems = 500
)

// clean checks that data is text and returns it with plain line ends and without a byte order mark.
func clean(data []byte) (string, problem.List) {
	var list problem.List
	if len(data) > maxBytes {
		list.Addf(problem.BadYAML, "", "file too large, got more than %d KiB; check that it is the right file", maxBytes>>10)
		return "", list
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	at, blank := problem.Position{Line: 1, Column: 1}, 0
	for i, r := range text {
		what := unfit(r, text[i:])
		if blank > maxBlank {
			what = fmt.Sprintf("too many blank lines, got more than %d in a row; remove them", maxBlank)
		}
		if what != "" {
			return "", problem.List{{Code: problem.BadYAML, Severity: problem.Error, Pos: at, Message: what}}
		}
		at.Column++
		switch r {
		case '\n':
			at, blank = problem.Position{Line: at.Line + 1, Column: 1}, blank+1
		case ' ', '\t':
		default:
			blank = 0
		}
	}
	return text, nil
}

// unfit says what is wrong with the rune at the start of rest, or "" if it may stand in a file.
func unfit(r rune, rest string) string {
	switch {
	case r == utf8.RuneError && !strings.HasPrefix(rest, "\uFFFD"):
		return fmt.Sprintf("not UTF-8 text, got byte 0x%02x; save the file as plain UTF-8 text", rest[0])
	case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, r == '\uFEFF':
		return fmt.Sprintf("control character, got %U; save the file as plain UTF-8 text", r)
	}
	return ""
}

// quote returns a value for a message: at most 80 characters, in quotes, nothing that a terminal would obey.
func quote[T ~string | ~[]byte](v T) string { return fmt.Sprintf("%q", clip(string(v))) }

// clip cuts a value to what a message can hold.
func clip(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-3]) + "..."
}

// segment returns a map key as it stands in a key path: as written if that is short and printable, else quoted.
func segment(key string) string {
	if q := quote(key); q != `"`+key+`"` || key == "" {
		return q
	}
	return key
}
