package published

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
)

func TestWriteAnalysis(t *testing.T) {
	var b bytes.Buffer
	if err := WriteAnalysis(&b); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, filepath.Join("testdata", "analysis.txt"), b.String())
	for line := range strings.Lines(b.String()) {
		if len(line) > 123 || strings.HasSuffix(line, " \n") {
			t.Errorf("%d columns: %q", len(line)-1, line)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWriteAnalysis_ReportsErrors(t *testing.T) {
	if err := WriteAnalysis(full{}); err == nil {
		t.Error("a writer that fails does not fail the analysis")
	}
}
