package config

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// Parts of YAML that a pathproof file does without, and what to do instead. Each has surprised someone elsewhere: tags
// change types, merge keys hide where a value comes from.
var refused = map[token.Type][2]string{
	token.TagType:        {"YAML tag", "remove it; put a text that starts with ! in quotes"},
	token.MergeKeyType:   {"merge key", "write the keys out, or use an alias for the whole value"},
	token.MappingKeyType: {"explicit key", "write it as key: value"},
	token.DirectiveType:  {"YAML directive", "remove the line"},
	token.LiteralType:    {"block of text", "write the value in one line"},
	token.FoldedType:     {"block of text", "write the value in one line"},
}

func withoutComments(tokens token.Tokens) token.Tokens {
	return slices.DeleteFunc(tokens, func(t *token.Token) bool { return t.Type == token.CommentType })
}

// screener looks at the tokens before the parser does: for what is refused, for what YAML readers read differently, and
// for what would take the parser too long or too deep.
type screener struct {
	*reader
	tokens token.Tokens
	flow   []bracket // open ones
	keys   int
	empty  int // keys and dashes without a value, which cost the parser a pass over the file each
}

// bracket is an open [ or {.
type bracket struct {
	mapping bool
	started bool // the element has a token
	colon   bool // the element has a key
}

// run stops at the first thing that makes the rest doubtful.
func (s *screener) run() {
	for i, tk := range s.tokens {
		if why, ok := refused[tk.Type]; ok {
			s.addf(s.place(tk), "%s, got %s; %s", why[0], quote(tk.Value), why[1])
			continue
		}
		if tk.Type == token.InvalidType {
			s.invalid(s.place(tk), tk.Error)
			return
		}
		if isDocumentMark(tk) && (i > 0 && tk.Type == token.DocumentHeaderType || i < len(s.tokens)-1 && tk.Type == token.DocumentEndType) {
			s.addf(s.place(tk), "more than one YAML document, got %s; keep one in each file", quote(tk.Value))
			return
		}
		s.brackets(tk)
		switch tk.Type {
		case token.StringType, token.SingleQuoteType, token.DoubleQuoteType:
			s.text(i)
		case token.AnchorType:
			s.anchor(i)
		case token.SequenceEntryType:
			s.dash(i)
		case token.MappingValueType:
			s.colon(i)
		}
		if s.bounds(tk) {
			return
		}
	}
}

func isDocumentMark(tk *token.Token) bool {
	return tk.Type == token.DocumentHeaderType || tk.Type == token.DocumentEndType
}

// bounds reports whether the file is too large or too deep to go on.
func (s *screener) bounds(tk *token.Token) bool {
	switch {
	case len(s.flow) > maxFlow:
		s.addf(s.place(tk), "nested too deeply, got %s; close a bracket", quote(tk.Value))
	case s.keys > maxKeys:
		s.addf(s.place(tk), "too many keys, got more than %d; check that it is the right file", maxKeys)
	case s.empty > maxEmpty:
		s.addf(s.place(tk), "no value, got more than %d keys and dashes with nothing; write the values", maxEmpty)
	default:
		return len(s.problems) >= maxProblems
	}
	return true
}

// brackets follows [ and {, and refuses {a, b}: a mapping of keys without values.
func (s *screener) brackets(tk *token.Token) {
	top := len(s.flow) - 1
	switch tk.Type {
	case token.CollectEntryType, token.MappingEndType, token.SequenceEndType:
		if top < 0 {
			return // the parser reports it
		}
		if b := s.flow[top]; b.mapping && b.started && !b.colon {
			s.addf(s.place(tk), "key without a value, got nothing before %s; write it as {key: value}, or a list as [a, b]", quote(tk.Value))
		}
		if s.flow[top] = (bracket{mapping: s.flow[top].mapping}); tk.Type != token.CollectEntryType {
			s.flow = s.flow[:top]
		}
		return
	case token.MappingValueType:
		if top >= 0 {
			s.flow[top].colon = true
		}
	}
	if top >= 0 {
		s.flow[top].started = true
	}
	if tk.Type == token.MappingStartType || tk.Type == token.SequenceStartType {
		s.flow = append(s.flow, bracket{mapping: tk.Type == token.MappingStartType})
	}
}

// text refuses texts that YAML readers do not agree on: a line taken into the value above it is most often one with a
// wrong indentation.
func (s *screener) text(i int) {
	tk := s.tokens[i]
	if i > 0 && (s.tokens[i-1].Type == token.LiteralType || s.tokens[i-1].Type == token.FoldedType) {
		return // refused already
	}
	if strings.Contains(strings.TrimSpace(tk.Origin), "\n") {
		s.addf(s.place(tk), "text over several lines, got %s; write it in one line, or correct the indentation below it", quote(tk.Value))
	} else if tk.Type == token.StringType && strings.ContainsAny(tk.Value[:min(1, len(tk.Value))], ",]}%@`") {
		s.invalid(s.place(tk), "text starts with "+tk.Value[:1])
	}
}

func (s *screener) anchor(i int) {
	tk := s.tokens[i]
	if i >= 2 && s.tokens[i-2].Type == token.AnchorType {
		s.addf(s.place(tk), "two anchors for one value, got %s; keep one", quote(tk.Value))
	} else if i > 0 && s.tokens[i-1].Position.Line != tk.Position.Line {
		s.addf(s.place(tk), "anchor in a line of its own, got %s; write it in the line of its key or dash", quote(tk.Value))
	}
}
