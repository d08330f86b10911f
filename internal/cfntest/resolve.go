package cfntest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
)

// reference is {STACK/ID} or {STACK/ID.ATTRIBUTE} in a canonical value.
type reference struct{ stack, id, attribute string }

var referenceForm = regexp.MustCompile(`\{([A-Za-z0-9-]+)/([A-Za-z0-9]+)(?:\.([A-Za-z0-9._:-]+))?\}`)

func refs(value string) []reference {
	if !strings.Contains(value, "{") {
		return nil
	}
	var out []reference
	for _, m := range referenceForm.FindAllStringSubmatch(value, -1) {
		out = append(out, reference{m[1], m[2], m[3]})
	}
	return out
}

// physical puts physical ids in the place of references. The lock is held. What serves a planned resource, such as a function,
// is in no plan: a reference to it stays as it is.
func (e *Engine) physical(s *stack, t *template, value string) (string, error) {
	if !strings.Contains(value, "{") {
		return value, nil
	}
	var err error
	out := referenceForm.ReplaceAllStringFunc(value, func(text string) string {
		m := referenceForm.FindStringSubmatch(text)
		i := e.instance(s.region, m[1], m[2])
		switch {
		case i == nil && t.text == nil && e.unplanned(s, t, m[1], m[2]):
			return text
		case i == nil:
			err = answerf("Unresolved resource dependencies [%s/%s]", m[1], m[2])
			return text
		}
		return i.value(m[3])
	})
	return out, err
}

// unplanned reports whether a stack is there, or is t, and does not plan a resource.
func (e *Engine) unplanned(s *stack, t *template, name, id string) bool {
	if name != s.name {
		t = nil
		for at, other := range e.stacks {
			if at.name == name {
				t = other.template
			}
		}
	}
	return t != nil && !slices.ContainsFunc(t.stack.Resources, named(id))
}

// value is what Ref, or Fn::GetAtt with an attribute, gives for a resource. An attribute may follow a property.
func (i *instance) value(attribute string) string {
	if attribute == "" {
		return i.physical
	}
	text := i.physical + "." + attribute
	for _, property := range cfn.Follows(i.typ, attribute) {
		text += "@" + i.properties[property]
	}
	return text
}

// want is a resource as its template wants it, with the values of this moment. The lock is held.
func (e *Engine) want(s *stack, t *template, r *cfn.Resource) (*instance, error) {
	w := &instance{stack: s, logicalID: r.LogicalID, typ: r.Type, properties: map[string]string{}, deletion: r.DeletionPolicy, replace: r.UpdateReplacePolicy}
	for name, value := range r.Properties {
		v, err := e.physical(s, t, value)
		if err != nil {
			return nil, err
		}
		w.properties[name] = v
	}
	if raw := t.raw.Resources[r.LogicalID]; raw != nil {
		ev := &evaluator{engine: e, stack: s}
		body, err := json.Marshal(ev.eval(raw["Properties"]))
		if err = cmp.Or(ev.err, err); err != nil {
			return nil, err
		}
		w.body = string(body)
	} else {
		for _, u := range r.Uses { // a planned one has no more than this
			v, err := e.physical(s, t, "{"+u.Of+"}")
			if err != nil {
				return nil, err
			}
			w.body += v + " "
		}
	}
	return w, nil
}

// evaluator fills in the intrinsic functions that CDK writes. Those that it does not know stay as they are. The lock is held.
type evaluator struct {
	engine *Engine
	stack  *stack
	err    error
}

func (ev *evaluator) eval(v any) any {
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, element := range v {
			out = append(out, ev.eval(element))
		}
		return out
	case map[string]any:
		for name, argument := range v {
			if text, ok := ev.function(name, argument); ok && len(v) == 1 {
				return text
			}
		}
		out := map[string]any{}
		for name, member := range v {
			out[name] = ev.eval(member)
		}
		return out
	}
	return v
}

func (ev *evaluator) function(name string, argument any) (string, bool) {
	switch name {
	case "Ref":
		return ev.ref(fmt.Sprint(argument)), true
	case "Fn::GetAtt":
		if l := list(argument); len(l) == 2 {
			return ev.get(fmt.Sprint(l[0]), fmt.Sprint(l[1])), true
		}
	case "Fn::ImportValue":
		export, _ := ev.eval(argument).(string)
		value, ok := ev.engine.exports(ev.stack.place).value[export]
		if !ok {
			ev.fail("No export named %s found.", export)
		}
		return value, true
	case "Fn::GetStackOutput":
		return ev.stackOutput(argument), true
	case "Fn::Join":
		if l := list(argument); len(l) == 2 {
			var parts []string
			for _, part := range list(l[1]) {
				parts = append(parts, fmt.Sprint(ev.eval(part)))
			}
			return strings.Join(parts, fmt.Sprint(l[0])), true
		}
	case "Fn::Sub":
		if text, ok := argument.(string); ok {
			return variable.ReplaceAllStringFunc(text, func(v string) string {
				id, attribute, _ := strings.Cut(v[2:len(v)-1], ".")
				if attribute != "" {
					return ev.get(id, attribute)
				}
				return ev.ref(id)
			}), true
		}
	}
	return "", false
}

var variable = regexp.MustCompile(`\$\{[A-Za-z0-9:.]+\}`)

func (ev *evaluator) fail(format string, args ...any) {
	if ev.err == nil {
		ev.err = answerf(format, args...)
	}
}

func (ev *evaluator) ref(name string) string {
	s := ev.stack
	switch name {
	case "AWS::Region":
		return s.region
	case "AWS::AccountId":
		return s.account
	case "AWS::Partition":
		return "aws"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::StackName":
		return s.name
	case "AWS::StackId":
		return s.id
	case "AWS::NoValue":
		return ""
	}
	return ev.get(name, "")
}

func (ev *evaluator) get(id, attribute string) string {
	i := ev.stack.resources[id]
	if i == nil {
		ev.fail("Unresolved resource dependencies [%s] in the Resources block of the template", id)
		return ""
	}
	return i.value(attribute)
}

// stackOutput is the value of another stack's output, also in another Region.
func (ev *evaluator) stackOutput(argument any) string {
	a, _ := ev.eval(argument).(map[string]any)
	at := place{ev.stack.account, fmt.Sprint(a["Region"]), fmt.Sprint(a["StackName"])}
	if role, ok := a["RoleArn"].(string); ok { // the producer is in the role's account
		if parts := strings.Split(role, ":"); len(parts) > 4 {
			at.account = parts[4]
		}
	}
	if s := ev.engine.stacks[at]; s != nil {
		for _, o := range s.outputs {
			if o.name == a["OutputName"] {
				return o.value
			}
		}
	}
	ev.fail("Output %v of stack %s in %s does not exist", a["OutputName"], at.name, at.region)
	return ""
}
