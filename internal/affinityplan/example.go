package affinityplan

import (
	"embed"
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
)

//go:embed examples/*.yaml
var examples embed.FS

// Examples lists the example chains by name.
func Examples() []string {
	entries, err := examples.ReadDir("examples")
	if err != nil {
		panic(err) // they are a part of the program
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// Example returns an example chain's document.
func Example(name string) ([]byte, error) {
	data, err := examples.ReadFile("examples/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no example, got %q; %s", name, problem.OneOf(name, Examples()))
	}
	return data, nil
}
