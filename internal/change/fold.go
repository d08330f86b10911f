package change

import (
	"fmt"
	"strings"
)

// foldFrom is how many equal differences of routes are one line to people.
const foldFrom = 10

// fold makes one difference of many that say the same of routes: first those to one destination from many networks or
// segments, then those from one to many destinations. Everything else stays as it is, in its order.
func fold(list []Difference) []Difference {
	list = foldBy(list, func(d Difference, from, to string) (string, string) {
		noun := "networks"
		if d.section == segmentRoutes {
			noun = "segments"
		}
		return "to " + to, "%d " + noun + " to " + to
	})
	return foldBy(list, func(_ Difference, from, to string) (string, string) {
		_, in, _ := strings.Cut(to, " ")
		return "from " + from + " " + in, strings.TrimSpace(from + " to %d destinations " + in)
	})
}

// foldBy replaces those that have one key, section and content by the first of them, under a subject with their number.
func foldBy(list []Difference, by func(d Difference, from, to string) (key, subject string)) []Difference {
	type kind struct {
		section            section
		key, before, after string
	}
	kindOf := func(d Difference) (kind, string) {
		from, to, ok := strings.Cut(d.Subject, " to ")
		if !ok || d.section != routes && d.section != segmentRoutes {
			return kind{}, ""
		}
		key, subject := by(d, from, to)
		return kind{d.section, key, d.Before, d.After}, subject
	}
	count := map[kind]int{}
	for _, d := range list {
		k, _ := kindOf(d)
		count[k]++
	}
	var out []Difference
	done := map[kind]bool{}
	for _, d := range list {
		k, subject := kindOf(d)
		if k.key != "" && count[k] > foldFrom {
			if done[k] {
				continue
			}
			done[k] = true
			d.Subject = fmt.Sprintf(subject, count[k])
		}
		out = append(out, d)
	}
	return out
}
