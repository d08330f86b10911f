package test

import (
	"fmt"
	"strings"
	"testing"
)

// resolver replaces the references in templates by texts, as a deployment would by ids: a resource is "id:LOGICALID", an
// attribute "LOGICALID.ATTRIBUTE".
type resolver struct {
	t *testing.T
	s *synthesized
}

func (r resolver) value(v any) any {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = r.value(e)
		}
		return out
	case map[string]any:
		if len(x) == 1 {
			for name, argument := range x {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return r.function(name, argument)
				}
			}
		}
		out := map[string]any{}
		for k, e := range x {
			out[k] = r.value(e)
		}
		return out
	}
	return v
}

func (r resolver) function(name string, argument any) any {
	r.t.Helper()
	switch name {
	case "Ref":
		return "id:" + argument.(string)
	case "Fn::GetAtt":
		a := argument.([]any)
		return fmt.Sprintf("%s.%s", a[0], a[1])
	case "Fn::Sub":
		return argument
	case "Fn::Join":
		a := argument.([]any)
		var parts []string
		for _, e := range r.value(a[1]).([]any) {
			parts = append(parts, fmt.Sprint(e))
		}
		return strings.Join(parts, a[0].(string))
	case "Fn::Split":
		a := argument.([]any)
		var out []any
		for part := range strings.SplitSeq(r.value(a[1]).(string), a[0].(string)) {
			out = append(out, part)
		}
		return out
	case "Fn::Select":
		a := argument.([]any)
		var i int
		if _, err := fmt.Sscan(fmt.Sprint(a[0]), &i); err != nil {
			panic(err)
		}
		return r.value(a[1]).([]any)[i]
	case "Fn::ImportValue":
		return "import:" + fmt.Sprint(argument)
	case "Fn::GetStackOutput":
		a := argument.(map[string]any)
		producer := r.s.templates[a["StackName"].(string)]
		output, ok := producer.Outputs[a["OutputName"].(string)].(map[string]any)
		if !ok {
			r.t.Fatalf("no output %v of stack %v", a["OutputName"], a["StackName"])
		}
		return r.value(output["Value"])
	}
	r.t.Fatalf("the test does not know %s", name)
	return nil
}
