package check

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/planview"
)

// The README shows real output. These tests hold it to that.

// example returns what a page shows under a command.
func example(t *testing.T, page, command string) string {
	t.Helper()
	data, err := os.ReadFile("../../" + page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(data), "$ "+command+"\n")
	if !found {
		t.Fatalf("no %q in %s", command, page)
	}
	text, _, _ := strings.Cut(rest, "```")
	return text
}

// TestREADME_Mistake makes the mistakes of the README in the reference network.
func TestREADME_Mistake(t *testing.T) {
	data, err := os.ReadFile("../../pathproof.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("failover: 30s", "failover: 2s", "zones: [apne2-az1, apne2-az3]", "zones: [apne2-az1, apne2-az5]",
		"reaches: [cloud, onprem]", "reaches: [onprem]").Replace(string(data))
	var got strings.Builder
	if err := Data("my.yaml", []byte(text)).Print(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example(t, "README.md", "make check CONFIG=my.yaml"), got.String()); diff != "" {
		t.Errorf("-README +check:\n%s", diff)
	}
}

func TestDocs_Plan(t *testing.T) {
	var plan bytes.Buffer
	if err := planview.Write(&plan, File("../../pathproof.yaml").Plan); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"README.md", "docs/ZONAL.md"} {
		for _, part := range strings.Split(example(t, page, ".build/pathproof plan"), "...\n") {
			if !strings.Contains(plan.String(), part) {
				t.Errorf("%s: the plan does not have\n%s", page, part)
			}
		}
	}
}
