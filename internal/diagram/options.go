package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// MaxColours is how many paths can have a colour each. More are drawn in one colour.
const MaxColours = 8

// Options say which paths a picture shows. The zero value shows none.
type Options struct {
	// Paths are listed with their routes, numbered in this order.
	Paths []*topology.Path
	// Draw says that they are drawn through the picture too.
	Draw bool
}

// Choose reads the names of paths, separated by commas, that a picture draws and lists; "all" and "none" are every path
// and none. An empty text lists every path and draws them while each can have a colour.
func Choose(p *topology.Plan, names string) (Options, error) {
	switch names {
	case "":
		return Options{p.Paths, len(p.Paths) <= MaxColours}, nil
	case "all":
		return Options{p.Paths, true}, nil
	case "none":
		return Options{}, nil
	}
	wanted := strings.Split(names, ",")
	var known []string
	o := Options{Draw: true}
	for _, x := range p.Paths {
		known = append(known, x.Name)
		if slices.Contains(wanted, x.Name) {
			o.Paths = append(o.Paths, x)
		}
	}
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return Options{}, fmt.Errorf("no such path, got %q; %s, or all, or none", name, problem.OneOf(name, known))
		}
	}
	return o, nil
}
