// Package problem is how pathproof reports what is wrong with a configuration: a stable code, the place in the
// user's own words, what is wrong, the value got and what to do. Everything that judges input collects problems
// and reports all of them in one run.
package problem

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Severity says what a problem does to a run.
type Severity string

// The severities. Only Error stops a run.
const (
	Error   Severity = "error"   // the network would not deploy or would not work; exit status 2
	Warning Severity = "warning" // it deploys, with a known weakness
	Note    Severity = "note"    // worth knowing, for example a quota to raise
)

// Values lists the severities that a file may set.
func (Severity) Values() []string { return []string{string(Error), string(Warning), string(Note)} }

// Position is a place in the file; lines and columns count from 1. The zero value means "unknown".
type Position struct {
	Line, Column int
}

// Problem is one finding.
type Problem struct {
	Code     Code
	Severity Severity // empty: the code's default
	Path     string   // key path in the user's words, for example networks[seoul/app].cidr
	Message  string   // what is wrong, the value got; what to do
	Pos      Position // filled in by List.Locate when zero
}

// List collects problems.
type List []Problem

// Addf adds one problem of the code's default severity.
func (l *List) Addf(code Code, path, format string, args ...any) {
	*l = append(*l, Problem{Code: code, Severity: code.Severity(), Path: path, Message: fmt.Sprintf(format, args...)})
}

// Has reports whether the list holds a problem of this severity.
func (l List) Has(s Severity) bool {
	return slices.ContainsFunc(l, func(p Problem) bool { return p.Severity == s })
}

// Count returns how many problems have this severity.
func (l List) Count(s Severity) int {
	n := 0
	for _, p := range l {
		if p.Severity == s {
			n++
		}
	}
	return n
}

// Locate fills in missing positions. find returns the place of a key path, or of its nearest existing parent. A problem
// without a path is of the whole file and has no place.
func (l List) Locate(find func(path string) Position) {
	for i := range l {
		if l[i].Pos == (Position{}) && l[i].Path != "" {
			l[i].Pos = find(l[i].Path)
		}
	}
}

// Tune changes severities by code, as the file's checks section asks.
func (l List) Tune(bySeverity map[Code]Severity) {
	for i := range l {
		if s, ok := bySeverity[l[i].Code]; ok {
			l[i].Severity = s
		}
	}
}

// Sort orders problems as a reader meets them: by place in the file, then by code and message.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column),
			strings.Compare(string(a.Code), string(b.Code)), strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
}

// Format writes one problem as file:line:column: severity CODE path: message, and under it the source line with a
// caret when the place is known.
func (p Problem) Format(file string, source []string) string {
	var b strings.Builder
	b.WriteString(file)
	if p.Pos.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Pos.Line, p.Pos.Column)
	}
	fmt.Fprintf(&b, ": %s %s ", p.Severity, p.Code)
	if p.Path != "" {
		fmt.Fprintf(&b, "%s: ", p.Path)
	}
	b.WriteString(p.Message)
	if p.Pos.Line > 0 && p.Pos.Line <= len(source) {
		line, col := clip(source[p.Pos.Line-1], p.Pos.Column)
		fmt.Fprintf(&b, "\n%6d | %s\n       | %s^", p.Pos.Line, line, blank(line, col))
	}
	return b.String()
}

// blank is as wide as what stands before the column: letters that a terminal shows two cells wide, such as Hangul, are
// replaced by the ideographic space.
func blank(line string, column int) string {
	r := []rune(line)
	r = r[:min(max(column-1, 0), len(r))]
	for i, c := range r {
		r[i] = ' '
		if k := width.LookupRune(c).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			r[i] = '\u3000'
		}
	}
	return string(r)
}

// clip keeps a long source line readable: about 100 characters around the caret. Tabs become one space so that the
// caret stays under its place.
func clip(line string, column int) (string, int) {
	const width = 100
	r := []rune(strings.ReplaceAll(strings.TrimRight(line, "\r"), "\t", " "))
	for i, c := range r {
		if !unicode.IsPrint(c) {
			r[i] = '?' // nothing that a terminal obeys, or that turns or hides text, may reach it
		}
	}
	column = min(column, len(r)+1)
	if len(r) <= width {
		return string(r), column
	}
	start := max(0, min(column-width/2, len(r)-width))
	out, shift := string(r[start:min(start+width, len(r))]), start
	if start > 0 {
		out, shift = "... "+out, start-4
	}
	if start+width < len(r) {
		out += " ..."
	}
	return out, column - shift
}
