package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/cfn"
)

// suffix is how the names of template files end, in an assembly and among snapshots.
const suffix = ".template.json"

// Template is the template of one stack, nested ones among them.
type Template struct {
	// Text is what a snapshot holds: indented, with sorted keys, and without hashes of assets.
	Text []byte
	tree map[string]any
}

// Set is a number of templates that belong together, by label: the file's path below the folder without its suffix, with
// slashes. It is the artifact id of a stack; stacks of a stage have the stage's folder before it.
type Set map[string]*Template

// Labels are the labels, sorted.
func (s Set) Labels() []string { return slices.Sorted(maps.Keys(s)) }

// File is the file of a snapshot in a folder.
func File(dir, label string) string { return filepath.Join(dir, filepath.FromSlash(label)+suffix) }

// Read reads the snapshots of a folder. A folder that does not exist holds none.
func Read(dir string) (Set, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return Set{}, nil
	}
	s, err := read(dir, nil)
	if err != nil {
		return nil, fmt.Errorf("%w; delete the file, and write the snapshots again", err)
	}
	return s, nil
}

// read reads the templates in a folder and in the folders of its stages, and replaces hashes of assets.
func read(dir string, hashes map[string]bool) (Set, error) {
	s := Set{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != dir && !strings.HasPrefix(d.Name(), stagePrefix):
			return fs.SkipDir // assets may hold templates of their own
		case d.IsDir() || !strings.HasSuffix(file, suffix):
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		t, err := parse(text, hashes)
		if err != nil {
			return fmt.Errorf("%s: not a CloudFormation template in JSON: %w", file, err)
		}
		label, err := filepath.Rel(dir, strings.TrimSuffix(file, suffix))
		s[filepath.ToSlash(label)] = t
		return err
	})
	return s, err
}

// Write writes templates of the set into a folder. With prune it deletes the snapshots of stacks that the set does not have
// any more.
func (s Set) Write(dir string, labels []string, prune bool) error {
	var errs []error
	for _, l := range labels {
		errs = append(errs, atomicfile.Write(File(dir, l), s[l].Text))
	}
	kept, err := Read(dir)
	errs = append(errs, err)
	for _, l := range kept.Labels() {
		if prune && s[l] == nil {
			errs = append(errs, os.Remove(File(dir, l)))
		}
	}
	return errors.Join(errs...)
}

// stacks reads templates the way changes are judged. Whether a stack is of the set or kept from an earlier one, it has the
// name by which the assembly knows it.
func (s Set) stacks(a *Assembly) ([]*cfn.Stack, error) {
	sources := map[string]cfn.Source{}
	for label, t := range s {
		text, err := json.Marshal(t.tree)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", label, err)
		}
		src := a.places[label]
		src.Name, src.Template = a.Name(label), text
		sources[label] = src
	}
	return cfn.Read(sources)
}
