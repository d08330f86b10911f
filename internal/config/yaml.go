package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/pathproof/pathproof/internal/problem"
)

// reader turns YAML text into nodes.
type reader struct {
	lines    []string
	widths   []int // of the lines, in characters
	problems problem.List
	anchors  map[string]*node
}

// parseYAML returns the text's root node, or nil when its YAML does not hold together. version is what an empty file
// should start with.
func parseYAML(src string, lines []string, version string) (*node, problem.List) {
	r := &reader{lines: lines, anchors: map[string]*node{}}
	for _, line := range lines {
		r.widths = append(r.widths, utf8.RuneCountInString(line))
	}
	tokens := withoutComments(lexer.Tokenize(src))
	(&screener{reader: r, tokens: tokens}).run()
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil, r.problems
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.addf(problem.Position{Line: 1, Column: 1}, "empty file; start it with apiVersion: %s", version)
		return nil, r.problems
	}
	return r.node(file.Docs[0].Body), r.problems
}

// addf adds a problem, up to the bound: the decoder is the one to say that there are more.
func (r *reader) addf(pos problem.Position, format string, args ...any) {
	if len(r.problems) >= maxProblems {
		return
	}
	r.problems = append(r.problems, problem.Problem{
		Code: problem.BadYAML, Severity: problem.Error, Pos: pos, Message: fmt.Sprintf(format, args...),
	})
}

// syntax reports an error of the YAML parser in one line.
func (r *reader) syntax(err error) {
	var at interface {
		GetToken() *token.Token
		GetMessage() string
	}
	pos, message := problem.Position{Line: 1, Column: 1}, "cannot be parsed"
	if errors.As(err, &at) {
		pos, message = r.place(at.GetToken()), at.GetMessage()
	}
	r.invalid(pos, message)
}

// invalid reports text that is not YAML. Tabs get their own message: an editor does not show them.
func (r *reader) invalid(pos problem.Position, message string) {
	line := r.lines[pos.Line-1]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if tab := strings.IndexByte(indent, '\t'); tab >= 0 {
		r.addf(problem.Position{Line: pos.Line, Column: tab + 1}, "tab in the indentation, got %q; indent with spaces", indent)
		return
	}
	line1, _, _ := strings.Cut(message, "\n")
	r.addf(pos, "not valid YAML, got %s; check indentation, colons and quotes here and in the line above", quote(line1))
}

// place returns a token's position, kept inside the file.
func (r *reader) place(tk *token.Token) problem.Position {
	if tk == nil || tk.Position == nil {
		return problem.Position{Line: 1, Column: 1}
	}
	line := min(max(tk.Position.Line, 1), len(r.lines))
	return problem.Position{Line: line, Column: min(max(tk.Position.Column, 1), r.widths[line-1]+1)}
}

// node converts a value of the parser's tree.
func (r *reader) node(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(n)
	case *ast.SequenceNode:
		out := &node{kind: listNode, pos: r.place(n.Start)}
		for _, item := range n.Values {
			out.items = append(out.items, r.node(item))
		}
		return out
	case *ast.AnchorNode:
		return r.anchor(n)
	case *ast.AliasNode:
		return r.alias(n)
	}
	return r.scalar(n)
}

func (r *reader) scalar(n ast.Node) *node {
	tk := n.GetToken()
	out := &node{pos: r.place(tk)}
	switch n.(type) {
	case *ast.NullNode:
		out.kind = nullNode
		return out
	case *ast.BoolNode:
		out.kind = boolNode
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind = numberNode
	case *ast.StringNode:
		out.kind = textNode
		out.quoted = tk.Type == token.SingleQuoteType || tk.Type == token.DoubleQuoteType
	default:
		r.invalid(out.pos, "no value is expected")
		return out
	}
	out.text = tk.Value
	return out
}

func (r *reader) mapping(n *ast.MappingNode) *node {
	out := &node{kind: mapNode, pos: r.place(n.Start)}
	for _, v := range n.Values {
		key := v.Key.GetToken()
		switch v.Key.(type) {
		case *ast.AnchorNode, *ast.AliasNode:
			r.addf(r.place(key), "key with an anchor or alias, got %s; write the key itself", quote(r.lines[r.place(key).Line-1]))
			continue
		}
		value := r.node(v.Value)
		if value.kind == nullNode {
			value.pos = r.place(key) // an absent value has no place of its own
		}
		out.entries = append(out.entries, entry{key: key.Value, pos: r.place(key), value: value})
	}
	if len(out.entries) > 0 && !n.IsFlowStyle {
		out.pos = out.entries[0].pos // the parser points at the first colon
	}
	return out
}

// anchor converts an anchored value. Its name is known from its end on, so that no value can hold itself.
func (r *reader) anchor(n *ast.AnchorNode) *node {
	name := n.Name.GetToken().Value
	out := r.node(n.Value)
	if r.anchors[name] != nil {
		r.addf(r.place(n.Name.GetToken()), "anchor defined twice, got %s; give each anchor its own name", quote("&"+name))
	}
	r.anchors[name] = out
	return out
}

// alias returns what the alias stands for, at the alias's place. The content is shared, not copied.
func (r *reader) alias(n *ast.AliasNode) *node {
	name, pos := n.Value.GetToken().Value, r.place(n.Start)
	target := r.anchors[name]
	if target == nil {
		r.addf(pos, "alias without an anchor above it, got %s; define it with %s", quote("*"+name), quote("&"+name))
		return &node{pos: pos}
	}
	out := *target
	out.pos = pos
	return &out
}
