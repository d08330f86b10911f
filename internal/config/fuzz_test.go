package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pathproof/pathproof/internal/problem"
)

// seeds are constructs that have broken YAML readers.
var seeds = []string{
	"", "\n", "---\n", "---\n---\n", "...\n", "a", "[", "{", "]", "}", ":", "- ", "-\n-", "? a", "? a\n: b", "!!binary x", "a: !x\n",
	"%YAML 1.2\n---\na: 1\n", "a: &a [*a]\n", "a: &a 1\nb: *a\n", "a: *b\n", "<<: *a\n", "a: <<\n", "&a &b c: d\n", "*a : b\n",
	"a: {b\n", "a: {b, c: }\n", "a: [1, 2\n", "a: |\n  x\n b: 1\n", "a: >-\n", "a: |", "\ta: 1\n", "a:\n\tb: 1\n", "a: 'x\n", "a: \"\\x\"\n",
	"a: \"\\uD800\"\n", "a: b: c\n", "a: - b\n", "a:\n- b\n c\n", "name: on\nprotect: yes\n", "\xef\xbb\xbfname: a\n", "name: a\r\nprotect: true\r\n",
	"{? a}", "[a: b, c]", "[[[[[[[[[[[[[[[[[[[[[[[[", "- - - - - - - -\n", "a: # c\n  # d\n", "a: \"b\" c\n", "&a\n", "*\n", "a: &\n", "\xff", "a: \x00",
	"tags: {a: &x b, c: *x}\n", "{a: {a: {a: 1}}}\n", "a: [,]\n", "a: {,}\n", "a: {:}\n", "{: a}", "[?]", "{?}", "a:\n  b:\n c: 1\n",
}

// FuzzParse holds the loader to what the rest of the program relies on, whatever the file holds.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seed files: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		doc, list := Parse("fuzz.yaml", data)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v for %d bytes", took, len(data))
		}
		if doc == nil {
			t.Fatal("no document")
		}
		if (doc.File == nil) != lost(list) {
			t.Errorf("file %v with %d problems", doc.File != nil, len(list))
		}
		for _, p := range list {
			checkProblem(t, doc, p)
		}
		for path, at := range doc.places {
			checkPlace(t, doc, path, at.key)
			checkPlace(t, doc, path, at.value)
		}
		if doc.File != nil {
			checkRequired(t, reflect.ValueOf(*doc.File), "file")
		}
	})
}

// FuzzParseProbe holds the loader of probe documents to the same.
func FuzzParseProbe(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	for _, s := range probeSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, list := ParseProbe("fuzz.yaml", data)
		if (doc.File == nil) != lost(list) {
			t.Errorf("file %v with %d problems", doc.File != nil, len(list))
		}
		for _, p := range list {
			checkProblem(t, doc, p)
		}
		if doc.File != nil {
			checkRequired(t, reflect.ValueOf(*doc.File), "file")
		}
	})
}

func checkProblem[T any](t *testing.T, doc *DocumentOf[T], p problem.Problem) {
	t.Helper()
	if len(p.Message) > 1000 || len(p.Path) > 1000 {
		t.Errorf("unbounded message: %.200s: %.200s", p.Path, p.Message)
	}
	for _, s := range []string{p.Message, p.Path, p.Format(doc.Name, doc.Lines)} {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 }) {
			t.Errorf("not printable: %q", s)
		}
	}
	if strings.Contains(p.Message, "\n") || strings.Contains(p.Path, "\n") || strings.Contains(p.Message, "bad default") {
		t.Errorf("bad message: %q", p.Message)
	}
	if p.Pos != (problem.Position{}) && len(doc.Lines) > 0 {
		checkPlace(t, doc, p.Path, p.Pos)
	}
}

func checkPlace[T any](t *testing.T, doc *DocumentOf[T], path string, pos problem.Position) {
	t.Helper()
	if pos.Line < 1 || pos.Line > len(doc.Lines) || pos.Column < 1 || pos.Column > utf8.RuneCountInString(doc.Lines[pos.Line-1])+1 {
		t.Errorf("%s: place %v outside the file", path, pos)
	}
}

// checkRequired fails for a required field that is empty in a file without problems.
func checkRequired(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkRequired(t, v.Elem(), path)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			checkRequired(t, v.MapIndex(k), path+"["+k.String()+"]")
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkRequired(t, v.Index(i), path)
		}
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			fv := v.Field(f.index)
			isNumber := fv.Kind() == reflect.Float64
			if f.required && !isNumber && (fv.IsZero() || fv.Kind() == reflect.Map && fv.Len() == 0 || fv.Kind() == reflect.Slice && fv.Len() == 0) {
				t.Errorf("%s.%s: required, but empty", path, f.key)
			}
			checkRequired(t, fv, path+"."+f.key)
		}
	}
}
