package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// differences lists what differs between two values, each with its path below the given one, as PATH: OLD -> NEW.
func differences(path string, old, now any) []string {
	switch o := old.(type) {
	case map[string]any:
		if n, ok := now.(map[string]any); ok {
			return mapDifferences(path, o, n)
		}
	case []any:
		if n, ok := now.([]any); ok {
			return listDifferences(path, o, n)
		}
	}
	if reflect.DeepEqual(old, now) {
		return nil
	}
	before, after := text(old), text(now)
	before, after = clip(before, after)
	return []string{fmt.Sprintf("%s: %s -> %s", path, before, after)}
}

func mapDifferences(path string, old, now map[string]any) []string {
	var out []string
	for _, key := range keys(old, now) {
		o, before := old[key]
		n, after := now[key]
		at := strings.TrimPrefix(path+"."+key, ".")
		switch {
		case !before:
			out = append(out, at+": none -> "+cut(text(n), 0))
		case !after:
			out = append(out, at+": "+cut(text(o), 0)+" -> none")
		default:
			out = append(out, differences(at, o, n)...)
		}
	}
	return out
}

// listDifferences compares lists of equal length element by element, and others by what only one of them has: an element
// that is put in between others would change all that come after it.
func listDifferences(path string, old, now []any) []string {
	var out []string
	if len(old) == len(now) {
		for i := range old {
			out = append(out, differences(fmt.Sprintf("%s[%d]", path, i), old[i], now[i])...)
		}
		return out
	}
	gone, added := without(old, now), without(now, old)
	for _, e := range gone {
		out = append(out, path+": "+cut(text(e), 0)+" -> none")
	}
	for _, e := range added {
		out = append(out, path+": none -> "+cut(text(e), 0))
	}
	return out
}

// without lists the elements of a list that another does not have, or not as often.
func without(list, other []any) []any {
	count := map[string]int{}
	for _, e := range other {
		count[text(e)]++
	}
	var out []any
	for _, e := range list {
		if t := text(e); count[t] > 0 {
			count[t]--
		} else {
			out = append(out, e)
		}
	}
	return out
}

// keys are the keys of both maps, sorted.
func keys(a, b map[string]any) []string {
	all := slices.Sorted(maps.Keys(a))
	for k := range b {
		if _, ok := a[k]; !ok {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	return all
}

// text is a value as compact JSON.
func text(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// widest is how many characters of a value are shown. Code that stands in a template may be thousands.
const widest = 200

// clip shortens two values that differ, so that where they begin to differ is still in sight.
func clip(a, b string) (string, string) {
	if max(len(a), len(b)) <= widest {
		return a, b
	}
	const before = 40
	x, y := []rune(a), []rune(b)
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	start := max(0, same-before)
	return cut(a, start), cut(b, start)
}

// cut shows a part of a value.
func cut(s string, start int) string {
	r := []rune(s)
	end := min(len(r), start+widest)
	out := string(r[min(start, end):end])
	if start > 0 {
		out = "..." + out
	}
	if end < len(r) {
		out += "..."
	}
	return out
}
