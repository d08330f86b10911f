package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// whole are the types of which everything is compared that their template says, with the values that references got.
// Code is left out: it is what ran.
var whole = []string{"AWS::Chatbot::SlackChannelConfiguration", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Events::Rule",
	"AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Logs::MetricFilter"}

// said is what a template says of a resource.
func (d *deployed) said(t *testing.T, st *stack, logical string) properties {
	t.Helper()
	declared, p := st.template.Resources[logical], properties{}
	for name, value := range declared.Properties {
		if name != "Tags" && name != "Code" {
			p[name] = textOf(d.evaluate(t, st, value))
			if name == "FunctionName" { // which may be an ARN
				p[name] = p[name][strings.LastIndex(p[name], ":")+1:]
			}
		}
	}
	return p
}

// evaluate replaces the references in a template's value by what they have become.
func (d *deployed) evaluate(t *testing.T, st *stack, value any) any {
	t.Helper()
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = d.evaluate(t, st, v[i])
		}
		return out
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return d.reference(t, st, name, argument)
				}
			}
		}
		out := map[string]any{}
		for name := range v {
			out[name] = d.evaluate(t, st, v[name])
		}
		return out
	}
	return value
}

func (d *deployed) reference(t *testing.T, st *stack, function string, argument any) string {
	t.Helper()
	switch function {
	case "Ref":
		if text, ok := strings.CutPrefix(plainText(argument), "AWS::"); ok {
			return map[string]string{"Region": st.region, "AccountId": account, "Partition": "aws", "StackName": st.name, "StackId": st.id, "URLSuffix": "amazonaws.com"}[text]
		}
		return d.value(t, st.name+"/"+plainText(argument))
	case "Fn::GetAtt":
		path := argument.([]any)
		return d.value(t, fmt.Sprintf("%s/%v.%v", st.name, path[0], path[1]))
	case "Fn::Join":
		a := argument.([]any)
		var parts []string
		for _, part := range a[1].([]any) {
			parts = append(parts, plainText(d.evaluate(t, st, part)))
		}
		return strings.Join(parts, plainText(a[0]))
	case "Fn::Base64":
		return base64.StdEncoding.EncodeToString([]byte(plainText(d.evaluate(t, st, argument))))
	case "Fn::Select":
		a := argument.([]any)
		if split, ok := a[1].(map[string]any)["Fn::Split"].([]any); ok {
			parts := strings.Split(plainText(d.evaluate(t, st, split[1])), plainText(split[0]))
			if i := int(a[0].(float64)); i < len(parts) {
				return parts[i]
			}
		}
	case "Fn::Sub":
		if text, ok := argument.(string); ok {
			return strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::AccountId}", account, "${AWS::Region}", st.region).Replace(text)
		}
	case "Fn::GetStackOutput":
		a := argument.(map[string]any)
		if other := d.stacks[plainText(a["StackName"])]; other != nil && other.region == a["Region"] {
			return other.outputs[plainText(a["OutputName"])]
		}
	case "Fn::ImportValue":
		for _, other := range d.stacks {
			if value := other.exports[plainText(argument)]; value != "" && other.region == st.region {
				return value
			}
		}
	}
	t.Errorf("%s: the harness does not know %s of %v", st.name, function, argument)
	return ""
}

// textsOf writes each value of an API's answer.
func textsOf(values map[string]any) properties {
	p := properties{}
	for name, value := range values {
		p[name] = textOf(value)
	}
	return p
}

// textOf writes a value of a template or an API: a scalar plainly, anything else as JSON of such scalars. The order of a
// list means nothing.
func textOf(value any) string {
	switch v := value.(type) {
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = textOf(v[i])
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		texts := map[string]string{}
		for name := range v {
			texts[name] = textOf(v[name])
		}
		out, err := json.Marshal(texts) // sorts names
		if err != nil {
			return err.Error()
		}
		return string(out)
	}
	return plainText(value)
}
