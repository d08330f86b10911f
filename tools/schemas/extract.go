package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// schema is what the extract keeps of one type. Properties are dotted names; * stands for every element of a list.
type schema struct {
	Schema      string   `json:"schema"`           // file name of the schema in its source, a hash of its content
	Region      string   `json:"region,omitempty"` // where the schema is from, unless us-east-1
	CreateOnly  []string `json:"createOnly,omitempty"`
	Conditional []string `json:"conditionalCreateOnly,omitempty"`
	ReadOnly    []string `json:"readOnly,omitempty"`
	Identifier  []string `json:"primaryIdentifier,omitempty"`
	Replacement string   `json:"replacementStrategy,omitempty"`
}

const home = "us-east-1"

// provider lists the schemas of a Region: a Python file with a dictionary from type to hash.
var entry = regexp.MustCompile(`"(AWS::[A-Za-z0-9:]+)": "([0-9a-f]+)"`)

// extract reads the schema of every wanted type. Its notes tell where another Region's schema replaces for other reasons.
func extract(dir string) (map[string]*schema, []string, error) {
	regions, err := readProviders(filepath.Join(dir, "providers"))
	if err != nil {
		return nil, nil, err
	}
	found, notes := map[string]*schema{}, map[string]string{}
	used := map[string]bool{}
	for _, region := range regions {
		for _, typ := range slices.Sorted(maps.Keys(region.types)) {
			pattern := wanted(typ)
			if pattern == "" {
				continue
			}
			used[pattern] = true
			s, err := readSchema(dir, typ, region.types[typ])
			if err != nil {
				return nil, nil, err
			}
			if region.name != home {
				s.Region = region.name
			}
			if first := found[typ]; first == nil {
				found[typ] = s
			} else if d := differs(first, s); d != "" {
				notes[typ+d] += " " + region.name
			}
		}
	}
	for _, pattern := range types {
		if !used[pattern] {
			return nil, nil, fmt.Errorf("no schema for %s; correct tools/schemas/types.go", pattern)
		}
	}
	var list []string
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		list = append(list, key+" in"+notes[key])
	}
	return found, list, nil
}

type provider struct {
	name  string
	types map[string]string
}

// readProviders lists the Regions, home first.
func readProviders(dir string) ([]provider, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_*_*.py"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var list []provider
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		p := provider{strings.ReplaceAll(strings.TrimSuffix(filepath.Base(f), ".py"), "_", "-"), map[string]string{}}
		for _, m := range entry.FindAllStringSubmatch(string(b), -1) {
			p.types[m[1]] = m[2]
		}
		if p.name == home {
			list = slices.Insert(list, 0, p)
		} else if !strings.Contains(p.name, "init") {
			list = append(list, p)
		}
	}
	if len(list) == 0 || list[0].name != home || len(list[0].types) == 0 {
		return nil, fmt.Errorf("%s: no types of %s; give the data folder of cfn-lint 1.51 or later", dir, home)
	}
	return list, nil
}

// wanted is the pattern of types that a type matches.
func wanted(typ string) string {
	for _, pattern := range types {
		start, any := strings.CutSuffix(pattern, "*")
		if typ == pattern || any && strings.HasPrefix(typ, start) {
			return pattern
		}
	}
	return ""
}

func readSchema(dir, typ, hash string) (*schema, error) {
	path := filepath.Join(dir, "resources", hash+".json")
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var raw struct {
		TypeName                        string
		CreateOnlyProperties            []string
		ConditionalCreateOnlyProperties []string
		ReadOnlyProperties              []string
		PrimaryIdentifier               []string
		ReplacementStrategy             string
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if raw.TypeName != typ {
		return nil, fmt.Errorf("%s: want the schema of %s, got %q", path, typ, raw.TypeName)
	}
	s := &schema{Schema: hash, Replacement: raw.ReplacementStrategy}
	for _, l := range []struct {
		to   *[]string
		from []string
	}{{&s.CreateOnly, raw.CreateOnlyProperties}, {&s.Conditional, raw.ConditionalCreateOnlyProperties},
		{&s.ReadOnly, raw.ReadOnlyProperties}, {&s.Identifier, raw.PrimaryIdentifier}} {
		if *l.to, err = dotted(l.from); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	// The order of an identifier has a meaning, that of the others has none.
	for _, l := range []*[]string{&s.CreateOnly, &s.Conditional, &s.ReadOnly} {
		slices.Sort(*l)
		*l = slices.Compact(*l)
	}
	return s, nil
}

// dotted turns JSON pointers below /properties into dotted names.
func dotted(pointers []string) ([]string, error) {
	var names []string
	for _, p := range pointers {
		name, ok := strings.CutPrefix(p, "/properties/")
		if !ok || strings.ContainsAny(name, ".~") {
			return nil, fmt.Errorf("not a pointer to a property, got %q; teach dotted this form", p)
		}
		names = append(names, strings.ReplaceAll(name, "/", "."))
	}
	return names, nil
}

// differs tells which properties replace in one Region's schema only.
func differs(a, b *schema) string {
	if slices.Equal(a.CreateOnly, b.CreateOnly) && slices.Equal(a.Conditional, b.Conditional) && a.Replacement == b.Replacement {
		return ""
	}
	return fmt.Sprintf(": create-only %v, conditional %v, strategy %q; elsewhere %v, %v, %q",
		a.CreateOnly, a.Conditional, a.Replacement, b.CreateOnly, b.Conditional, b.Replacement)
}
