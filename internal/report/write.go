package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
)

// Format is a way to write a result.
type Format string

// The formats.
const (
	Table    Format = "table"    // for people at a terminal
	JSON     Format = "json"     // the document that Read reads
	NDJSON   Format = "ndjson"   // one JSON object a line: the run, every sample, every path, comparison and objective, the verdict
	CSV      Format = "csv"      // one line for each sample
	JUnit    Format = "junit"    // for CI systems: a test case for each path and objective
	Markdown Format = "markdown" // for pull requests and job summaries
	HTML     Format = "html"     // one self-contained page with plots
)

var writers = map[Format]func(io.Writer, *probe.Result) error{
	Table: writeTable, JSON: writeJSON, NDJSON: writeNDJSON, CSV: writeCSV, JUnit: writeJUnit, Markdown: writeMarkdown, HTML: writeHTML,
}

// Formats lists the formats.
func Formats() []Format { return []Format{Table, JSON, NDJSON, CSV, JUnit, Markdown, HTML} }

var extensions = map[string]Format{
	".txt": Table, ".json": JSON, ".ndjson": NDJSON, ".jsonl": NDJSON, ".csv": CSV, ".xml": JUnit, ".md": Markdown, ".html": HTML, ".htm": HTML,
}

// FormatOf is the format that a file's name stands for; false if it stands for none.
func FormatOf(name string) (Format, bool) {
	f, ok := extensions[strings.ToLower(extension(name))]
	return f, ok
}

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

// Write writes a judged result.
func Write(w io.Writer, f Format, r *probe.Result) error {
	write, ok := writers[f]
	if !ok {
		return fmt.Errorf("output: unknown format, got %q; use %s", f, oneOf(Formats()))
	}
	return write(w, r)
}

func oneOf(formats []Format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// phases lists the phases that a path has aggregates of, in order.
func phases(p *probe.PathResult) []probe.Phase {
	return slices.DeleteFunc(probe.AllPhases(), func(phase probe.Phase) bool {
		_, ok := p.Phases[phase]
		return !ok
	})
}

// main returns the aggregates that stand for a path; false if there are none.
func mainOf(p *probe.PathResult) (probe.Phase, probe.PhaseStats, bool) {
	phase := MainPhase(p.Kind)
	s, ok := p.Phases[phase]
	return phase, s, ok
}

// printer keeps the first error of many writes.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) f(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
