package config

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
)

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func fieldIndex(fields []field, key string) int {
	return slices.IndexFunc(fields, func(f field) bool { return f.key == key })
}

// twice notes the entry's key and reports whether it stood in the mapping before.
func (d *decoder) twice(given map[string]problem.Position, e entry, path string) bool {
	first, again := given[e.key]
	if again {
		d.addf(problem.BadYAML, e.pos, path, "key stands twice, got %s in line %d already; remove one", quote(e.key), first.Line)
		return true
	}
	given[e.key] = e.pos
	return false
}

// unknown reports a key that the struct does not have.
func (d *decoder) unknown(t reflect.Type, e entry, path string) {
	allowed := keysOf(t)
	meant := ""
	if s := problem.Closest(e.key, allowed); s != "" {
		meant = "did you mean " + s + "? "
	}
	d.addf(problem.UnknownKey, e.pos, path, "unknown key, got %s; %suse %s", quote(e.key), meant, strings.Join(allowed, ", "))
}

// key checks the form of a name that the user chose.
func (d *decoder) key(t reflect.Type, e entry, path string) {
	if t == reflect.TypeFor[problem.Code]() {
		d.code(e, path)
		return
	}
	if p, ok := reflect.Zero(t).Interface().(Patterned); ok {
		if re, advice := p.Pattern(); !re.MatchString(e.key) {
			d.addf(problem.BadName, e.pos, path, "not a valid key, got %s; %s", quote(e.key), advice)
		}
	} else if e.key == "" {
		d.addf(problem.BadName, e.pos, path, "empty key, got %s; give it a name", quote(e.key))
	}
}

// code checks a key of the checks section.
func (d *decoder) code(e entry, path string) {
	if info, ok := problem.Lookup(problem.Code(e.key)); !ok {
		d.addf(problem.BadName, e.pos, path, "unknown check code, got %s; use a code of docs/ERRORS.md, like NET304", quote(e.key))
	} else if info.Fixed {
		d.addf(problem.BadName, e.pos, path, "a code that stays an error, got %s; remove it: AWS refuses what it reports, or the plan would lack it", quote(e.key))
	}
}
