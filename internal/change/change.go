package change

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// Deployed is the state that a plan is compared with.
type Deployed struct {
	Plan *topology.Plan
	// Stacks are the stacks as they are. Nil: as the plan says.
	Stacks []*cfn.Stack
	// Protected are stacks with termination protection, by name. Without Stacks they are those that the plan protects.
	Protected map[string]bool
	// Elsewhere are those of Stacks that have a name of their own (SetApart).
	Elsewhere []Elsewhere
	// Source says for people where the state was read; empty if it is not that of an account.
	Source string
	// Problems of what is deployed, such as a stack in a state that cannot be updated.
	Problems problem.List
}

// Report is what a change comes to.
type Report struct {
	Name string `json:"name"`
	// Source says what the plan was compared with, if that was read from AWS.
	Source string `json:"source,omitempty"`
	// Nothing says that nothing was there before.
	Nothing     bool         `json:"nothing,omitempty"`
	Differences []Difference `json:"differences"`
	// Resources are those that are created, deleted or replaced, in the order of deployment.
	Resources []Resource `json:"resources"`
	// Steps are the order of deployment; none if it takes two deployments of two files.
	Steps []Step `json:"steps,omitempty"`
	// Keep names what the first of two deployments still has, and Without what it leaves out; both are empty if one deployment
	// will do.
	Keep    []string `json:"keep,omitempty"`
	Without []string `json:"without,omitempty"`
	// Elsewhere are stacks whose name in this report is not the one that CloudFormation knows.
	Elsewhere []Elsewhere `json:"elsewhere,omitempty"`
	// Problems say what is refused, and what to do.
	Problems problem.List `json:"-"`
	// Config is the configuration file that the printed commands name; empty is the one that the app reads by itself.
	Config string `json:"-"`
	// Profile is the profile of AWS credentials that the printed commands name; empty is the environment's choice.
	Profile           string            `json:"-"`
	regions, accounts map[string]string // of stacks
}

// Resource is what happens to one resource.
type Resource struct {
	Name      string     `json:"name"`
	Stack     string     `json:"stack"`
	LogicalID string     `json:"logicalId"`
	Type      string     `json:"type"`
	Action    cfn.Action `json:"action"`
	// Protected names the kind of what others would miss; empty for everything else.
	Protected string `json:"protected,omitempty"`
	// Allowed says that the command names it.
	Allowed bool `json:"allowed,omitempty"`
	// Retained says that the old one stays in the account.
	Retained bool `json:"retained,omitempty"`
	// Orphaned says that it is in a stack that the app does not have any more, and goes when somebody deletes that.
	Orphaned bool    `json:"orphaned,omitempty"`
	Causes   []Cause `json:"causes,omitempty"`
}

// Cause is why a resource is replaced: a property that CloudFormation cannot change in place.
type Cause struct {
	Property string `json:"property"`
	Before   string `json:"before"`
	After    string `json:"after"`
	// Follows is the resource whose replacement changes the property; empty if the configuration does.
	Follows string `json:"follows,omitempty"`
	// Maybe says that the replacement depends on something that is not known.
	Maybe bool `json:"maybe,omitempty"`
}

// Compare tells what a change from what is deployed to a plan comes to. allow names what may be deleted or replaced although
// others would miss it, as Names takes it.
func Compare(deployed Deployed, after *topology.Plan, allow []string) *Report {
	c := &comparison{after: after, allow: allow, report: &Report{Name: after.Name, Source: deployed.Source, Differences: differences(deployed.Plan, after),
		Elsewhere: slices.Clone(deployed.Elsewhere), Problems: slices.Clone(deployed.Problems), regions: map[string]string{}, accounts: map[string]string{}}, names: map[cfn.ID]string{}}
	before, protected, now := deployed.Stacks, deployed.Protected, StacksOf(after)
	if before == nil {
		before, protected = StacksOf(deployed.Plan), protectedBy(deployed.Plan)
	}
	c.report.Nothing = len(before) == 0
	c.learn(StacksOf(deployed.Plan))
	before, protected = c.apart(before, now, protected)
	c.learn(before)
	c.learn(now)
	r := &rollout{before: before, after: now, protected: protected}
	steps, natural, ordered := r.plan()
	c.resources(natural.changes, before)
	c.report.Steps = steps
	c.judge(r, steps, natural, ordered)
	c.report.plain()
	return c.report
}

// comparison builds a report.
type comparison struct {
	after  *topology.Plan
	allow  []string
	report *Report
	names  map[cfn.ID]string
}

// learn takes in what resources are called.
func (c *comparison) learn(stacks []*cfn.Stack) {
	for _, s := range stacks {
		c.report.regions[s.Name], c.report.accounts[s.Name] = s.Region, s.Account
		for _, r := range s.Resources {
			if r.Name != "" {
				c.names[cfn.ID{Stack: s.Name, LogicalID: r.LogicalID}] = r.Name
			}
		}
	}
}

// name is what people call a resource, or what CloudFormation calls it.
func (c *comparison) name(id cfn.ID) string {
	if n := c.names[id]; n != "" {
		return n
	}
	return id.String()
}

// resources lists what happens to resources, and what becomes of those in stacks that nothing deploys any more.
func (c *comparison) resources(changes *cfn.Changes, before []*cfn.Stack) {
	for _, x := range changes.Resources {
		r := Resource{Name: c.name(x.ID), Stack: x.Stack, LogicalID: x.LogicalID, Type: x.Type(), Action: x.Action, Retained: x.Retained}
		for _, cause := range x.Causes {
			y := Cause{Property: cause.Property, Before: c.text(cause.Old), After: c.text(cause.New), Maybe: cause.Maybe}
			if y.Before == y.After {
				y.Before, y.After = cause.Old, cause.New // one thing to people, two to CloudFormation
			}
			if cause.Follows != (cfn.ID{}) {
				y.Follows = c.name(cause.Follows)
			}
			r.Causes = append(r.Causes, y)
		}
		c.add(r)
	}
	for _, name := range changes.Orphans {
		for _, x := range find(before, name).Resources {
			c.add(Resource{Name: c.name(cfn.ID{Stack: name, LogicalID: x.LogicalID}), Stack: name, LogicalID: x.LogicalID, Type: x.Type,
				Action: cfn.Delete, Retained: strings.HasPrefix(x.DeletionPolicy, "Retain"), Orphaned: true})
		}
	}
}

func (c *comparison) add(r Resource) {
	if noun, ok := cfn.Protected(r.Type); ok && r.Action != cfn.Create {
		r.Protected, r.Allowed = noun, c.allowed(r.Name)
	}
	c.report.Resources = append(c.report.Resources, r)
}

func (c *comparison) allowed(name string) bool {
	return slices.ContainsFunc(c.allow, func(a string) bool { return Names(a, name) })
}

// Names reports whether a name that somebody allows to be destroyed means a resource: by its own name, or by that of the
// whole thing that it belongs to or anything in between, such as network/seoul/app. Less than a thing, such as network/seoul,
// names nothing: it would grow with the file. A slash at the end makes no difference.
func Names(allowed, resource string) bool {
	allowed = strings.TrimSuffix(allowed, "/")
	parts := 2 // site/idc
	switch kind, _, _ := strings.Cut(allowed, "/"); kind {
	case "network":
		parts = 3
	case "alerts", "gate": // there is one
		parts = 1
	}
	return resource == allowed || strings.HasPrefix(resource, allowed+"/") && strings.Count(allowed, "/")+1 >= parts
}

// text writes a value with the names of resources in place of their logical ids.
func (c *comparison) text(value string) string {
	ref, ok := strings.CutPrefix(value, "{")
	if !ok {
		return value
	}
	ref, _, _ = strings.Cut(strings.TrimSuffix(ref, "}"), ".")
	stack, id, ok := strings.Cut(ref, "/")
	if !ok {
		return value
	}
	return c.name(cfn.ID{Stack: stack, LogicalID: id})
}
