package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/pathproof/pathproof/internal/probe"
)

// Read reads a result that was written as JSON. It checks the schema's name and the bounds of samples, and ignores fields
// that it does not know.
func Read(data []byte) (*probe.Result, error) {
	var r probe.Result
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("no probe result: %w", err)
	}
	if r.Schema != probe.Schema {
		return nil, fmt.Errorf("no probe result: schema is %q; want %q, as --output json writes it", r.Schema, probe.Schema)
	}
	if _, err := slotsOf(&r); err != nil {
		return nil, err
	}
	return &r, nil
}

// WithoutSamples returns a copy that leaves the samples out.
func WithoutSamples(r *probe.Result) *probe.Result {
	out := *r
	out.Paths = append([]probe.PathResult(nil), r.Paths...)
	for i := range out.Paths {
		out.Paths[i].Samples = nil
	}
	return &out
}

// writeJSON indents a document without samples; with samples it is for programs, in one line.
func writeJSON(w io.Writer, r *probe.Result) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if !slices.ContainsFunc(r.Paths, func(p probe.PathResult) bool { return len(p.Samples) > 0 }) {
		e.SetIndent("", "  ")
	}
	return e.Encode(r)
}
