package slo

import "slices"

// Requires returns the groups of paths that the objectives compare, which therefore have to be measured interleaved. A
// path is in one group at most; groups and the paths in them are sorted.
func Requires(own string, objectives ...*Expr) [][]string {
	var groups [][]string
	for _, e := range objectives {
		for _, t := range e.Terms {
			if a, b := t.Left.pathOf(own), t.Right.pathOf(own); t.Comparison() && a != b {
				groups = join(groups, a, b)
			}
		}
	}
	for _, g := range groups {
		slices.Sort(g)
	}
	slices.SortFunc(groups, func(a, b []string) int { return slices.Compare(a, b) })
	return groups
}

// join merges the groups of a and b.
func join(groups [][]string, a, b string) [][]string {
	merged := []string{a, b}
	var rest [][]string
	for _, g := range groups {
		if slices.Contains(g, a) || slices.Contains(g, b) {
			merged = append(merged, g...)
		} else {
			rest = append(rest, g)
		}
	}
	slices.Sort(merged)
	return append(rest, slices.Compact(merged))
}
