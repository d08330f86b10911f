package cfn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Ref is the canonical value of {"Ref": id} in a stack.
func Ref(stack, id string) string { return "{" + stack + "/" + id + "}" }

// GetAtt is the canonical value of an attribute of a resource in a stack.
func GetAtt(stack, id, attribute string) string {
	return "{" + stack + "/" + id + "." + attribute + "}"
}

// Pseudo is the canonical value of a pseudo parameter, such as AWS::Region.
func Pseudo(name string) string { return "{" + name + "}" }

// Canonical writes a value without functions: a string is itself (it may hold canonical references), a number or boolean
// its JSON text, a []any, []string or map[string]any compact JSON with sorted keys and strings as leaves.
func Canonical(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any, []string, map[string]any:
		var b bytes.Buffer
		writeJSON(&b, v)
		return b.String()
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
}

func writeJSON(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case []string:
		b.WriteByte('[')
		for i, s := range v {
			writeComma(b, i)
			writeString(b, s)
		}
		b.WriteByte(']')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			writeComma(b, i)
			writeJSON(b, e)
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			writeComma(b, i)
			writeString(b, key)
			b.WriteByte(':')
			writeJSON(b, v[key])
		}
		b.WriteByte('}')
	default:
		writeString(b, Canonical(v))
	}
}

func writeComma(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

func writeString(b *bytes.Buffer, s string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)       // a string into a buffer cannot fail
	b.Truncate(b.Len() - 1) // the newline that Encode adds
}

// reference is one {STACK/ID} or {STACK/ID.Attribute} inside a canonical value.
type reference struct{ stack, id, attribute string }

// resource is the key of what is referred to.
func (r reference) resource() key { return key{r.stack, r.id} }

// name is the canonical value without its braces.
func (r reference) name() string {
	if r.attribute == "" {
		return r.stack + "/" + r.id
	}
	return r.stack + "/" + r.id + "." + r.attribute
}

// references finds the references in a canonical value, in order.
func references(value string) []reference {
	var found []reference
	eachReference(value, func(_ string, r reference) {
		if r != (reference{}) {
			found = append(found, r)
		}
	})
	return found
}

// eachReference calls fn with every piece of text before a reference and the reference; the text after the last one
// comes with a zero reference.
func eachReference(value string, fn func(before string, r reference)) {
	rest, before := value, 0
	for {
		open := strings.IndexByte(rest[before:], '{')
		if open < 0 {
			break
		}
		open += before
		before = open + 1
		r, n := parseReference(rest[open:])
		if n > 0 {
			fn(rest[:open], r)
			rest, before = rest[open+n:], 0
		}
	}
	fn(rest, reference{})
}

// parseReference reads a reference at the start of s and its length, 0 if there is none. A stack's name holds letters,
// digits and hyphens, a logical id letters and digits.
func parseReference(s string) (reference, int) {
	slash := 1
	for slash < len(s) && (alphanumeric(s[slash]) || s[slash] == '-') {
		slash++
	}
	end := slash + 1
	for end < len(s) && alphanumeric(s[end]) {
		end++
	}
	if slash == 1 || slash >= len(s) || s[slash] != '/' || end == slash+1 || end >= len(s) {
		return reference{}, 0
	}
	r := reference{stack: s[1:slash], id: s[slash+1 : end]}
	if s[end] == '.' {
		start := end + 1
		for end = start; end < len(s) && (alphanumeric(s[end]) || strings.IndexByte("._:-", s[end]) >= 0); end++ {
		}
		r.attribute = s[start:end]
		if r.attribute == "" {
			return reference{}, 0
		}
	}
	if end >= len(s) || s[end] != '}' {
		return reference{}, 0
	}
	return r, end + 1
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
