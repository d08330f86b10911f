package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode"

	"github.com/pathproof/pathproof/internal/probe"
)

// Texts that came over the network stand in every format. None may be taken for something else there.
func TestWrite_IsNotObeyed(t *testing.T) {
	r := judgedFixture(t)
	const evil = "=cmd()|<b>[x](y) `z`\x1b[31m\u202e\r\n_a_"
	r.Paths[0].Name, r.SLO[0].Path = evil, evil
	for i := range r.Paths[0].Samples {
		r.Paths[0].Samples[i].ServedBy = evil
	}
	r.Reasons = []string{evil}
	for _, f := range []Format{Table, CSV, JUnit, Markdown, HTML} {
		var b bytes.Buffer
		if err := Write(&b, f, r); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }); i >= 0 {
			t.Errorf("%s holds %q", f, b.String()[i:min(i+10, b.Len())])
		}
	}
}

func TestCSV_HasNoFormulas(t *testing.T) {
	r := judgedFixture(t)
	for i, evil := range []string{"=1+1", "+1", "-1", "@a"} {
		r.Paths[0].Samples[i].ServedBy = evil
	}
	var b bytes.Buffer
	if err := Write(&b, CSV, r); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"'=1+1", "'+1", "'-1", "'@a"} {
		if got := lines[i+1][len(csvHeader)-1]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMarkdown_KeepsItsTables(t *testing.T) {
	r := judgedFixture(t)
	r.Paths[0].Name = "a|b `c` [d](e) <f> *g* _h_"
	var b bytes.Buffer
	if err := Write(&b, Markdown, r); err != nil {
		t.Fatal(err)
	}
	if want := "| a\\|b \\`c\\` \\[d\\](e) &lt;f&gt; \\*g\\* \\_h\\_ | tcp "; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in\n%s", want, b.String())
	}
}

// What is inconclusive is skipped, unless it decides the exit status; a warning never fails.
func TestJUnit_FollowsTheExitStatus(t *testing.T) {
	for _, tt := range []struct {
		name     string
		verdict  probe.Verdict
		severity string
		strict   bool
		want     string
	}{
		{"pass", probe.Pass, "error", true, ""},
		{"fail", probe.Fail, "error", false, "failure"},
		{"inconclusive", probe.Inconclusive, "error", false, "skipped"},
		{"inconclusive, strict", probe.Inconclusive, "error", true, "failure"},
		{"warning", probe.Fail, "warn", true, "skipped"},
		{"skipped", probe.Skipped, "error", false, "skipped"},
	} {
		c := junitObjective(&probe.Objective{Expr: "x", Verdict: tt.verdict, Severity: tt.severity}, tt.strict)
		got := ""
		switch {
		case c.Failure != nil:
			got = "failure"
		case c.Skipped != nil:
			got = "skipped"
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
