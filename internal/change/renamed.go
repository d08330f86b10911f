package change

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/topology"
)

// A renaming is a Region whose alias changes. AWS never sees aliases, so nothing else changes by it.
type renaming struct {
	before, after string
	place         topology.Place
}

// renamings finds the Regions that only have another alias: one that is new, in the place of one that is gone.
func renamings(before, after *topology.Plan) []renaming {
	alias := func(p *topology.Plan, is func(topology.Region) bool) string {
		if i := slices.IndexFunc(p.Regions, is); i >= 0 {
			return p.Regions[i].Alias
		}
		return ""
	}
	var out []renaming
	for _, b := range before.Regions {
		kept := alias(after, func(a topology.Region) bool { return a.Alias == b.Alias })
		now := alias(after, func(a topology.Region) bool {
			return a.Place == b.Place && alias(before, func(x topology.Region) bool { return x.Alias == a.Alias }) == ""
		})
		if kept == "" && now != "" {
			out = append(out, renaming{b.Alias, now, b.Place})
		}
	}
	return out
}

// rename calls in facts of the plan before what is the same in the plan after as that one does.
func rename(f facts, before, after *topology.Plan) facts {
	out := slices.Clone(f)
	for _, r := range renamings(before, after) {
		for _, n := range before.Networks {
			alias, name, _ := strings.Cut(n.Key, "/")
			key := r.after + "/" + name
			if now := after.Network(key); alias != r.before || now == nil || now.Place != n.Place || now.CIDR != n.CIDR {
				continue
			}
			whole := regexp.MustCompile(`(^|[^A-Za-z0-9-])` + regexp.QuoteMeta(n.Key) + `($|[^A-Za-z0-9-])`)
			for i, x := range out {
				if x.section != segmentRoutes && !strings.HasPrefix(x.subject, "segment ") { // those begin with a transit gateway's name
					out[i].subject = whole.ReplaceAllString(x.subject, "${1}"+key+"${2}")
				}
				out[i].value = whole.ReplaceAllString(x.value, "${1}"+key+"${2}")
			}
		}
	}
	return out
}

// regions adds what Regions are called. One that is renamed is one thing.
func (f *facts) regions(p *topology.Plan, renamed []renaming) {
	for _, r := range p.Regions {
		i := slices.IndexFunc(renamed, func(x renaming) bool { return r.Place == x.place && (r.Alias == x.before || r.Alias == x.after) })
		if i >= 0 {
			f.add(settings, "Region "+r.Place.String()+" is renamed", "%s", r.Alias)
			continue
		}
		f.add(settings, "Region "+r.Alias, "%s", r.Place)
	}
}
