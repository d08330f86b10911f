package config

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/pathproof/pathproof/internal/problem"
)

// addressRE matches an address of the Web with a path. No key of pathproof.yaml takes one, but people paste the address of a
// webhook where the name of its secret belongs, and whoever knows the path may post.
var addressRE = regexp.MustCompile(`((?:https?://[^/\s"',}\]]*)|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::[0-9]+)?)(/[^\s"',}\]]+)`)

// concealed is s with the paths of addresses hidden, as long as before: carets stay under their places.
func concealed(s string) string {
	return addressRE.ReplaceAllStringFunc(s, func(found string) string {
		parts := addressRE.FindStringSubmatch(found)
		return parts[1] + "/" + strings.Repeat("*", utf8.RuneCountInString(parts[2])-1)
	})
}

// conceal hides the paths of addresses in what is shown of a pathproof.yaml. A probe document is left alone: its targets are
// addresses.
func (d *DocumentOf[T]) conceal(list problem.List) {
	if _, network := any(d).(*Document); !network {
		return
	}
	for i, line := range d.Lines {
		d.Lines[i] = concealed(line)
	}
	for i := range list {
		list[i].Message, list[i].Path = concealed(list[i].Message), concealed(list[i].Path)
	}
}
