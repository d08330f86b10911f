package problem

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/golden"
)

const docs = "../../docs/ERRORS.md"

// entry is one code's part of docs/ERRORS.md.
type entry struct{ heading, body string }

func entries(t *testing.T) []entry {
	t.Helper()
	var out []entry
	for _, part := range strings.Split(readDocs(t), "\n### ")[1:] {
		part, _, _ = strings.Cut(part, "\n## ")
		heading, body, _ := strings.Cut(part, "\n")
		out = append(out, entry{heading, body})
	}
	return out
}

func readDocs(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Every code has one entry, under its own title and in the order of Codes; nothing else has one.
func TestDocs_HaveEveryCode(t *testing.T) {
	var want, got []string
	for _, i := range Codes() {
		want = append(want, fmt.Sprintf("%s: %s", i.Code, i.Title))
	}
	for _, e := range entries(t) {
		got = append(got, e.heading)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headings of ERRORS.md (-codes +docs):\n%s", diff)
	}
}

// The page lists exactly the codes that cannot be tuned.
func TestDocs_ListFixedCodes(t *testing.T) {
	_, rest, _ := strings.Cut(readDocs(t), "stay errors: ")
	list, _, _ := strings.Cut(rest, ". ")
	got := regexp.MustCompile(`NET[0-9n]+`).FindAllString(list, -1)
	want := []string{"NET0nn"}
	for _, i := range Codes() {
		switch form := strings.HasPrefix(string(i.Code), "NET0"); {
		case form && !i.Fixed:
			t.Errorf("%s is of the file's form and not fixed", i.Code)
		case !form && i.Fixed:
			want = append(want, string(i.Code))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fixed codes in ERRORS.md (-codes +docs):\n%s", diff)
	}
}

func TestDocs_StateTheSeverity(t *testing.T) {
	said := regexp.MustCompile(`(?m)^Severity: ([a-z]+)\.$`)
	for _, e := range entries(t) {
		code := Code(e.heading[:6])
		lines := said.FindAllStringSubmatch(e.body, -1)
		if len(lines) != 1 || lines[0][1] != string(code.Severity()) {
			t.Errorf("%s: got severity lines %q, want one that says %s", code, lines, code.Severity())
		}
	}
}

// Whoever looks a code up wants to know why and what to do.
func TestDocs_SayWhatToDo(t *testing.T) {
	for _, e := range entries(t) {
		before, after, ok := strings.Cut(e.body, "\n```text\n")
		if !ok {
			t.Errorf("%s has no example", e.heading)
			continue
		}
		_, after, _ = strings.Cut(after, "\n```\n")
		if _, why, _ := strings.Cut(before, "Severity: "); len(strings.Fields(why)) < 15 {
			t.Errorf("%s: the reason is short: %q", e.heading, why)
		}
		if !strings.HasPrefix(after, "\nTo do: ") {
			t.Errorf("%s: want a paragraph that starts with To do: after the example, got %q", e.heading, after)
		}
	}
}

var example = regexp.MustCompile("(?s)\n```text\n(.*?)\n```\n")

// The examples are what the program writes today: each is one problem of a golden report, which the example's first word
// names. With -update they are written anew; run that once more when the reports themselves were rewritten beside it.
func TestDocs_ExamplesAreReal(t *testing.T) {
	text := readDocs(t)
	wanted := example.ReplaceAllStringFunc(text, func(block string) string {
		was := example.FindStringSubmatch(block)[1]
		return "\n```text\n" + reported(t, was) + "\n```\n"
	})
	golden.Compare(t, docs, wanted)
}

// Every example shows the code that it stands under.
func TestDocs_ExamplesFit(t *testing.T) {
	for _, e := range entries(t) {
		blocks := example.FindAllStringSubmatch(e.body, -1)
		if len(blocks) != 1 || !strings.Contains(blocks[0][1], " "+e.heading[:6]+" ") {
			t.Errorf("%s: got examples %q, want one with the code", e.heading, blocks)
		}
	}
}

// reported returns the problem that an example shows, as the golden report has it: the first of the example's code in the
// report of the example's file.
func reported(t *testing.T, example string) string {
	t.Helper()
	file, _, _ := strings.Cut(example, ".yaml:")
	code := regexp.MustCompile(`NET[0-9]{3}`).FindString(example)
	for _, folder := range []string{"../check/testdata/bad/", "../config/testdata/bad/", "../change/testdata/", "../deployed/testdata/"} {
		report, err := os.ReadFile(folder + file + ".txt")
		if err != nil {
			continue
		}
		for _, p := range problems(string(report)) {
			if strings.Contains(p, " "+code+" ") {
				return p
			}
		}
	}
	t.Errorf("no golden report %s.txt has a problem %s", file, code)
	return example
}

// problems splits a report into problems, each with its source line and caret.
func problems(report string) []string {
	var out []string
	for _, line := range strings.Split(strings.TrimSuffix(report, "\n"), "\n") {
		switch {
		case !strings.HasPrefix(line, " "):
			out = append(out, line)
		case len(out) > 0:
			out[len(out)-1] += "\n" + line
		}
	}
	return out
}
