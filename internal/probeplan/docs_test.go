package probeplan

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/slo"
	"github.com/pathproof/pathproof/internal/stats"
)

func docs(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/PROBE.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blocks returns the fenced blocks of a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```\n").FindAllStringSubmatch(docs(t), -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Errorf("docs/PROBE.md has no block of %s", language)
	}
	return out
}

func TestDocs_ObjectivesParse(t *testing.T) {
	n := 0
	for _, block := range blocks(t, "slo") {
		for line := range strings.Lines(block) {
			if _, err := slo.Parse(strings.TrimSpace(line)); err != nil {
				t.Error(err)
			}
			n++
		}
	}
	if n < 5 {
		t.Errorf("only %d objectives", n)
	}
}

func TestDocs_DocumentsBuild(t *testing.T) {
	for _, block := range blocks(t, "yaml") {
		doc, list := config.ParseProbe("PROBE.md", []byte(block))
		if doc.File == nil {
			t.Errorf("%v in\n%s", list, block)
			continue
		}
		if _, list := Build(doc, nil); len(list) > 0 {
			t.Errorf("%v in\n%s", list, block)
		}
	}
}

// The table of sample sizes is what the statistics ask for.
func TestDocs_SampleSizes(t *testing.T) {
	rows := regexp.MustCompile(`(?m)^\| (p|fail < )([0-9.]+)%? \| ([0-9]+) \|$`).FindAllStringSubmatch(docs(t), -1)
	if len(rows) < 8 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		var want int
		if row[1] == "p" {
			q, err := stats.ParseQuantile(row[2])
			if err != nil {
				t.Fatal(err)
			}
			want = stats.NeedN(q, 0.95)
		} else {
			var percent float64
			if _, err := fmt.Sscan(row[2], &percent); err != nil {
				t.Fatal(err)
			}
			want = stats.NeedNForRate(percent/100, 0.95)
		}
		if got := row[3]; got != itoa(want) {
			t.Errorf("%s%s: got %s, want %d", row[1], row[2], got, want)
		}
	}
}
