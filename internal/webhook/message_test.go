package webhook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
)

// TestMessages compares what is posted for each kind of notice with the file beside it, and holds it to Slack's limits.
func TestMessages(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.json")
	files = withoutGolden(files)
	if len(files) < 8 {
		t.Fatalf("got %d notices, want 8 or more", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var n Notice
			if err := json.Unmarshal(text, &n); err != nil {
				t.Fatal(err)
			}
			body := Parse(n).Encode()
			limits(t, body)
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, body, "", "  "); err != nil {
				t.Fatalf("not JSON: %v", err)
			}
			golden.Compare(t, strings.TrimSuffix(file, ".json")+".posted.json", pretty.String()+"\n")
		})
	}
}

func withoutGolden(files []string) []string {
	var out []string
	for _, f := range files {
		if !strings.HasSuffix(f, ".posted.json") {
			out = append(out, f)
		}
	}
	return out
}

// limits are Slack's: it answers invalid_blocks to a message beyond them, and nobody is told.
func limits(t *testing.T, body []byte) {
	t.Helper()
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Text == "" || len(p.Text) > 40_000 || len(p.Blocks) == 0 || len(p.Blocks) > 50 {
		t.Errorf("a text of %d and %d blocks", len(p.Text), len(p.Blocks))
	}
	for _, b := range p.Blocks {
		most := map[string]int{"header": 150, "section": 3000}[b.Type]
		if b.Text != nil && (b.Text.Text == "" || len(b.Text.Text) > most) {
			t.Errorf("%s has %d characters, Slack takes %d", b.Type, len(b.Text.Text), most)
		}
		if len(b.Fields) > 10 {
			t.Errorf("%d fields, Slack takes 10", len(b.Fields))
		}
		for _, f := range b.Fields {
			if len(f.Text) > 2000 {
				t.Errorf("a field has %d characters, Slack takes 2000", len(f.Text))
			}
		}
	}
	if bytes.Contains(body, []byte("<!")) {
		t.Error("a mention gets through: everybody in the channel would be called")
	}
}
