package config

import "github.com/pathproof/pathproof/internal/problem"

// kind is what a node of the file is.
type kind int

const (
	brokenNode kind = iota // reported already; says nothing more
	nullNode
	boolNode
	numberNode
	textNode // a string, in quotes or not
	listNode
	mapNode
)

// String names the kind for messages.
func (k kind) String() string {
	return [...]string{"nothing", "nothing", "a boolean", "a number", "a string", "a list", "a mapping"}[k]
}

// scalar reports whether it is one value.
func (k kind) scalar() bool { return k == boolNode || k == numberNode || k == textNode }

// node is a value of the file. It keeps what the decoder needs from the YAML parser's tree, with aliases replaced by
// what they stand for.
type node struct {
	kind    kind
	pos     problem.Position
	text    string // of a scalar: as written, without quotes
	quoted  bool
	entries []entry // of a mapping
	items   []*node // of a list
}

// entry is a key of a mapping with its value.
type entry struct {
	key   string
	pos   problem.Position
	value *node
}

// got describes the node for a message.
func (n *node) got() string {
	switch {
	case n.kind.scalar() && n.quoted:
		return quote(n.text) + " in quotes"
	case n.kind.scalar():
		return quote(n.text)
	}
	return n.kind.String()
}
