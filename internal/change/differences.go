package change

import (
	"cmp"
	"slices"

	"github.com/pathproof/pathproof/internal/topology"
)

// Difference is one thing that is added, removed or different. Before or After is empty where there is none.
type Difference struct {
	Section string `json:"section"`
	Subject string `json:"subject"`
	Before  string `json:"before,omitempty"`
	After   string `json:"after,omitempty"`
	section section
}

// differences compares what two plans say, by section and subject.
func differences(before, after *topology.Plan) []Difference {
	type key struct {
		section section
		subject string
	}
	all := map[key]*Difference{}
	at := func(f fact) *Difference {
		k := key{f.section, f.subject}
		if all[k] == nil {
			all[k] = &Difference{Section: f.section.String(), Subject: f.subject, section: f.section}
		}
		return all[k]
	}
	renamed := renamings(before, after)
	for _, f := range rename(factsOf(before, renamed), before, after) {
		at(f).Before = f.value
	}
	for _, f := range factsOf(after, renamed) {
		at(f).After = f.value
	}
	var out []Difference
	for _, d := range all {
		if d.Before != d.After {
			out = append(out, *d)
		}
	}
	slices.SortFunc(out, func(x, y Difference) int {
		return cmp.Or(cmp.Compare(x.section, y.section), cmp.Compare(x.Subject, y.Subject))
	})
	return out
}
