package slo

import (
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	end tokenKind = iota
	word
	number
	symbol  // an operator, a parenthesis, a dot, a star, a percent sign
	warning // @ and a word
	unknown // a character that the language does not have
)

type token struct {
	Span
	kind tokenKind
	text string
}

// quoted is what messages say was got.
func (t token) quoted() string {
	if t.kind == end {
		return "the end"
	}
	return quote(t.text)
}

// lex splits a source into tokens; the last is the end.
func lex(source string) []token {
	var tokens []token
	for pos := 0; pos < len(source); {
		if isSpace(source[pos]) {
			pos++
			continue
		}
		kind, length := next(source[pos:])
		tokens = append(tokens, token{Span{pos, pos + length}, kind, source[pos : pos+length]})
		pos += length
	}
	return append(tokens, token{Span{len(source), len(source)}, end, ""})
}

// next returns the token at the beginning of a source that does not begin with space.
func next(s string) (tokenKind, int) {
	switch c := s[0]; {
	case isLetter(c):
		return word, wordLength(s)
	case isDigit(c):
		return number, numberLength(s)
	case c == '@':
		return warning, 1 + wordLength(s[1:])
	case strings.HasPrefix(s, "<=") || strings.HasPrefix(s, ">=") || strings.HasPrefix(s, "=="):
		return symbol, 2
	case strings.IndexByte("<>().*%", c) >= 0:
		return symbol, 1
	}
	_, length := utf8.DecodeRuneInString(s)
	return unknown, length
}

// wordLength is that of a name; the dot of a percentile such as p99.9 belongs to it.
func wordLength(s string) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || n > 0 && s[n] == '-') {
		n++
	}
	if n > 1 && s[0] == 'p' && digits(s[1:]) == n-1 {
		if fraction := strings.TrimPrefix(s[n:], "."); len(fraction) < len(s)-n {
			if more := digits(fraction); more > 0 {
				return n + 1 + more
			}
		}
	}
	return n
}

func numberLength(s string) int {
	n := digits(s)
	if n < len(s) && s[n] == '.' {
		if more := digits(s[n+1:]); more > 0 {
			return n + 1 + more
		}
	}
	return n
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
