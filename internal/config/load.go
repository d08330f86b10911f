package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
)

// Document is a file that was read: what it says, and where it says it.
type Document struct {
	// File is the configuration with every default filled in. It is nil when a value could not be read: when there is a
	// problem other than an unknown key, which loses nothing.
	File *File
	// Name is the file's name for messages, as the user gave it.
	Name string
	// Lines are the file's lines without line ends, for problem.Problem.Format.
	Lines []string

	places map[string]place
}

// place is where a key path stands. Elements of lists have no key: both are the element's own place.
type place struct{ key, value problem.Position }

// Load reads the file at path. The document is never nil.
func Load(path string) (*Document, problem.List) {
	data, err := read(path)
	if err == nil {
		return Parse(path, data)
	}
	var list problem.List
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		err = pathErr.Err // the name stands in front of the message already
	}
	list.Addf(problem.BadYAML, "", "not readable, got %s; check the name and the permissions of the file", quote(err.Error()))
	return &Document{Name: path}, list
}

// read returns at most one byte more than Parse accepts, so that an endless file ends too.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // opened for reading: nothing is lost
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// Parse reads the text of a file; name is used in messages only. It reports all problems of the file's form in one
// run, in file order. What the values mean together is not its subject. The document is never nil.
func Parse(name string, data []byte) (*Document, problem.List) {
	doc := &Document{Name: name}
	text, list := clean(data)
	if len(list) > 0 {
		return doc, list
	}
	doc.Lines = strings.Split(text, "\n")
	root, list := parseYAML(text, doc.Lines)
	if root == nil {
		list.Sort()
		return doc, slices.Compact(list)
	}
	d := decoder{problems: list, places: map[string]place{}}
	file := d.file(root)
	doc.places = d.places
	if !slices.ContainsFunc(d.problems, func(p problem.Problem) bool { return p.Code != problem.UnknownKey }) {
		doc.File = file
	}
	d.problems.Sort()
	return doc, slices.Compact(d.problems) // one place can be seen twice, by the screening and by the parser
}

// Position returns the place of a key path such as networks[seoul/app].cidr, sites[idc].gateways[fw1].ip or
// allow[0].from[1]: the place of its value. When the file does not have it (a default, a missing key), it is the place
// of the key of the nearest parent that the file has.
func (d *Document) Position(path string) problem.Position {
	if p, ok := d.places[path]; ok {
		return p.value
	}
	for path != "" {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		if p, ok := d.places[path]; ok {
			return p.key
		}
	}
	return problem.Position{}
}
