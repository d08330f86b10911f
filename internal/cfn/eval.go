package cfn

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// longest is the length in bytes from which a value is not resolved through another output, four times what CloudFormation
// allows. Outputs that refer to each other several times would double with each step.
const longest = 1 << 14

// evaluator turns values of one stack's template into trees of lists and objects with canonical strings as leaves. It
// collects the values of other stacks that it meets.
type evaluator struct {
	reader *reader
	stack  *rawStack
	used   map[Use]bool
}

func (r *reader) evaluator(s *rawStack) *evaluator { return &evaluator{r, s, map[Use]bool{}} }

// eval returns a string, a []any, a map[string]any, or nil for no value.
func (e *evaluator) eval(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case bool:
		return Canonical(v)
	case []any:
		list := make([]any, 0, len(v))
		for _, element := range v {
			if got := e.eval(element); got != nil {
				list = append(list, got)
			}
		}
		return list
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if f := functions[name]; f != nil {
					if got, ok := f(e, argument); ok {
						return got
					}
				}
			}
		}
		object := make(map[string]any, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if got := e.eval(v[name]); got != nil {
				object[name] = got
			}
		}
		return object
	default: // a string, or null
		return v
	}
}

// text evaluates a value to a canonical string.
func (e *evaluator) text(v any) string { return Canonical(e.eval(v)) }

// name evaluates the name of an export or a stack, with pseudo parameters filled in: stacks that import may write them
// in another way than the stack that exports.
func (e *evaluator) name(v any) string {
	s := e.text(v)
	for _, p := range []struct{ name, value string }{
		{"AWS::StackName", e.stack.Name}, {"AWS::Region", e.stack.Region}, {"AWS::AccountId", e.stack.Account},
	} {
		if p.value != "" {
			s = strings.ReplaceAll(s, Pseudo(p.name), p.value)
		}
	}
	return s
}

// functions evaluate the argument of an intrinsic function. They are false about an argument they do not understand; it
// is kept as it is then.
var functions map[string]func(*evaluator, any) (any, bool)

func init() { // not in the declaration: the functions call eval, which looks here
	functions = map[string]func(*evaluator, any) (any, bool){
		"Ref":                (*evaluator).ref,
		"Fn::GetAtt":         (*evaluator).getAtt,
		"Fn::Join":           (*evaluator).join,
		"Fn::Sub":            (*evaluator).sub,
		"Fn::ImportValue":    (*evaluator).importValue,
		"Fn::GetStackOutput": (*evaluator).getStackOutput,
	}
}

func (e *evaluator) ref(argument any) (any, bool) {
	id, ok := argument.(string)
	switch {
	case !ok:
		return nil, false
	case id == "AWS::NoValue":
		return nil, true
	case strings.HasPrefix(id, "AWS::"):
		return Pseudo(id), true
	}
	return Ref(e.stack.Name, id), true
}

func (e *evaluator) getAtt(argument any) (any, bool) {
	switch a := argument.(type) {
	case string:
		id, attribute, ok := strings.Cut(a, ".")
		return GetAtt(e.stack.Name, id, attribute), ok
	case []any:
		if len(a) == 2 {
			id, ok1 := a[0].(string)
			attribute, ok2 := a[1].(string)
			return GetAtt(e.stack.Name, id, attribute), ok1 && ok2
		}
	}
	return nil, false
}

func (e *evaluator) join(argument any) (any, bool) {
	a, ok := argument.([]any)
	if !ok || len(a) != 2 {
		return nil, false
	}
	delimiter, ok := a[0].(string)
	elements, ok2 := a[1].([]any)
	if !ok || !ok2 {
		return nil, false
	}
	var parts []string
	for _, element := range elements {
		got := e.eval(element)
		if _, isList := got.([]any); isList {
			return nil, false // a list inside, which CloudFormation would have to flatten
		}
		if got != nil {
			parts = append(parts, Canonical(got))
		}
	}
	return strings.Join(parts, delimiter), true
}

func (e *evaluator) sub(argument any) (any, bool) {
	text, ok := argument.(string)
	var values map[string]any
	if a, isList := argument.([]any); isList && len(a) == 2 {
		text, ok = a[0].(string)
		values, _ = a[1].(map[string]any)
	}
	if !ok {
		return nil, false
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String(), true
		}
		b.WriteString(before)
		b.WriteString(e.substitute(name, values))
		text = after
	}
}

func (e *evaluator) substitute(name string, values map[string]any) string {
	if literal, ok := strings.CutPrefix(name, "!"); ok {
		return "${" + literal + "}"
	}
	name = strings.TrimSpace(name)
	if v, ok := values[name]; ok {
		return e.text(v)
	}
	id, attribute, ok := strings.Cut(name, ".")
	switch {
	case strings.HasPrefix(name, "AWS::"):
		return Pseudo(name)
	case ok:
		return GetAtt(e.stack.Name, id, attribute)
	}
	return Ref(e.stack.Name, name)
}

// importValue finds the export. Names of exports are unique in an account and Region.
func (e *evaluator) importValue(argument any) (any, bool) {
	name := e.name(argument)
	for _, o := range e.reader.exports[name] {
		if same(o.stack.Region, e.stack.Region) && same(o.stack.Account, e.stack.Account) {
			return e.through(o, true, "Fn::ImportValue "+name), true
		}
	}
	return "{?Fn::ImportValue " + name + "}", true
}

func (e *evaluator) getStackOutput(argument any) (any, bool) {
	a, ok := argument.(map[string]any)
	if !ok {
		return nil, false
	}
	stack, output, region := e.name(a["StackName"]), e.text(a["OutputName"]), e.name(a["Region"])
	unresolved := "Fn::GetStackOutput " + cmp.Or(region, e.stack.Region) + "/" + stack + "." + output
	if s := e.reader.stacks[stack]; s != nil && same(s.Region, cmp.Or(region, e.stack.Region)) {
		if o := s.body.Outputs[output]; o != nil {
			return e.through(o, false, unresolved), true
		}
	}
	return "{?" + unresolved + "}", true
}

// same reports whether two Regions or accounts are the same, as far as they are known.
func same(a, b string) bool {
	return a == b || a == "" || b == "" || a == Pseudo("AWS::Region") || b == Pseudo("AWS::Region")
}

// through is the value of another stack's output.
func (e *evaluator) through(o *rawOutput, strong bool, unresolved string) string {
	value := e.reader.output(o)
	if o.busy || len(value) > longest {
		return "{?" + unresolved + "}"
	}
	for _, r := range references(value) {
		if r.stack != e.stack.Name {
			e.used[Use{r.name(), strong}] = true
		}
	}
	return value
}

// output evaluates an output once.
func (r *reader) output(o *rawOutput) string {
	if o.done || o.busy {
		return o.value
	}
	o.busy = true
	e := r.evaluator(o.stack)
	o.value = e.text(o.Value)
	o.uses = e.sortedUses()
	o.busy, o.done = false, true
	return o.value
}

func (e *evaluator) sortedUses() []Use {
	return slices.SortedFunc(maps.Keys(e.used), CompareUses)
}

// CompareUses orders uses by what they are of, strong ones first.
func CompareUses(a, b Use) int {
	if c := strings.Compare(a.Of, b.Of); c != 0 || a.Strong == b.Strong {
		return c
	}
	if a.Strong {
		return -1
	}
	return 1
}

// lookUp finds a property by its dotted name in an evaluated tree; nil if it is not there. A function on the way stands
// for everything below it.
func lookUp(v any, name string) any {
	for name != "" {
		var part string
		part, name, _ = strings.Cut(name, ".")
		switch at := v.(type) {
		case map[string]any:
			if isFunction(at) {
				return at
			}
			v = at[part]
		case []any:
			if part != "*" {
				return nil
			}
			return lookUpAll(at, name)
		default:
			return nil
		}
	}
	return v
}

func lookUpAll(elements []any, name string) any {
	var all []any
	for _, element := range elements {
		if found := lookUp(element, name); found != nil {
			all = append(all, found)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

func isFunction(object map[string]any) bool {
	for name := range object {
		if len(object) == 1 && (name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::")) {
			return true
		}
	}
	return false
}
