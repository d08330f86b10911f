package change

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// Action is what a step does with its stacks.
type Action string

// The actions.
const (
	Deploy    Action = "deploy"    // these stacks only, one after the other in this order (cdk deploy --exclusively)
	DeployAll Action = "deployAll" // every stack of the app, in its own order
	Remove    Action = "remove"    // delete these stacks, in this order; the app does not have them any more
)

// Step is one step of a deployment.
type Step struct {
	Action Action   `json:"action"`
	Stacks []string `json:"stacks,omitempty"` // none for DeployAll
	// Together says that the CDK CLI may deploy the stacks by one command: its own order among them is as good.
	Together bool `json:"together,omitempty"`
	// Protected are those of a Remove whose termination protection has to be switched off first.
	Protected []string `json:"protected,omitempty"`
	Why       []string `json:"why,omitempty"`
}

// rollout finds the order in which stacks have to be deployed and removed. Usually that is the app's own order, with the
// stacks that it has no more removed at the end. It is not where a stack still holds what an earlier one wants to give
// away or take: a slot, or an import. Then the holder's stack goes first, as long as it needs nothing that is not there yet.
type rollout struct {
	before, after []*cfn.Stack
	protected     map[string]bool
	early         map[string]bool
	why           map[string][]string
}

// verdict is what an order leads to.
type verdict struct {
	changes *cfn.Changes
	missing []missing
}

func (v verdict) clean() bool {
	return len(v.collisions()) == 0 && len(v.changes.Broken) == 0 && len(v.missing) == 0
}

// collisions are those that do not depend on luck.
func (v verdict) collisions() []cfn.Collision {
	return slices.DeleteFunc(slices.Clone(v.changes.Collisions), func(c cfn.Collision) bool { return c.Maybe })
}

// missing is a stack that would be deployed before something that it takes from another one.
type missing struct{ stack, of, by string }

// plan returns the steps, none if no order will do, and the verdict on the app's own order and on the order of the steps.
func (r *rollout) plan() (steps []Step, natural, ordered verdict) {
	r.early, r.why = map[string]bool{}, map[string][]string{}
	natural = r.judge(nil)
	ordered = natural
	first := r.first()
	for !ordered.clean() && r.advance(ordered) {
		first = r.first()
		ordered = r.judge(first)
	}
	if !ordered.clean() {
		return nil, natural, ordered
	}
	return r.steps(first), natural, ordered
}

func (r *rollout) steps(first []string) []Step {
	var steps []Step
	for _, name := range first {
		action := Deploy
		if !has(r.after, name) {
			action = Remove
		}
		if n := len(steps); n == 0 || steps[n-1].Action != action {
			steps = append(steps, Step{Action: action})
		}
		last := &steps[len(steps)-1]
		last.Stacks = append(last.Stacks, name)
		last.Why = append(last.Why, r.why[name]...)
	}
	steps = append(steps, Step{Action: DeployAll})
	if rest := r.orphans(); len(rest) > 0 {
		steps = append(steps, Step{Action: Remove, Stacks: rest, Why: []string{"the app does not have them any more, and nothing else deletes them"}})
	}
	for i, s := range steps {
		if s.Action == Deploy && len(s.Stacks) > 1 {
			steps[i].Together = r.anyOrder(first, s.Stacks)
		}
		if s.Action == Remove {
			steps[i].Protected = slices.DeleteFunc(slices.Clone(s.Stacks), func(name string) bool { return !r.protected[name] })
		}
	}
	return steps
}

// anyOrder reports whether stacks may also be deployed the other way round: no two of them pass anything to each other.
func (r *rollout) anyOrder(first, stacks []string) bool {
	turned := slices.Clone(first)
	at := slices.Index(first, stacks[0]) // those of one step are next to each other
	slices.Reverse(turned[at : at+len(stacks)])
	return r.judge(turned).clean()
}

// advance moves stacks that are in the way of others to the front, and reports whether there were any.
func (r *rollout) advance(v verdict) bool {
	moved := false
	move := func(stack, why string) {
		if !r.early[stack] {
			r.early[stack] = true
			moved = true
		}
		if !slices.Contains(r.why[stack], why) {
			r.why[stack] = append(r.why[stack], why)
		}
	}
	for _, c := range v.collisions() {
		if !c.SameStack() && !r.early[c.New.Stack] {
			move(c.Old.Stack, c.Old.Stack+" holds the "+c.Slot.Kind+" that "+c.New.Stack+" takes")
		}
	}
	for _, b := range v.changes.Broken {
		if b.Consumer.Stack != b.Producer.Stack {
			move(b.Consumer.Stack, b.Consumer.Stack+" imports what "+b.Producer.Stack+" gives up")
		}
	}
	return moved
}

// first lists the stacks that go first: those that take from others before those that give.
func (r *rollout) first() []string {
	var names []string
	for _, s := range slices.Backward(r.all()) {
		if r.early[s.Name] {
			names = append(names, s.Name)
		}
	}
	return names
}

// orphans lists the stacks that remain to be removed at the end, in reverse order of deployment.
func (r *rollout) orphans() []string {
	var names []string
	for _, s := range slices.Backward(r.before) {
		if !has(r.after, s.Name) && !r.early[s.Name] {
			names = append(names, s.Name)
		}
	}
	return names
}

// all lists the stacks of both states in the order of deployment: those of the new one, with those that are gone before the
// first one that came after them.
func (r *rollout) all() []*cfn.Stack {
	position := map[string]int{}
	for i, s := range r.before {
		position[s.Name] = i
	}
	var out []*cfn.Stack
	gone := slices.DeleteFunc(slices.Clone(r.before), func(s *cfn.Stack) bool { return has(r.after, s.Name) })
	for _, s := range r.after {
		if at, known := position[s.Name]; known {
			for len(gone) > 0 && position[gone[0].Name] < at {
				out, gone = append(out, gone[0]), gone[1:]
			}
		}
		out = append(out, s)
	}
	return append(out, gone...)
}

// judge deploys in an order: first the stacks that go first, then the rest. A stack to be removed is deployed empty.
func (r *rollout) judge(first []string) verdict {
	var order []*cfn.Stack
	for _, name := range first {
		s := find(r.after, name)
		if s == nil {
			s = &cfn.Stack{Name: name}
		}
		order = append(order, s)
	}
	for _, s := range r.after {
		if !slices.Contains(first, s.Name) {
			order = append(order, s)
		}
	}
	return verdict{cfn.Compare(r.before, order), r.missing(order)}
}

// missing finds what stacks take before it is there.
func (r *rollout) missing(order []*cfn.Stack) []missing {
	there := map[string]bool{}
	offer := func(s *cfn.Stack) {
		for _, x := range s.Resources {
			there[s.Name+"/"+x.LogicalID] = true
		}
		for _, o := range s.Outputs {
			of, _, _ := strings.Cut(strings.Trim(o.Value, "{}"), ".")
			there[of] = true
		}
	}
	for _, s := range r.before {
		offer(s)
	}
	var out []missing
	for _, s := range order {
		for _, x := range s.Resources {
			for _, u := range x.Uses {
				if of, _, _ := strings.Cut(u.Of, "."); !there[of] && !slices.Contains(out, missing{s.Name, of, x.LogicalID}) {
					out = append(out, missing{s.Name, of, x.LogicalID})
				}
			}
		}
		offer(s)
	}
	return out
}

func find(list []*cfn.Stack, name string) *cfn.Stack {
	if i := slices.IndexFunc(list, func(s *cfn.Stack) bool { return s.Name == name }); i >= 0 {
		return list[i]
	}
	return nil
}

func has(list []*cfn.Stack, name string) bool { return find(list, name) != nil }
