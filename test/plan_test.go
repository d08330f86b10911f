package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
)

// readStacks reads a network's templates the way changes are judged.
func readStacks(t *testing.T, s *synthesized) map[string]*cfn.Stack {
	t.Helper()
	sources := map[string]cfn.Source{}
	for _, st := range s.plan.Stacks {
		sources[st.Name] = cfn.Source{Region: st.Place.Region, Account: st.Place.AccountID, Template: s.templates[st.Name].Text}
	}
	list, err := cfn.Read(sources)
	if err != nil {
		t.Fatal(err)
	}
	stacks := map[string]*cfn.Stack{}
	for _, st := range list {
		stacks[st.Name] = st
	}
	return stacks
}

// TestPlan_KnowsWhatDecidesAboutReplacement asserts that a plan has the same create-only properties, slots, uses of other
// stacks and exports as the templates: what is said about a change from plans alone is then true of the templates.
func TestPlan_KnowsWhatDecidesAboutReplacement(t *testing.T) {
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		actual := readStacks(t, s)
		for _, planned := range change.StacksOf(s.plan) {
			stack := actual[planned.Name]
			for _, r := range planned.Resources {
				i := slices.IndexFunc(stack.Resources, func(a *cfn.Resource) bool { return a.LogicalID == r.LogicalID })
				if i < 0 {
					t.Errorf("%s has no %s", stack.Name, r.LogicalID)
					continue
				}
				a := stack.Resources[i]
				got, want := watched(r), watched(a)
				delete(want, "ServiceToken") // the same function for all resources of a place
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s/%s (%s): properties that decide (-template +plan):\n%s", stack.Name, r.LogicalID, r.Type, diff)
				}
				if r.DeletionPolicy != a.DeletionPolicy || r.UpdateReplacePolicy != a.UpdateReplacePolicy {
					t.Errorf("%s/%s (%s): policies: plan has %q and %q, template %q and %q", stack.Name, r.LogicalID, r.Type,
						r.DeletionPolicy, r.UpdateReplacePolicy, a.DeletionPolicy, a.UpdateReplacePolicy)
				}
				if diff := cmp.Diff(a.Uses, r.Uses); diff != "" {
					t.Errorf("%s/%s (%s): what it takes from other stacks (-template +plan):\n%s", stack.Name, r.LogicalID, r.Type, diff)
				}
			}
			if diff := cmp.Diff(exports(stack), exports(planned)); diff != "" {
				t.Errorf("%s: exports (-template +plan):\n%s", stack.Name, diff)
			}
		}
	})
}

// watched are a resource's properties without those that are empty.
func watched(r *cfn.Resource) map[string]string {
	out := map[string]string{}
	for _, name := range cfn.Watched(r.Type) {
		if v := r.Properties[name]; v != "" {
			out[name] = v
		}
	}
	return out
}

// exports are the values that a stack exports, sorted.
func exports(s *cfn.Stack) []string {
	var out []string
	for _, o := range s.Outputs {
		if o.Export != "" {
			out = append(out, strings.Trim(o.Value, "{}"))
		}
	}
	slices.Sort(out)
	return out
}

// TestPlan_SlotsAreUnique asserts that no two resources fill one slot.
func TestPlan_SlotsAreUnique(t *testing.T) {
	slots := 0
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		type held struct {
			by   string
			slot cfn.Slot
		}
		var all []held
		for _, st := range readStacks(t, s) {
			for _, r := range st.Resources {
				if slot, ok := cfn.SlotOf(st, r); ok {
					slots++
					for _, other := range all {
						if slot.Conflicts(other.slot) {
							t.Errorf("%s is held by %s and %s", slot, other.by, st.Name+"/"+r.LogicalID)
						}
					}
					all = append(all, held{st.Name + "/" + r.LogicalID, slot})
				}
			}
		}
	})
	if slots < 100 {
		t.Errorf("got %d slots: the test looks at the wrong place", slots)
	}
}
