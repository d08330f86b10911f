package change

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// recipe is how a change that no order of stacks carries out is made in two deployments: the first keeps something of what is
// deployed, or leaves out something new. It is tried out before it is given.
type recipe struct {
	keep, without []string
	// tried says that both deployments were found to work.
	tried bool
}

// remedy says in a line what to do.
func (r recipe) remedy() string {
	switch {
	case len(r.keep) > 0:
		return "deploy once with " + inFile(r.keep) + " still in the file, though nothing uses it, then this file"
	case r.tried:
		return "deploy once without " + inFile(r.without) + " and what names it, then this file"
	}
	return "make the change in smaller steps, for example first without " + inFile(r.without) + " and what names it"
}

// inFile writes names as the file has them. A vantage is there because paths start at its subnet.
func inFile(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if subnet, ok := strings.CutPrefix(n, "vantage/"); ok {
			out[i] = "the paths measured from " + subnet
		}
	}
	return strings.Join(out, ", ")
}

// recipe finds one. It prefers to keep what is there, since nothing is disconnected by that.
func (c *comparison) recipe(r *rollout, natural, ordered verdict) recipe {
	if kept := c.kept(r, natural); len(kept) > 0 && c.works(r, keeping(r.before, r.after, kept)) {
		return recipe{keep: kept, tried: true}
	}
	var first recipe
	for _, byConsumer := range []bool{true, false} {
		out := recipe{without: c.leftOut(ordered, byConsumer)}
		out.tried = len(out.without) > 0 && c.works(r, leaving(r.after, out.without))
		if out.tried {
			return out
		}
		if first.without == nil {
			first = out
		}
	}
	return first
}

// works reports whether there is an order of stacks from what is deployed to the first deployment, and from that to the
// second.
func (c *comparison) works(r *rollout, between []*cfn.Stack) bool {
	for _, way := range []rollout{{before: r.before, after: between}, {before: between, after: r.after}} {
		if _, _, ordered := way.plan(); !ordered.clean() {
			return false
		}
	}
	return true
}

// kept lists what would go while others import it, and could stay for one deployment. A part of something that stays in the file, as a
// target group of a service whose port changes, cannot: no file has both.
func (c *comparison) kept(r *rollout, natural verdict) []string {
	var names []string
	for _, b := range natural.changes.Broken {
		if b.Reason == cfn.Deleted {
			names = append(names, owner(c.name(b.Producer)))
		}
	}
	names = covering(names)
	for _, s := range r.after {
		for _, x := range s.Resources {
			if slices.ContainsFunc(names, func(n string) bool { return below(x.Name, n) }) {
				return nil
			}
		}
	}
	return names
}

// leftOut lists what takes something that is not free yet, or needs something that is not there yet.
func (c *comparison) leftOut(v verdict, byConsumer bool) []string {
	var names []string
	for _, x := range v.collisions() {
		names = append(names, owner(c.name(x.New)))
	}
	for _, b := range v.changes.Broken {
		names = append(names, owner(c.name(b.Consumer)))
	}
	for _, m := range v.missing {
		name := owner(c.name(id(m.of)))
		if by := owner(c.name(cfn.ID{Stack: m.stack, LogicalID: m.by})); byConsumer && strings.HasPrefix(by, "peering/") {
			name = by // without the peering, nothing needs what it leads to early
		}
		names = append(names, name)
	}
	return covering(names)
}

// id is a resource by its canonical name, STACK/ID.
func id(of string) cfn.ID {
	stack, logical, _ := strings.Cut(of, "/")
	return cfn.ID{Stack: stack, LogicalID: logical}
}

// covering sorts names and leaves out those that lie below another one.
func covering(names []string) []string {
	slices.Sort(names)
	var out []string
	for _, n := range slices.Compact(names) {
		if len(out) == 0 || !below(n, out[len(out)-1]) {
			out = append(out, n)
		}
	}
	return out
}

func below(name, top string) bool { return name == top || strings.HasPrefix(name, top+"/") }

// keeping is the new state with things of the old one still in it.
func keeping(before, after []*cfn.Stack, names []string) []*cfn.Stack {
	out := copies(after)
	for _, s := range out {
		old := find(before, s.Name)
		if old == nil {
			continue
		}
		for _, r := range old.Resources {
			if slices.ContainsFunc(names, func(n string) bool { return below(r.Name, n) }) && !holds(s, r.LogicalID) {
				s.Resources = append(s.Resources, r)
				s.Outputs = append(s.Outputs, outputsOf(old, r.LogicalID)...)
			}
		}
		slices.SortFunc(s.Resources, func(x, y *cfn.Resource) int { return strings.Compare(x.LogicalID, y.LogicalID) })
	}
	return out
}

// leaving is the new state without some things and what refers to them.
func leaving(after []*cfn.Stack, names []string) []*cfn.Stack {
	out, gone := copies(after), map[string]bool{}
	for more := true; more; {
		more = false
		for _, s := range out {
			s.Resources = slices.DeleteFunc(s.Resources, func(r *cfn.Resource) bool {
				if !slices.ContainsFunc(names, func(n string) bool { return below(r.Name, n) }) && !refers(r, gone) {
					return false
				}
				gone[s.Name+"/"+r.LogicalID], more = true, true
				return true
			})
			s.Outputs = slices.DeleteFunc(s.Outputs, func(o *cfn.Output) bool { return gone[strings.SplitN(strings.Trim(o.Value, "{}"), ".", 2)[0]] })
		}
	}
	return slices.DeleteFunc(out, func(s *cfn.Stack) bool { return len(s.Resources) == 0 })
}

func refers(r *cfn.Resource, gone map[string]bool) bool {
	for _, u := range r.Uses {
		if of, _, _ := strings.Cut(u.Of, "."); gone[of] {
			return true
		}
	}
	for _, v := range r.Properties {
		ref, ok := strings.CutPrefix(v, "{")
		if of, _, _ := strings.Cut(strings.TrimSuffix(ref, "}"), "."); ok && gone[of] {
			return true
		}
	}
	return false
}

func copies(stacks []*cfn.Stack) []*cfn.Stack {
	out := make([]*cfn.Stack, len(stacks))
	for i, s := range stacks {
		c := *s
		c.Resources, c.Outputs = slices.Clone(s.Resources), slices.Clone(s.Outputs)
		out[i] = &c
	}
	return out
}

func holds(s *cfn.Stack, logicalID string) bool {
	return slices.ContainsFunc(s.Resources, func(r *cfn.Resource) bool { return r.LogicalID == logicalID })
}

func outputsOf(s *cfn.Stack, logicalID string) []*cfn.Output {
	return slices.DeleteFunc(slices.Clone(s.Outputs), func(o *cfn.Output) bool {
		of, _, _ := strings.Cut(strings.Trim(o.Value, "{}"), ".")
		return of != s.Name+"/"+logicalID
	})
}
