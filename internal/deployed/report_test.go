package deployed

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/golden"
)

// TestRead_Reports holds what people read; docs/ERRORS.md shows it.
func TestRead_Reports(t *testing.T) {
	text, err := os.ReadFile("../../pathproof.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*testing.T, *world){
		"update-rollback-failed": func(_ *testing.T, w *world) {
			s := w.at(seoul).byName["reference-network-ap-northeast-2-app"]
			s.status, s.reason = "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [NetworkappF0C4E1E5]. "
		},
		"stopped-half-way": func(t *testing.T, w *world) {
			w.store(t, oregon, planOf(t, "../../pathproof.yaml"), "before", noon.Add(-time.Hour))
		},
		// The producer was replaced, and with it the name of its output; its readers were not deployed since.
		"value-out-of-date": func(_ *testing.T, w *world) {
			templates := w.at(tokyo).templates
			templates["reference-peer-seoul-tokyo"] = bytes.Replace(templates["reference-peer-seoul-tokyo"], []byte(`"Peering6e40072e"`), []byte(`"Peering01234567"`), 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := reference(t)
			change(t, w)
			r := check.Data(name+".yaml", text)
			r.Append(mustRead(t, w, r.Plan, Options{}).Problems)
			var out strings.Builder
			if err := r.Print(&out); err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, filepath.Join("testdata", name+".txt"), out.String())
		})
	}
}

func TestDocs_ShowTheReport(t *testing.T) {
	want, err := os.ReadFile("testdata/stopped-half-way.txt")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("../../docs/CHANGES.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(docs), "--against deployed\n"+string(want)+"```\n") {
		t.Errorf("docs/CHANGES.md does not show testdata/stopped-half-way.txt:\n%s", want)
	}
}
