package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
)

// Document is a pathproof.yaml that was read.
type Document = DocumentOf[File]

// DocumentOf is a file that was read: what it says, and where it says it.
type DocumentOf[T any] struct {
	// File is the content with every default filled in. It is nil when a value could not be read: when there is a problem
	// other than an unknown key, which loses nothing.
	File *T
	// Name is the file's name for messages, as the user gave it.
	Name string
	// Lines are the file's lines without line ends, for problem.Problem.Format.
	Lines []string

	places map[string]place
}

// place is where a key path stands. Elements of lists have no key: both are the element's own place.
type place struct{ key, value problem.Position }

// Load reads the pathproof.yaml at path. The document is never nil.
func Load(path string) (*Document, problem.List) { return load(path, Parse) }

// LoadAffinity reads the affinity document at path, by the same rules.
func LoadAffinity(path string) (*DocumentOf[AffinityFile], problem.List) {
	return load(path, ParseAffinity)
}

// LoadProbe reads the probe document at path, by the same rules.
func LoadProbe(path string) (*DocumentOf[ProbeFile], problem.List) { return load(path, ParseProbe) }

func load[T any](path string, parse func(string, []byte) (*DocumentOf[T], problem.List)) (*DocumentOf[T], problem.List) {
	data, err := Read(path)
	if err == nil {
		return parse(path, data)
	}
	var list problem.List
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		err = pathErr.Err // the name stands in front of the message already
	}
	list.Addf(problem.BadYAML, "", "not readable, got %s; check the name and the permissions of the file", quote(err.Error()))
	return &DocumentOf[T]{Name: path}, list
}

// Read reads the text of a file for Parse: at most one byte more than Parse accepts, so that an endless file ends too.
func Read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // opened for reading: nothing is lost
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// Parse reads the text of a pathproof.yaml; name is used in messages only. It reports all problems of the file's form in
// one run, in file order. What the values mean together is not its subject. The document is never nil.
func Parse(name string, data []byte) (*Document, problem.List) {
	return parse[File](name, data, string(V1))
}

// ParseProbe reads the text of a probe document, by the same rules.
func ParseProbe(name string, data []byte) (*DocumentOf[ProbeFile], problem.List) {
	return parse[ProbeFile](name, data, string(ProbeV1))
}

// ParseAffinity reads the text of an affinity document, by the same rules.
func ParseAffinity(name string, data []byte) (*DocumentOf[AffinityFile], problem.List) {
	return parse[AffinityFile](name, data, string(AffinityV1))
}

func parse[T any](name string, data []byte, version string) (*DocumentOf[T], problem.List) {
	doc := &DocumentOf[T]{Name: name}
	text, list := clean(data)
	if len(list) > 0 {
		return doc, list
	}
	doc.Lines = strings.Split(text, "\n")
	root, list := parseYAML(text, doc.Lines, version)
	if root == nil {
		list.Sort()
		doc.conceal(list)
		return doc, slices.Compact(list)
	}
	d := decoder{problems: list, places: map[string]place{}}
	file := new(T)
	d.value(reflect.ValueOf(file).Elem(), root, at{key: root.pos, required: true})
	doc.places = d.places
	if !slices.ContainsFunc(d.problems, func(p problem.Problem) bool { return p.Code != problem.UnknownKey }) {
		doc.File = file
	}
	d.problems.Sort()
	doc.conceal(d.problems)
	return doc, slices.Compact(d.problems) // one place can be seen twice, by the screening and by the parser
}

// Position returns the place of a key path such as networks[seoul/app].cidr, sites[idc].gateways[fw1].ip or
// allow[0].from[1]: the place of its value. When the file does not have it (a default, a missing key), it is the place
// of the key of the nearest parent that the file has.
func (d *DocumentOf[T]) Position(path string) problem.Position {
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

// NewProbeFile returns a document without paths: all defaults.
func NewProbeFile() *ProbeFile {
	f := new(ProbeFile)
	d := decoder{} // that keys are missing is not for us to say
	d.value(reflect.ValueOf(f).Elem(), &node{kind: mapNode}, at{})
	f.APIVersion, f.Paths = ProbeV1, map[Name]ProbePath{}
	return f
}

// NewProbePath returns a path without a target: all defaults.
func NewProbePath() ProbePath {
	var p ProbePath
	d := decoder{}
	d.value(reflect.ValueOf(&p).Elem(), &node{kind: mapNode}, at{})
	return p
}
