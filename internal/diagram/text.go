package diagram

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// fontFamily names fonts of one and the same width; the last word is for machines that have none of them. Every text
// also states its length, to which a viewer fits whatever font it has.
const fontFamily = `Arial, Helvetica, "Liberation Sans", Arimo, sans-serif`

// style is how a text looks: its class in the style sheet, and what measuring it takes.
type style struct {
	class string
	size  int // px
	bold  bool
}

// The styles. Sizes and weights stand in the style sheet too, which is made of this list.
var (
	styleTitle  = style{"title", 18, true}
	styleHead   = style{"head", 13, true}
	styleName   = style{"name", 12, true}
	styleText   = style{"text", 11, false}
	styleMuted  = style{"muted", 11, false}
	styleStrong = style{"strong", 11, true}
	styleChip   = style{"chip", 10, false}
	styleBadge  = style{"badge", 10, true}
	styles      = []style{styleTitle, styleHead, styleName, styleText, styleMuted, styleStrong, styleChip, styleBadge}
)

// lineHeight is the height of a line of text.
func (s style) lineHeight() int { return s.size + 4 }

// baseline is where text stands in a line of a height: capital letters, 0.72 of the size, are in its middle.
func (s style) baseline(height int) int { return (height*100 + s.size*72) / 200 }

// tenths is the width of a text in tenths of a pixel, rounded up.
func (s style) tenths(text string) int {
	sum := 0
	for _, r := range text {
		sum += s.advance(r)
	}
	return (sum*s.size + 99) / 100
}

// width is the width of a text in whole pixels, rounded up.
func (s style) width(text string) int { return (s.tenths(text) + 9) / 10 }

// advance is the width of a character in thousandths of the font size.
func (s style) advance(r rune) int {
	switch {
	case r >= ' ' && r <= '~' && s.bold:
		return boldWidths[r-' ']
	case r >= ' ' && r <= '~':
		return regularWidths[r-' ']
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	if w, ok := signWidths[r]; ok {
		return w
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return wideWidth
	}
	return otherWidth
}

// wrap breaks a text into lines of a width at most: at spaces, or else after a hyphen, slash, dot or comma, or
// else anywhere.
func (s style) wrap(text string, most int) []string {
	var lines []string
	for {
		head := s.fitting(text, most)
		if head == text {
			return append(lines, text)
		}
		cut := len(head)
		if i := strings.LastIndexByte(head, ' '); i > 0 {
			cut = i
		} else if i := strings.LastIndexAny(head, "-/.,"); i > 0 {
			cut = i + 1
		}
		lines = append(lines, strings.TrimSpace(text[:cut]))
		text = strings.TrimSpace(text[cut:])
	}
}

// fitting is the longest beginning of a text that fits, at least one character.
func (s style) fitting(text string, most int) string {
	end, sum := 0, 0
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if sum += s.advance(r); end > 0 && sum*s.size > 1000*most {
			break
		}
		end += size
	}
	return text[:end]
}
