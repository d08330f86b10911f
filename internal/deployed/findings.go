package deployed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// findings collects the problems of what is deployed.
type findings struct {
	*reading
	problems problem.List
	// known are stacks of which a problem says already that they are not as planned.
	known map[string]bool
	// elsewhere are stacks that only share their name with one of the plan.
	elsewhere []*stack
}

func (f *findings) addf(code problem.Code, s *stack, format string, args ...any) {
	f.problems.Addf(code, f.path(s), format, args...)
}

// path is where in the file a stack comes from.
func (f *findings) path(s *stack) string {
	if s == nil {
		return ""
	}
	switch p := f.plan.Stack(s.name); {
	case p == nil:
		return ""
	case p.Network != "":
		return "networks[" + p.Network + "]"
	case p.Peering != "":
		return "peerings[" + p.Peering + "]"
	}
	return ""
}

// misplaced tells the stacks that have the name of a stack of the plan, or of another deployed one, in another account or
// Region, from the rest. Nothing deploys them any more. A peering that is made anew under its old name between other Regions
// leaves one behind, and a network whose account becomes another one leaves all of its stacks.
func (r *reading) misplaced() (current, elsewhere []*stack) {
	for i, s := range r.stacks {
		planned := r.plan.Stack(s.name)
		twin := planned == nil && i > 0 && r.stacks[i-1].name == s.name
		if planned != nil && r.at(planned.Place) != s.at || twin {
			elsewhere = append(elsewhere, s)
		} else {
			current = append(current, s)
		}
	}
	return current, elsewhere
}

// stale reports where stored plans, templates and stacks do not agree.
func (f *findings) stale(stacks []*cfn.Stack) {
	newest := f.newest()
	if newest == nil {
		f.noPlan(stacks)
		return
	}
	var behind, without []string
	for _, at := range newest.plan.Places() {
		switch p := f.storedIn(f.at(at)); {
		case p == nil:
			without = append(without, at.String())
		case p.content() != newest.content():
			behind = append(behind, at.String())
		}
	}
	if len(behind) > 0 || len(without) > 0 {
		f.addf(problem.PlanStale, nil, "the stored plans differ: the one of %s is the newest (%s)%s%s; a deployment stopped half way, so deploy again. The network is compared with the newest plan, resources with the templates",
			newest.at.region, newest.changed.UTC().Format(time.RFC3339), clause("an earlier one is in ", behind), clause("none is in ", without))
	}
	changed, gone := f.against(stacks)
	if len(changed) > 0 {
		f.addf(problem.PlanStale, nil, "these stacks hold other resources than the plan of the last complete deployment says: %s; a deployment stopped half way, or something else deployed them, so deploy again. Resources are compared with the templates",
			strings.Join(changed, " "))
	}
	if len(gone) > 0 {
		f.addf(problem.PlanStale, nil, "the plan of the last complete deployment has stacks that are gone: %s; somebody deleted them, so deploy again if that was not meant", strings.Join(gone, " "))
	}
}

func clause(before string, places []string) string {
	if len(places) == 0 {
		return ""
	}
	return ", " + before + strings.Join(places, ", ")
}

// noPlan reports stacks without any plan that could be read.
func (f *findings) noPlan(stacks []*cfn.Stack) {
	switch {
	case len(f.stored) > 0:
		f.addf(problem.PlanStale, nil, "the plan of the last deployment is gone, got nothing at %s; deploy again, which stores it anew. Until then the network is compared with an empty one, resources with the templates", f.stored[len(f.stored)-1].url)
	case len(stacks) > 0:
		f.addf(problem.PlanStale, nil, "there are stacks and no stored plan, so the first deployment stopped half way: %s; deploy again. The network is compared with an empty one, resources with the templates", strings.Join(namesOf(stacks), " "))
	}
}

func namesOf(stacks []*cfn.Stack) []string {
	var names []string
	for _, s := range stacks {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}

// against compares the stacks of each environment with the plan that is stored there, or else with the newest. Stacks that neither the stored nor the
// new plan has are orphans, which are reported as such.
func (f *findings) against(stacks []*cfn.Stack) (changed, gone []string) {
	deployed := map[string]*cfn.Stack{}
	for _, s := range stacks {
		deployed[s.Name] = s
	}
	planned := map[string]bool{}
	for at := range f.clients {
		p := cmp.Or(f.storedIn(at), f.newest())
		for _, s := range change.StacksOf(p.plan) {
			if f.at(topology.Place{AccountID: s.Account, Region: s.Region}) != at {
				continue
			}
			planned[s.Name] = true
			switch now := deployed[s.Name]; {
			case f.left(s.Name, at): // it is an orphan
			case now == nil && f.everywhere(p, s.Name):
				gone = append(gone, s.Name)
			case now != nil && !f.known[s.Name] && differ(s, now):
				changed = append(changed, s.Name)
			}
		}
	}
	for _, s := range stacks {
		if !planned[s.Name] && !f.known[s.Name] && f.plan.Stack(s.Name) != nil {
			changed = append(changed, s.Name)
		}
	}
	slices.Sort(changed)
	slices.Sort(gone)
	return slices.Compact(changed), slices.Compact(gone)
}

// left reports whether a stack stands in an environment in which the new plan does not have it, but has it elsewhere.
func (f *findings) left(name string, at environment) bool {
	return slices.ContainsFunc(f.elsewhere, func(s *stack) bool { return s.name == name && s.at == at })
}

// everywhere reports whether a stack of a stored plan should be there: an environment that the newest plan has left keeps its
// last plan, and its stacks are being removed.
func (f *findings) everywhere(p *storedPlan, name string) bool {
	newest := f.newest()
	return p.content() == newest.content() || newest.plan.Stack(name) != nil
}

// differ reports whether two states of a stack differ in anything that plans know of.
func differ(planned, deployed *cfn.Stack) bool {
	return !slices.EqualFunc(planned.Resources, deployed.Resources, func(x, y *cfn.Resource) bool {
		if x.LogicalID != y.LogicalID || x.Type != y.Type {
			return false
		}
		return !slices.ContainsFunc(cfn.Watched(x.Type), func(name string) bool { return name != "ServiceToken" && x.Properties[name] != y.Properties[name] })
	})
}

// command is what somebody would type to do something with a stack.
func (s *stack) command(verb string, flags ...string) string {
	words := append([]string{"aws cloudformation", verb}, flags...)
	if s.profile != "" {
		words = append(words, "--profile", change.Word(s.profile))
	}
	return fmt.Sprintf("%s --stack-name %s --region %s", strings.Join(words, " "), s.name, s.at.region)
}

// rollback is what somebody would type to bring a stack back to its last good state.
func (s *stack) rollback() string {
	if s.profile != "" {
		return "npx cdk rollback --profile " + change.Word(s.profile) + " " + s.name
	}
	return "npx cdk rollback " + s.name
}
