// Package check is the one way from a file to a plan: load, resolve, judge. The CLI and the CDK app share it, so that
// what check accepts is what is synthesized.
package check

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// Result is a judged configuration.
type Result struct {
	File     string
	Plan     *topology.Plan // nil when the file could not be read
	Problems problem.List   // in the order of the file
	lines    []string
	doc      *config.Document
}

// File loads and judges a configuration file.
func File(path string) *Result {
	doc, found := config.Load(path)
	return judge(path, doc, found)
}

// Data judges a configuration held in memory; name stands in messages.
func Data(name string, data []byte) *Result {
	doc, found := config.Parse(name, data)
	return judge(name, doc, found)
}

func judge(name string, doc *config.Document, found problem.List) *Result {
	r := &Result{File: name, Problems: found, lines: doc.Lines, doc: doc}
	if doc.File == nil {
		return r // a value that cannot be read would be reported again by every rule that needs it
	}
	var judged problem.List
	r.Plan, judged = topology.Build(doc.File)
	r.Problems = append(r.Problems, judged...)
	r.Problems.Locate(doc.Position)
	r.Problems.Sort()
	return r
}

// Append adds problems that are found later, such as those of the change from what is deployed.
func (r *Result) Append(found problem.List) {
	if r.doc.File != nil {
		found.Tune(r.doc.File.Checks)
	}
	r.Problems = append(r.Problems, found...)
	r.Problems.Locate(r.doc.Position)
	r.Problems.Sort()
}

// OK reports whether the network may be synthesized: it has no problem of severity error.
func (r *Result) OK() bool { return r.Plan != nil && !r.Problems.Has(problem.Error) }

// Print writes every problem with its place, then a line that counts them.
func (r *Result) Print(w io.Writer) error {
	var b strings.Builder
	for _, p := range r.Problems {
		b.WriteString(p.Format(r.File, r.lines) + "\n")
	}
	if len(r.Problems) > 0 {
		fmt.Fprintf(&b, "%s: %s\n", r.File, r.Counts())
	}
	if r.Plan == nil && len(r.lines) > 0 {
		b.WriteString("the network itself is checked once the file can be read completely\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Counts says how many problems there are of each severity.
func (r *Result) Counts() string {
	var parts []string
	for _, s := range []problem.Severity{problem.Error, problem.Warning, problem.Note} {
		n := r.Problems.Count(s)
		word := string(s)
		if n != 1 {
			word += "s"
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, word))
	}
	return strings.Join(parts, ", ")
}

// Verdict says in a line what is proven.
func (r *Result) Verdict() string {
	var reachable, unreachable, unproven int
	for _, p := range r.Plan.Paths {
		switch {
		case !p.Proven:
			unproven++
		case p.Expect == config.Unreachable:
			unreachable++
		default:
			reachable++
		}
	}
	verdict := fmt.Sprintf("%d of %d paths proven reachable both ways, %d proven unreachable", reachable, len(r.Plan.Paths), unreachable)
	if unproven > 0 {
		verdict += fmt.Sprintf(", %d NOT proven", unproven)
	}
	return verdict
}

// JSON writes the problems for machines.
func (r *Result) JSON(w io.Writer) error {
	type item struct {
		Code     problem.Code     `json:"code"`
		Severity problem.Severity `json:"severity"`
		File     string           `json:"file"`
		Line     int              `json:"line,omitempty"`
		Column   int              `json:"column,omitempty"`
		Path     string           `json:"path,omitempty"`
		Message  string           `json:"message"`
	}
	out := struct {
		OK       bool   `json:"ok"`
		Problems []item `json:"problems"`
	}{OK: r.OK(), Problems: []item{}}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, item{p.Code, p.Severity, r.File, p.Pos.Line, p.Pos.Column, p.Path, p.Message})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
