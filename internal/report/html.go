package report

import (
	"io"

	"github.com/pathproof/pathproof/internal/probe"
)

func writeHTML(w io.Writer, r *probe.Result) error { return nil }
