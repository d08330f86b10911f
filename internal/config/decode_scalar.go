package config

import (
	"encoding"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
)

// Numbers are plain decimal: 0x10, 1_000, 010 and 1e3 mean different things to different YAML readers.
var (
	intRE   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	floatRE = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
)

// text decodes a type that reads its own text form.
func (d *decoder) text(u encoding.TextUnmarshaler, t reflect.Type, n *node, a at) {
	if !n.kind.scalar() {
		d.addf(problem.BadValue, n.pos, a.path, "not a single value, got %s; %s", n.got(), advice(t))
		return
	}
	if err := u.UnmarshalText([]byte(n.text)); err != nil {
		d.addf(problem.BadValue, n.pos, a.path, "%s", err)
	}
}

// scalar decodes a boolean, number or string.
func (d *decoder) scalar(v reflect.Value, n *node, a at) {
	if !n.kind.scalar() {
		d.addf(problem.BadValue, n.pos, a.path, "not a single value, got %s; %s", n.got(), advice(v.Type()))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		if n.quoted || n.text != "true" && n.text != "false" {
			d.addf(problem.BadValue, n.pos, a.path, "not a boolean, got %s; %s", n.got(), advice(v.Type()))
		}
		v.SetBool(n.text == "true")
	case reflect.Int:
		i, err := strconv.ParseInt(n.text, 10, 32)
		if plain := !n.quoted && intRE.MatchString(n.text); plain && err != nil {
			d.addf(problem.BadValue, n.pos, a.path, "number out of range, got %s; use a smaller one", quote(n.text))
		} else if !plain {
			d.addf(problem.BadValue, n.pos, a.path, "not a whole number, got %s; %s", n.got(), advice(v.Type()))
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.text, 64)
		if n.quoted || err != nil || !floatRE.MatchString(n.text) {
			d.addf(problem.BadValue, n.pos, a.path, "not a decimal number, got %s; %s", n.got(), advice(v.Type()))
		}
		v.SetFloat(f)
	default:
		d.str(v, n, a)
	}
}

// str decodes a type of string kind. Its text is the value's own, so that no digit of an unquoted number is lost.
func (d *decoder) str(v reflect.Value, n *node, a at) {
	v.SetString(n.text)
	switch s := v.Interface().(type) {
	case Enumerated:
		for _, allowed := range s.Values() {
			if allowed == n.text {
				return
			}
		}
		d.addf(problem.BadValue, n.pos, a.path, "unknown value, got %s; %s", quote(n.text), advice(v.Type()))
		return
	case Patterned:
		if re, advice := s.Pattern(); !re.MatchString(n.text) {
			d.addf(problem.BadValue, n.pos, a.path, "not a valid value, got %s; %s", quote(n.text), advice)
			return
		}
	}
	if n.kind != textNode && v.Type() != reflect.TypeFor[AccountID]() {
		d.addf(problem.BadValue, n.pos, a.path, "not a string, got %s (%s to YAML); put it in quotes, like %s", segment(n.text), n.kind, quote(n.text))
	} else if n.text == "" && a.required {
		d.addf(problem.MissingKey, n.pos, a.path, "empty; %s", advice(v.Type()))
	}
}

// advice says what to write for a value of type t.
func advice(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	zero := reflect.New(t)
	switch x := zero.Elem().Interface().(type) {
	case Enumerated:
		return "use " + strings.Join(x.Values(), ", ")
	case Patterned:
		_, s := x.Pattern()
		return s
	}
	if isNested(t) {
		return "use the keys " + strings.Join(keysOf(t), ", ")
	}
	if u, ok := zero.Interface().(encoding.TextUnmarshaler); ok {
		// No type takes the empty text, so every one says here what it takes.
		if err := u.UnmarshalText(nil); err != nil {
			_, s, _ := strings.Cut(err.Error(), "; ")
			return s
		}
	}
	switch t.Kind() {
	case reflect.Map:
		return "write at least one key: value"
	case reflect.Slice:
		return "write a list with at least one element, like [a, b]"
	case reflect.Bool:
		return "use true or false"
	case reflect.Int:
		return "use a plain whole number without quotes, like 1200"
	case reflect.Float64:
		return "use a plain decimal number without quotes, like 37.5"
	}
	return "write a text"
}

// listAdvice says how to write what stands in place of a list.
func listAdvice(n *node) string {
	if n.kind.scalar() {
		return "write it as [" + segment(n.text) + "]"
	}
	return "write a list, each element after a dash"
}
