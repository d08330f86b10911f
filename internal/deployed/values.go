package deployed

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/problem"
)

// output is an output of a stack, as another Region reads it.
type output struct{ stack, name, region string }

func (o output) compare(other output) int {
	return cmp.Or(strings.Compare(o.stack, other.stack), strings.Compare(o.name, other.name), strings.Compare(o.region, other.region))
}

// values reports stacks that hold a value of another Region that its producer has no more. CloudFormation reads such a value
// when the reader is deployed and tells nobody when it changes. The name of the output changes with what it is an id of
// (docs/adr/0002), so a reader that was not deployed since asks for an output that is gone.
func (f *findings) values(stacks []*stack) {
	there := map[output]bool{}
	for _, s := range f.elsewhere { // still there, until it is deleted
		for _, name := range outputsOf(s) {
			there[output{s.name, name, s.at.region}] = true
		}
	}
	reads := make([][]output, len(stacks))
	for i, s := range stacks {
		var t struct{ Resources any }
		if json.Unmarshal(s.template, &t) != nil {
			continue // it has none; a template that is no JSON was refused before
		}
		for _, name := range outputsOf(s) {
			there[output{s.name, name, s.at.region}] = true
		}
		reads[i] = readOutputs(t.Resources)
	}
	for i, s := range stacks {
		for _, o := range reads[i] {
			if !there[o] {
				f.addf(problem.StaleValue, s, "stack %s holds a value that stack %s in %s has no more (output %s), so what it leads to is not there; deploy again: cdk deploy --exclusively %s",
					s.name, o.stack, o.region, o.name, s.name)
			}
		}
	}
}

// outputsOf lists the outputs of a stack's template, in no order.
func outputsOf(s *stack) []string {
	var t struct{ Outputs map[string]json.RawMessage }
	if json.Unmarshal(s.template, &t) != nil {
		return nil // it has none; a template that is no JSON was refused before
	}
	return slices.Collect(maps.Keys(t.Outputs))
}

// readOutputs lists what a part of a template reads by Fn::GetStackOutput, each once.
func readOutputs(v any) []output {
	var out []output
	switch x := v.(type) {
	case map[string]any:
		if read, ok := x["Fn::GetStackOutput"].(map[string]any); ok && len(x) == 1 {
			o := output{}
			o.stack, _ = read["StackName"].(string)
			o.name, _ = read["OutputName"].(string)
			o.region, _ = read["Region"].(string)
			if o.stack != "" && o.name != "" && o.region != "" { // else it is not one of pathproof's
				out = append(out, o)
			}
			return out
		}
		for _, inner := range x {
			out = append(out, readOutputs(inner)...)
		}
	case []any:
		for _, inner := range x {
			out = append(out, readOutputs(inner)...)
		}
	}
	slices.SortFunc(out, output.compare)
	return slices.Compact(out)
}
