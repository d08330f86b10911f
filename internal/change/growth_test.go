package change_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// TestGrowth lets networks grow and shrink at random and deploys every change, in the order that the report says, to a
// CloudFormation that refuses what the real one refuses. Nothing that keeps its name may move or be replaced.
func TestGrowth(t *testing.T) {
	seeds, steps := 12, 60
	if testing.Short() {
		seeds = 3
	}
	kinds := map[string]int{}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newModel(uint64(seed))
			before := plan(t, "model.yaml", m.yaml()).Plan
			cloud := newCloud(t, before)
			for i := range steps {
				did := m.step()
				kinds[strings.Join(strings.Fields(did)[:2], " ")]++
				after := plan(t, "model.yaml", m.yaml()).Plan
				t.Logf("%d: %s", i, did)
				cloud.change(before, after)
				if t.Failed() {
					t.FailNow()
				}
				before = after
			}
		})
	}
	if !testing.Short() && len(kinds) < 14 {
		t.Errorf("only these changes came up: %v", kinds)
	}
}

// TestGrowth_ToHundredNetworks adds one network after the other, in five Regions that reach each other. They have one zone each,
// to save time: what a zone adds is TestGrowth's.
func TestGrowth_ToHundredNetworks(t *testing.T) {
	most := 100
	if testing.Short() {
		most = 25
	}
	m := newModel(7)
	for m.addRegion() != "" {
	}
	for _, a := range m.regions {
		for _, b := range m.regions {
			if a < b {
				m.joined[fmt.Sprintf("t%d", m.number())] = [2]string{a, b}
			}
		}
	}
	before := plan(t, "model.yaml", m.yaml()).Plan
	cloud := newCloud(t, before)
	for len(m.networks) < most && !t.Failed() {
		m.addNetwork()
		for _, n := range m.networks {
			n.zones = n.zones[:1]
		}
		after := plan(t, "model.yaml", m.yaml()).Plan
		cloud.change(before, after)
		before = after
	}
}

// TestReplacements asserts that a report names exactly those resources whose create-only properties change, or refer to one
// that is replaced, and refuses the ones that others would miss.
func TestReplacements(t *testing.T) {
	for seed := range uint64(40) {
		m := newModel(seed)
		for range 25 {
			m.step()
		}
		before := plan(t, "model.yaml", m.yaml()).Plan
		did := m.replace()
		after := plan(t, "model.yaml", m.yaml()).Plan
		report := change.Compare(change.Deployed{Plan: before}, after, nil)
		var got, refused []string
		for _, r := range report.Resources {
			if r.Action == cfn.Replace {
				got = append(got, r.Name)
			}
		}
		for _, p := range report.Problems {
			if p.Code == problem.Destroyed {
				refused = append(refused, p.Message)
			}
		}
		want := replaced(before, after)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("seed %d, %s: replaced (-want +announced):\n%s", seed, did, diff)
		}
		for _, name := range want {
			noun, ok := cfn.Protected(typeOf(after, name))
			named := slices.ContainsFunc(refused, func(m string) bool { return strings.HasPrefix(m, noun+" "+name+" would be replaced, because ") })
			if ok && !named {
				t.Errorf("seed %d, %s: %s is replaced and not refused; refused is %q", seed, did, name, refused)
			}
		}
	}
}

// replaced lists by name what a change replaces: what has another create-only property, and whatever refers to that in one.
func replaced(before, after *topology.Plan) []string {
	was := map[string]*topology.Resource{}
	for _, s := range before.Stacks {
		for _, r := range s.Resources {
			was[r.Name] = r
		}
	}
	gone := map[string]bool{} // {STACK/ID
	names := map[string]bool{}
	for more := true; more; {
		more = false
		for _, s := range after.Stacks {
			for _, r := range s.Resources {
				ref := "{" + s.Name + "/" + r.LogicalID
				if r.Type == "Custom::PathproofVpnFacts" && !gone[ref] && gone[strings.TrimSuffix(r.Properties["TransitGatewayId"], "}")] {
					gone[ref], more = true, true // it stays, but AWS makes another attachment, whose id it gives
				}
				if old := was[r.Name]; old == nil || names[r.Name] || !another(old, r, gone) {
					continue
				}
				gone[ref], names[r.Name], more = true, true, true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func another(old, now *topology.Resource, gone map[string]bool) bool {
	for _, p := range cfn.CreateOnly(now.Type) {
		v := now.Properties[p]
		if v != old.Properties[p] {
			return true
		}
		for ref := range gone {
			if strings.Contains(v, ref+"}") || strings.Contains(v, ref+".") {
				return true
			}
		}
	}
	return false
}

func typeOf(p *topology.Plan, name string) string {
	for _, s := range p.Stacks {
		for _, r := range s.Resources {
			if r.Name == name {
				return r.Type
			}
		}
	}
	return ""
}

// cloud is a CloudFormation that holds stacks. It shares with what it tests only the knowledge of types (which properties
// are create-only, what a slot is), not how changes are judged.
type cloud struct {
	t      *testing.T
	stacks map[string]*cfn.Stack
}

func newCloud(t *testing.T, p *topology.Plan) *cloud {
	c := &cloud{t, map[string]*cfn.Stack{}}
	for _, s := range change.StacksOf(p) {
		c.deploy(s)
	}
	return c
}

// change compares two plans, deploys the second as the report says, and holds the outcome against the plan.
func (c *cloud) change(before, after *topology.Plan) {
	c.t.Helper()
	report := change.Compare(change.Deployed{Plan: before}, after, nil)
	c.stays(before, after, report)
	if len(report.Without) > 0 {
		c.t.Errorf("takes two deployments, without %v", report.Without)
		return
	}
	wanted := map[string]*cfn.Stack{}
	var order []*cfn.Stack
	for _, s := range change.StacksOf(after) {
		wanted[s.Name] = s
		order = append(order, s)
	}
	for _, step := range report.Steps {
		switch step.Action {
		case change.DeployAll:
			for _, s := range order {
				c.deploy(s)
			}
		case change.Deploy:
			for _, name := range step.Stacks {
				c.deploy(wanted[name])
			}
		case change.Remove:
			for _, name := range step.Stacks {
				c.remove(name)
			}
		}
	}
	for name := range c.stacks {
		if wanted[name] == nil {
			c.t.Errorf("stack %s is left", name)
		}
	}
	if len(c.stacks) != len(wanted) {
		c.t.Errorf("%d stacks, want %d", len(c.stacks), len(wanted))
	}
}

// stays asserts that nothing with one name in both plans moves, and that every changed create-only property is announced.
func (c *cloud) stays(before, after *topology.Plan, report *change.Report) {
	c.t.Helper()
	type thing struct {
		stack string
		r     *topology.Resource
	}
	was := map[string]thing{}
	for _, s := range before.Stacks {
		for _, r := range s.Resources {
			was[r.Type+" "+r.Name] = thing{s.Name, r}
		}
	}
	for _, s := range after.Stacks {
		for _, r := range s.Resources {
			old, there := was[r.Type+" "+r.Name]
			if !there {
				continue
			}
			if old.stack != s.Name || old.r.LogicalID != r.LogicalID {
				c.t.Errorf("%s moves from %s/%s to %s/%s", r.Name, old.stack, old.r.LogicalID, s.Name, r.LogicalID)
			}
			for _, p := range cfn.CreateOnly(r.Type) {
				if old.r.Properties[p] != r.Properties[p] && !announced(report, s.Name, r.LogicalID) {
					c.t.Errorf("%s is replaced, because %s changes from %s to %s, and nothing says so", r.Name, p, old.r.Properties[p], r.Properties[p])
				}
			}
		}
	}
	for _, r := range report.Resources {
		if r.Action == cfn.Replace || r.Action == cfn.Refuse {
			c.t.Errorf("%s is replaced: %+v", r.Name, r.Causes)
		}
	}
}

func announced(report *change.Report, stack, id string) bool {
	return slices.ContainsFunc(report.Resources, func(r change.Resource) bool {
		return r.Stack == stack && r.LogicalID == id && r.Action == cfn.Replace
	})
}

// deploy creates what is new, then deletes what is gone, as CloudFormation does.
func (c *cloud) deploy(s *cfn.Stack) {
	c.t.Helper()
	c.imports(s)
	old := c.stacks[s.Name]
	if old == nil {
		old = &cfn.Stack{Name: s.Name, Region: s.Region}
	}
	live := slices.Clone(old.Resources)
	for _, r := range s.Resources {
		i := slices.IndexFunc(live, func(x *cfn.Resource) bool { return x.LogicalID == r.LogicalID })
		if i < 0 {
			c.takes(s, r, live)
			live = append(live, r)
		}
	}
	c.exports(old, s)
	c.stacks[s.Name] = s
}

// takes asserts that nobody holds the slot of a new resource.
func (c *cloud) takes(s *cfn.Stack, r *cfn.Resource, live []*cfn.Resource) {
	c.t.Helper()
	slot, ok := cfn.SlotOf(s, r)
	if !ok || slot.TakesOver {
		return
	}
	check := func(of *cfn.Stack, list []*cfn.Resource) {
		for _, x := range list {
			if other, ok := cfn.SlotOf(of, x); ok && slot.Kind == other.Kind && slot.Conflicts(other) {
				c.t.Errorf("%s/%s takes %s, which %s/%s holds", s.Name, r.LogicalID, slot, of.Name, x.LogicalID)
			}
		}
	}
	check(s, live)
	for _, other := range c.related(s) {
		check(other, other.Resources)
	}
}

// related are the other stacks that could hold a slot of this one: those of the same Region.
func (c *cloud) related(s *cfn.Stack) []*cfn.Stack {
	var out []*cfn.Stack
	for _, other := range c.stacks {
		if other.Name != s.Name && other.Region == s.Region && (strings.Contains(s.Name, "-routes-") || strings.Contains(other.Name, "-routes-") || strings.Contains(s.Name, "-peer-")) {
			out = append(out, other)
		}
	}
	return out
}

// imports asserts that everything that a stack takes from others is there.
func (c *cloud) imports(s *cfn.Stack) {
	c.t.Helper()
	for _, r := range s.Resources {
		for _, u := range r.Uses {
			producer, _, _ := strings.Cut(u.Of, "/")
			of := c.stacks[producer]
			if of == nil || !offers(of, u) {
				c.t.Errorf("%s/%s takes %s, which is not there", s.Name, r.LogicalID, u.Of)
			}
		}
	}
}

func offers(s *cfn.Stack, u cfn.Use) bool {
	if slices.ContainsFunc(s.Outputs, func(o *cfn.Output) bool { return o.Value == "{"+u.Of+"}" }) {
		return true
	}
	return !u.Strong && slices.ContainsFunc(s.Resources, func(r *cfn.Resource) bool { return strings.HasPrefix(u.Of+".", s.Name+"/"+r.LogicalID+".") })
}

// exports asserts that no export goes that another stack imports.
func (c *cloud) exports(old, now *cfn.Stack) {
	c.t.Helper()
	for _, o := range old.Outputs {
		if slices.ContainsFunc(now.Outputs, func(x *cfn.Output) bool { return x.Value == o.Value }) {
			continue
		}
		for _, s := range c.stacks {
			for _, r := range s.Resources {
				if slices.ContainsFunc(r.Uses, func(u cfn.Use) bool { return u.Strong && "{"+u.Of+"}" == o.Value }) {
					c.t.Errorf("%s takes back %s, which %s/%s imports", now.Name, o.Value, s.Name, r.LogicalID)
				}
			}
		}
	}
}

func (c *cloud) remove(name string) {
	c.t.Helper()
	c.exports(c.stacks[name], &cfn.Stack{Name: name})
	delete(c.stacks, name)
}
