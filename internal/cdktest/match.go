package cdktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Values with a meaning of their own in what a test wants.
const (
	Any    = "<any>"    // there is a value, whichever it is
	Absent = "<absent>" // there is no such key
)

// Match compares what a test wants with what a template has and returns the differences, each with its path. Maps match
// if they have at least the wanted keys, lists if they have as many elements and each matches.
func Match(want, got any) []string {
	return match("", normal(want), got)
}

// normal gives Go values the types that JSON decoding produces.
func normal(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("not a JSON value, got %v: %w", v, err)) // a mistake in the test
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

func match(path string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{differ(path, want, got)}
		}
		var out []string
		for _, key := range slices.Sorted(maps.Keys(w)) {
			value, there := g[key]
			at := path + "." + key
			switch {
			case w[key] == Absent && there:
				out = append(out, fmt.Sprintf("%s: want none, got %s", at, text(value)))
			case w[key] == Absent:
			case !there:
				out = append(out, fmt.Sprintf("%s: want %s, got none", at, text(w[key])))
			default:
				out = append(out, match(at, w[key], value)...)
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{differ(path, want, got)}
		}
		var out []string
		for i := range w {
			out = append(out, match(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])...)
		}
		return out
	}
	if want != Any && want != got {
		return []string{differ(path, want, got)}
	}
	return nil
}

func differ(path string, want, got any) string {
	return fmt.Sprintf("%s: want %s, got %s", path, text(want), text(got))
}

func text(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}
