// Command schemas writes the extract of CloudFormation's resource schemas that internal/cfn embeds: for each type, the
// properties whose change replaces the resource. It reads the schemas that a cfn-lint installation brings. Only this
// program needs them; pathproof itself reads the extract.
//
//	go run ./tools/schemas -out internal/cfn/schemas.json [-from .../cfnlint/data]
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	from := flag.String("from", "", "cfn-lint's data `folder` (default: the one of the python3 on PATH)")
	out := flag.String("out", "internal/cfn/schemas.json", "`file` to write")
	date := flag.String("date", time.Now().UTC().Format(time.DateOnly), "`date` of the extract, when it changes")
	flag.Parse()
	if err := run(*from, *out, *date); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

func run(from, out, date string) error {
	if from == "" {
		found, err := findData()
		if err != nil {
			return err
		}
		from = found
	}
	version, err := versionOf(from)
	if err != nil {
		return err
	}
	types, notes, err := extract(filepath.Join(from, "schemas"))
	if err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintln(os.Stderr, "note:", n)
	}
	source := "CloudFormation resource schemas as published in cfn-lint " + version + ", us-east-1 unless a type is only elsewhere"
	return write(out, &file{Extracted: date, Source: source, Types: types})
}

// findData asks Python where cfn-lint is, without importing it.
func findData() (string, error) {
	find := `import importlib.util as u; s = u.find_spec("cfnlint"); print(s.submodule_search_locations[0] if s else "")`
	b, err := exec.Command("python3", "-c", find).Output()
	dir := strings.TrimSpace(string(b))
	if err != nil || dir == "" {
		return "", errors.Join(errors.New("python3 finds no cfn-lint; install it (pip install cfn-lint) or give its data folder with -from"), err)
	}
	return filepath.Join(dir, "data"), nil
}

// versionOf reads the version from the name of the installed distribution, beside the package.
func versionOf(data string) (string, error) {
	found, err := filepath.Glob(filepath.Join(data, "..", "..", "cfn_lint-*.dist-info"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%s: want one cfn_lint-VERSION.dist-info beside the package, got %d; give the data folder of an installed cfn-lint", data, len(found))
	}
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), "cfn_lint-"), ".dist-info"), nil
}

// file is what internal/cfn embeds.
type file struct {
	Extracted string             `json:"extracted"`
	Source    string             `json:"source"`
	Types     map[string]*schema `json:"types"`
}

// write replaces the file in one step. An extract that says what the old one said keeps the old date.
func write(path string, f *file) error {
	var old file
	if b, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(b, &old); err != nil {
			return fmt.Errorf("%s: %w; delete it", path, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	same := &file{Extracted: old.Extracted, Source: f.Source, Types: f.Types}
	oldText, err := format(&old)
	if err != nil {
		return err
	}
	text, err := format(same)
	if err != nil {
		return err
	}
	if bytes.Equal(oldText, text) {
		return nil
	}
	if text, err = format(f); err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, text, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// format writes one type a line, in order, so that a diff shows the types that changed.
func format(f *file) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n \"extracted\": %q,\n \"source\": %q,\n \"types\": {", f.Extracted, f.Source)
	names := make([]string, 0, len(f.Types))
	for name := range f.Types {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		line, err := json.Marshal(f.Types[name])
		if err != nil {
			return nil, err
		}
		comma := ","
		if i == 0 {
			comma = ""
		}
		fmt.Fprintf(&b, "%s\n  %q: %s", comma, name, line)
	}
	b.WriteString("\n }\n}\n")
	return b.Bytes(), nil
}
