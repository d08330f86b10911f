package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/problem"
)

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	return files
}

func format(doc *Document, list problem.List) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Format(doc.Name, doc.Lines) + "\n")
	}
	return b.String()
}

// lost reports whether a problem kept a value from being read.
func lost(list problem.List) bool {
	for _, p := range list {
		if p.Code != problem.UnknownKey {
			return true
		}
	}
	return false
}

// TestBad compares whole messages: they are the interface of this package to its users.
func TestBad(t *testing.T) {
	for _, file := range glob(t, "testdata/bad/*.yaml") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, list := Parse(filepath.Base(file), data)
			if (doc.File == nil) != lost(list) || !list.Has(problem.Error) {
				t.Errorf("file %v, problems %v", doc.File != nil, list)
			}
			golden.Compare(t, strings.TrimSuffix(file, ".yaml")+".txt", format(doc, list))
		})
	}
}

func TestGood(t *testing.T) {
	for _, file := range glob(t, "testdata/good/*.yaml") {
		doc, list := Load(file)
		if doc.File == nil || len(list) > 0 {
			t.Errorf("refused:\n%s", format(doc, list))
		}
	}
}

// TestBytes has the cases that a checkout or an editor would change.
func TestBytes(t *testing.T) {
	minimal, err := os.ReadFile("testdata/good/minimal.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, data, want string }{
		{"byte order mark", "\xef\xbb\xbf" + string(minimal), ""},
		{"CRLF", strings.ReplaceAll(string(minimal), "\n", "\r\n"), ""},
		{"CR", strings.ReplaceAll(string(minimal), "\n", "\r"), ""},
		{"no final newline", strings.TrimSpace(string(minimal)), ""},
		{"empty", "", "f:1:1: error NET001 empty file; start it with apiVersion: pathproof/v1\n     1 | \n       | ^\n"},
		{"Latin-1", "name: a\nb: M\xfcller", "f:2:5: error NET001 not UTF-8 text, got byte 0xfc; save the file as plain UTF-8 text\n"},
		{"UTF-16", "\xff\xfen\x00", "f:1:1: error NET001 not UTF-8 text, got byte 0xff; save the file as plain UTF-8 text\n"},
		{"NUL", "name: \x00", "f:1:7: error NET001 control character, got U+0000; save the file as plain UTF-8 text\n"},
		{"escape sequence", "name: \x1b[31m", "f:1:7: error NET001 control character, got U+001B; save the file as plain UTF-8 text\n"},
		{"C1 control", "name: \u009b31m", "f:1:7: error NET001 control character, got U+009B; save the file as plain UTF-8 text\n"},
		{"too large", strings.Repeat("#", maxBytes+1), "f: error NET001 file too large, got more than 1024 KiB; check that it is the right file\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc, list := Parse("f", []byte(tc.data))
			if got := format(doc, list); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
			if tc.want == "" && doc.File == nil {
				t.Error("no file")
			}
		})
	}
}

// TestBounds feeds what is cheap to write and dear to read.
func TestBounds(t *testing.T) {
	var keys strings.Builder
	for i := range maxKeys + 1 {
		fmt.Fprintf(&keys, "{a%d: 1}, ", i)
	}
	laughs := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10))
	}
	big := "networks: {seoul/a: &n {cidr: 10.0.0.0/8, subnets: {"
	for i := range 999 {
		big += fmt.Sprintf("t%d: {apne2-az1: 10.0.0.0/24}, ", i)
	}
	big += "}}"
	for i := range 999 {
		big += fmt.Sprintf(", seoul/n%d: *n", i)
	}
	big += "}\n"
	for _, tc := range []struct{ name, data, want string }{
		{"siblings", strings.ReplaceAll(strings.Trim(keys.String(), "{"), "}, {", "\n"), "too many keys, got more than 10000"},
		{"too many keys", "a: [" + keys.String() + "]", "too many keys, got more than 10000"},
		{"billion laughs", laughs, "unknown key"},
		{"aliases of what is allowed", big, "too large, got more than 50000 values"},
		{"too many problems", "allow: [" + strings.Repeat("1, ", 2000) + "]", "more than 500 problems"},
		{"blank lines in a text block", "a: |\n x" + strings.Repeat(" \n", 1<<16), "too many blank lines, got more than 100 in a row"},
		{"keys without a value", strings.Repeat("a:\n", 1<<12), "no value, got more than 100 keys and dashes with nothing"},
		{"dashes without a value", strings.Repeat("-\n", 1<<12), "no value, got more than 100 keys and dashes with nothing"},
		{"flow keys without a value", "a: [" + strings.Repeat("{a}, ", 1<<14) + "]", "key without a value"},
		{"brackets", strings.Repeat("[", 1<<16), "nested too deeply"},
		{"dashes", strings.Repeat("- ", 1<<15), "nested too deeply"},
		{"anchors", strings.Repeat("&a ", 1<<12), "two anchors for one value"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc, list := Parse("f", []byte(tc.data))
			if got := format(doc, list); !strings.Contains(got, tc.want) {
				t.Errorf("got\n%.2000s\nwant %s", got, tc.want)
			}
			if len(list) > maxProblems+1 {
				t.Errorf("%d problems", len(list))
			}
		})
	}
}

func TestLoadUnreadable(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct{ path, want string }{
		{filepath.Join(dir, "none.yaml"), `not readable, got "no such file or directory"; check the name and the permissions of the file`},
		{dir, `not readable, got "is a directory"; check the name and the permissions of the file`},
	} {
		doc, list := Load(tc.path)
		if doc == nil || doc.File != nil || len(list) != 1 || list[0].Message != tc.want {
			t.Errorf("got %v, want %s", list, tc.want)
		}
		if doc.Position("name") != (problem.Position{}) {
			t.Error("place in a file that was not read")
		}
	}
}
