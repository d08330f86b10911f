package config

import "github.com/goccy/go-yaml/token"

// colon looks at the key that the colon in tokens[i] ends, and at where its value is.
func (s *screener) colon(i int) {
	s.keys++
	if i == 0 {
		return // the parser reports it
	}
	key, colon := s.tokens[i-1], s.tokens[i]
	block := len(s.flow) == 0
	switch {
	case key.Position.Line != colon.Position.Line:
		s.invalid(s.place(colon), "colon in another line than its key")
	case len(key.Value) > maxKeyBytes:
		s.addf(s.place(key), "key too long, got %s; use at most %d bytes", quote(key.Value), maxKeyBytes)
	case block && key.Position.Column > maxColumn:
		s.addf(s.place(key), "nested too deeply, got a key in column %d; indent by two spaces", key.Position.Column)
	}
	next := s.valueAfter(i)
	if next == nil {
		return
	}
	quoted := key.Type == token.SingleQuoteType || key.Type == token.DoubleQuoteType
	if !quoted && next.Position.Line == colon.Position.Line && next.Position.Column == colon.Position.Column+1 {
		s.addf(s.place(colon), "no space after the colon, got %s; write it as key: value", quote(key.Value+":"+next.Value))
		return
	}
	if !block {
		if next.Type == token.CollectEntryType || next.Type == token.MappingEndType || next.Type == token.SequenceEndType {
			s.empty++
		}
		return
	}
	if next.Position.Line == colon.Position.Line || next.Position.Column > key.Position.Column {
		return
	}
	switch dash := next.Type == token.SequenceEntryType; {
	case dash && next.Position.Column == key.Position.Column:
		// A list may stand as far left as its key.
	case dash, isDocumentMark(next), s.isKey(next, i):
		s.empty++
	default:
		s.invalid(s.place(next), "value not indented below its key")
	}
}

// dash looks at the list element that the dash in tokens[i] starts: without a value, it would take the next key.
func (s *screener) dash(i int) {
	dash, next := s.tokens[i], s.valueAfter(i)
	if dash.Position.Column > maxColumn {
		s.addf(s.place(dash), "nested too deeply, got a dash in column %d; indent by two spaces", dash.Position.Column)
	}
	if next == nil || next.Position.Line == dash.Position.Line || next.Position.Column > dash.Position.Column {
		return
	}
	if s.empty++; next.Position.Column == dash.Position.Column && next.Type != token.SequenceEntryType {
		s.addf(s.place(dash), "no value, got nothing; write a value after the dash")
	}
}

// valueAfter returns the token where the value after tokens[i] would start: the next one that is not an anchor.
func (s *screener) valueAfter(i int) *token.Token {
	if i++; i < len(s.tokens) && s.tokens[i].Type == token.AnchorType {
		i += 2 // past its name
	}
	if i >= len(s.tokens) {
		return nil
	}
	return s.tokens[i]
}

// isKey reports whether next, which comes soon after tokens[i], is a key.
func (s *screener) isKey(next *token.Token, i int) bool {
	for j := i + 1; j < min(i+4, len(s.tokens)-1); j++ {
		if s.tokens[j] == next {
			return s.tokens[j+1].Type == token.MappingValueType
		}
	}
	return false
}
