package problem

import (
	"fmt"
	"strings"
)

// maxNames is how many names advice lists in full.
const maxNames = 12

// OneOf advises which of the declared names to use instead of got: the closest one, and all of them when they are few.
func OneOf(got string, names []string) string {
	closest := Closest(got, names)
	switch {
	case len(names) == 0:
		return "declare it"
	case len(names) <= maxNames && closest != "":
		return fmt.Sprintf("did you mean %s? use one of: %s", closest, strings.Join(names, ", "))
	case len(names) <= maxNames:
		return "use one of: " + strings.Join(names, ", ")
	case closest != "":
		return fmt.Sprintf("did you mean %s? %d are declared", closest, len(names))
	}
	return fmt.Sprintf("use one of the %d declared: %s, ...", len(names), strings.Join(names[:maxNames], ", "))
}

// Closest returns the name that the user probably meant, or "".
func Closest(got string, names []string) string {
	best, least := "", max(2, len(got)/3)+1
	for _, c := range names {
		if n := distance(strings.ToLower(got), strings.ToLower(c)); n < least && n < len(c) {
			best, least = c, n
		}
	}
	return best
}

// distance is the number of letters to add, remove or replace to get from a to b. Names are at most 128 bytes long.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
