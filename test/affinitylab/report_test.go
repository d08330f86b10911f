package affinitylab

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func testReport() *Report {
	m, control := good(), good()
	m.Client, m.Before.P50, m.During = "library", 2.5, Part{Calls: 10, Failed: 10}
	m.Causes, m.Examples = map[string]int{"few": 1, "many": 9}, map[string]string{"few": "a", "many": "the whole text"}
	control.Client, control.FailedFirst10, control.Back = "net/http", 0.5, nil
	return &Report{Kernel: "6.1", CPUs: 2, Go: "go1.26", Notes: []string{"a note"}, Rows: []Row{
		{Scenario: "kill", Fault: "SIGKILL", Rests: "luck", Clients: []Measured{m, control}, Verdict: Over, Reasons: []string{"too late"}},
		{Scenario: "shift", Fault: "names", Verdict: Skipped, Reasons: []string{"no moto"}},
	}}
}

func TestWriteText(t *testing.T) {
	var b bytes.Buffer
	if err := WriteText(&b, testReport()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"affinity drill: Linux 6.1, 2 CPUs, go1.26\n  note: a note\n", "2.5 → - → ", "kill: SIGKILL; rests on luck\n  over: too late\n",
		"library: 9 x many\n    the whole text\n  library: 1 x few", "net/http  50.00 %", "skipped: no moto",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func TestWriteJSON_ComesBack(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, testReport()); err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(b.Bytes(), &r); err != nil || len(r.Rows) != 2 || *r.Rows[0].Clients[0].Back != *seconds(time.Second) || r.Rows[0].Clients[1].Back != nil {
		t.Errorf("got %v, %+v", err, r)
	}
}

func TestInsert(t *testing.T) {
	page := "before\n" + tableBegin + "old\n" + tableEnd + "\nafter\n"
	text, err := Insert(page, testReport())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "old") || !strings.HasPrefix(text, "before\n") || !strings.HasSuffix(text, "\nafter\n") ||
		!strings.Contains(text, "| kill | 0.00 % | 50.0 % |") || !strings.Contains(text, "| kill | SIGKILL; rests on luck. **too late** |") {
		t.Errorf("got:\n%s", text)
	}
	if _, err := Insert("no place", testReport()); err == nil {
		t.Error("a page without marks: no error")
	}
}
