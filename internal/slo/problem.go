package slo

import (
	"strconv"
	"strings"
)

// ProblemKind says what sort of problem it is, for callers that treat some differently.
type ProblemKind string

// The kinds of problems.
const (
	Syntax        ProblemKind = "syntax"        // not in the language
	Mismatch      ProblemKind = "type"          // compares what cannot be compared
	Senseless     ProblemKind = "senseless"     // always holds, or never can
	UnknownName   ProblemKind = "unknown"       // no such path or phase
	Contradiction ProblemKind = "contradiction" // cannot hold together with another term
	Undersampled  ProblemKind = "undersampled"  // no outcome of so few probes could prove it
)

// Problem is something wrong with an objective.
type Problem struct {
	Kind ProblemKind
	Span
	Source  string // what Span is a place in
	Message string // what is wrong, the value got; what to do
	Also    *Place // the other term of a contradiction
	NeedN   int    // of Undersampled: how many probes it takes; 0 for other kinds
}

// Place is a place in an objective.
type Place struct {
	Source string
	Span
}

// Problems is an error that holds all that is wrong.
type Problems []Problem

// Error prints all problems, each with its place.
func (p Problems) Error() string {
	var parts []string
	for _, problem := range p {
		parts = append(parts, problem.Format("slo"))
	}
	return strings.Join(parts, "\n")
}

// Format prints the problem: where, the message, and under them the objective with the place marked. where is what the
// user calls the objective, such as its key in a file.
func (p Problem) Format(where string) string {
	spans := []Span{p.Span}
	if p.Also != nil && p.Also.Source == p.Source {
		spans = append(spans, p.Also.Span)
	}
	out := where + ": " + p.Message
	if strings.TrimSpace(p.Source) != "" {
		out += "\n" + mark(p.Source, spans)
	}
	if p.Also != nil && p.Also.Source != p.Source {
		out += "\n" + mark(p.Also.Source, []Span{p.Also.Span})
	}
	return out
}

// mark prints a source with carets under spans. It shows about 100 bytes from a little before the first of them; what a
// terminal could take for a command, or show wider than a letter, becomes a question mark.
func mark(source string, spans []Span) string {
	const shown, before = 100, 40
	first := spans[0].Pos
	for _, s := range spans {
		first = min(first, s.Pos)
	}
	from := 0
	if len(source) > shown {
		from = max(0, min(first-before, len(source)-shown))
	}
	to := min(len(source), from+shown)
	line, carets := make([]byte, to-from), []byte(strings.Repeat(" ", to-from+1))
	for i := range line {
		switch c := source[from+i]; {
		case isSpace(c):
			line[i] = ' '
		case c < ' ' || c > '~':
			line[i] = '?'
		default:
			line[i] = c
		}
	}
	for _, s := range spans {
		for i := s.Pos; i < max(s.End, s.Pos+1); i++ {
			if i >= from && i <= to {
				carets[i-from] = '^'
			}
		}
	}
	return "    " + string(line) + "\n    " + strings.TrimRight(string(carets), " ")
}

// quote quotes what a user wrote, shortened.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strconv.QuoteToASCII(s)
}
