package change

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/topology"
)

// StacksOf returns a plan's stacks the way templates are read, so that plans and templates can be compared.
func StacksOf(p *topology.Plan) []*cfn.Stack {
	places := map[string]topology.Place{}
	for _, s := range p.Stacks {
		places[s.Name] = s.Place
	}
	var out []*cfn.Stack
	for _, s := range p.Stacks {
		stack := &cfn.Stack{Name: s.Name, Region: s.Place.Region, Account: s.Place.AccountID}
		for _, r := range s.Resources {
			resource := &cfn.Resource{LogicalID: r.LogicalID, Type: r.Type, Name: r.Name, Properties: r.Properties}
			if r.Retained {
				resource.DeletionPolicy, resource.UpdateReplacePolicy = "RetainExceptOnCreate", "Retain"
			}
			for _, of := range r.Uses {
				producer, _, _ := strings.Cut(of, "/")
				resource.Uses = append(resource.Uses, cfn.Use{Of: of, Strong: places[producer] == s.Place})
			}
			for _, of := range r.Reads {
				resource.Uses = append(resource.Uses, cfn.Use{Of: of})
			}
			slices.SortFunc(resource.Uses, cfn.CompareUses)
			stack.Resources = append(stack.Resources, resource)
		}
		slices.SortFunc(stack.Resources, func(x, y *cfn.Resource) int { return strings.Compare(x.LogicalID, y.LogicalID) })
		for _, of := range s.Exports {
			stack.Outputs = append(stack.Outputs, &cfn.Output{Name: of, Export: s.Name + ":" + of, Value: "{" + s.Name + "/" + of + "}"})
		}
		slices.SortFunc(stack.Outputs, func(x, y *cfn.Output) int { return strings.Compare(x.Name, y.Name) })
		out = append(out, stack)
	}
	return out
}

// protectedBy lists the stacks that have termination protection when a plan is deployed: those that hold a network or a peering.
func protectedBy(p *topology.Plan) map[string]bool {
	out := map[string]bool{}
	for _, s := range p.Stacks {
		out[s.Name] = p.Protect && (s.Layer == topology.LayerNetwork || s.Layer == topology.LayerPeer)
	}
	return out
}
