package affinityplan

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
)

const page = "../../docs/AFFINITY-ESTIMATE.md"

// The page shows what the program prints: every block after such a comment is an example's output.
func TestDocs_ShowRealOutput(t *testing.T) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, name := range Examples() {
		begin := "<!-- output of example " + name + ": begin -->\n```text\n"
		const end = "```\n<!-- output: end -->"
		before, rest, ok := strings.Cut(text, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s: no place for the output of example %s", page, name)
		}
		var b bytes.Buffer
		if err := WriteText(&b, New(example(t, name), Options{})); err != nil {
			t.Fatal(err)
		}
		text = before + begin + b.String() + end + after
	}
	golden.Compare(t, page, text)
}
