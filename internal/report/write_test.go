package report

import (
	"bytes"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
)

func TestWrite_Goldens(t *testing.T) {
	for f, file := range map[Format]string{
		Table: "table.txt", JSON: "result.json", NDJSON: "result.ndjson", CSV: "samples.csv", JUnit: "junit.xml", Markdown: "report.md",
	} {
		r := judgedFixture(t)
		if f == JSON {
			r = WithoutSamples(r)
		}
		var b bytes.Buffer
		if err := Write(&b, f, r); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/"+file, b.String())
	}
}
