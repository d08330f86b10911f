package config

import (
	"encoding"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/schematest"
)

type object = map[string]any

// schemaMaker writes the JSON Schema of the types. It lives in a test because nothing needs it at run time.
type schemaMaker struct {
	comments map[string]string
	defs     object
}

const octet = `(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`

// textForms are the schemas of the types that read their own text form.
var textForms = map[reflect.Type]object{
	reflect.TypeFor[Prefix]():    {"type": "string", "pattern": `^(` + octet + `\.){3}` + octet + `/(3[0-2]|[12]?[0-9])$`},
	reflect.TypeFor[Addr]():      {"type": "string", "pattern": `^(` + octet + `\.){3}` + octet + `$`},
	reflect.TypeFor[Duration]():  {"type": "string", "pattern": durationRE.String()},
	reflect.TypeFor[Bandwidth](): {"type": "string", "pattern": bandwidthRE.String()},
	reflect.TypeFor[ASN]():       {"type": []string{"integer", "string"}, "minimum": 1, "maximum": 4294967294, "pattern": "^[1-9][0-9]{0,9}$"},
	reflect.TypeFor[Port]():      {"type": []string{"integer", "string"}, "minimum": 1, "maximum": 65535, "pattern": "^[1-9][0-9]{0,4}$"},
	reflect.TypeFor[PortRange](): {"type": []string{"integer", "string"}, "minimum": 1, "maximum": 65535, "pattern": "^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$"},
	reflect.TypeFor[Tier]():      {"type": "string", "pattern": `^[a-z][a-z0-9]{0,15}/(1[6-9]|2[0-8])$`},
	reflect.TypeFor[Ref]():       {"type": "string", "pattern": `^(internet|` + inner(refRE.String()) + `)$`},
	reflect.TypeFor[HostPort]():  {"type": "string", "pattern": `^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9][A-Za-z0-9._-]*):[0-9]{1,5}$`},
	reflect.TypeFor[ProbeURL]():  {"type": "string", "pattern": `^https?://[^@/]+(/.*)?$`},
	reflect.TypeFor[IPAddr]():    {"type": "string", "pattern": `^[0-9A-Fa-f:.%]+$`},
	reflect.TypeFor[IPPrefix]():  {"type": "string", "pattern": `^[0-9A-Fa-f:.]+/[0-9]{1,3}$`},
	reflect.TypeFor[Regexp]():    {"type": "string", "minLength": 1, "maxLength": maxRegexp},
	reflect.TypeFor[Margin]():    {"type": "string", "pattern": `^[0-9.]+(us|µs|ms|s|m|h|d|%)( *, *[0-9.]+(us|µs|ms|s|m|h|d|%))?$`},
	reflect.TypeFor[Bytes]():     {"type": "string", "pattern": bytesRE.String()},
	reflect.TypeFor[Percent]():   {"type": "string", "pattern": percentRE.String()},
	// An account may stand without quotes; YAML then takes it for a number.
	reflect.TypeFor[AccountID](): {"type": []string{"string", "integer"}, "pattern": accountRE.String(), "minimum": 100000000000, "maximum": 999999999999},
}

func inner(re string) string { return strings.TrimSuffix(strings.TrimPrefix(re, "^"), "$") }

func makeSchema(t *testing.T, file reflect.Type, title string) []byte {
	m := schemaMaker{comments: comments(t), defs: object{}}
	root := m.structure(file)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = title
	root["$defs"] = m.defs
	return schematest.Encode(t, root)
}

func (m schemaMaker) structure(t reflect.Type) object {
	props, required := object{}, []string{}
	for _, f := range fieldsOf(t) {
		sf := t.Field(f.index)
		p := m.value(sf.Type, f.required)
		if f.oneOrMany {
			p = object{"oneOf": []any{m.value(sf.Type.Elem(), true), p}}
		}
		p["description"] = m.comments[t.Name()+"."+sf.Name]
		if f.hasDef {
			p["default"] = plain(f.defaultNode(sf.Type))
		}
		if f.required {
			required = append(required, f.key)
		}
		props[f.key] = p
	}
	out := object{"type": "object", "description": m.comments[t.Name()], "additionalProperties": false, "properties": props}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// value returns the schema of a type; filled means that it must not be empty.
func (m schemaMaker) value(t reflect.Type, filled bool) object {
	switch {
	case t.Kind() == reflect.Pointer:
		return m.value(t.Elem(), filled)
	case t.Kind() == reflect.Slice:
		out := object{"type": "array", "items": m.value(t.Elem(), true)}
		if filled {
			out["minItems"] = 1
		}
		return out
	case t.Kind() == reflect.Map:
		out := object{"type": "object", "propertyNames": m.key(t.Key()), "additionalProperties": m.value(t.Elem(), t.Elem().Kind() != reflect.String)}
		if filled {
			out["minProperties"] = 1
		}
		return out
	case t == reflect.TypeFor[string]():
		if filled {
			return object{"type": "string", "minLength": 1}
		}
		return object{"type": "string"}
	case t.Name() == "int":
		return object{"type": "integer"}
	case t.Name() == "float64":
		return object{"type": "number"}
	case t.Name() == "bool":
		return object{"type": "boolean"}
	}
	if _, ok := m.defs[t.Name()]; !ok {
		m.defs[t.Name()] = m.named(t)
	}
	return object{"$ref": "#/$defs/" + t.Name()}
}

func (m schemaMaker) named(t reflect.Type) object {
	if out, ok := textForms[t]; ok {
		return out
	}
	switch x := reflect.Zero(t).Interface().(type) {
	case Enumerated:
		return object{"type": "string", "enum": x.Values()}
	case Patterned:
		re, _ := x.Pattern()
		return object{"type": "string", "pattern": re.String()}
	}
	if !isNested(t) {
		panic("no schema for " + t.String())
	}
	if _, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok { // Subnet and Endpoint, whose short forms are their first keys
		return object{"oneOf": []any{m.value(t.Field(0).Type, true), m.structure(t)}}
	}
	return m.structure(t)
}

func (m schemaMaker) key(t reflect.Type) object {
	if t == reflect.TypeFor[problem.Code]() {
		var codes []string
		for _, info := range problem.Codes() {
			if !strings.HasPrefix(string(info.Code), "NET0") {
				codes = append(codes, string(info.Code))
			}
		}
		return object{"enum": codes}
	}
	return m.value(t, true)
}

// plain turns a node into what encoding/json would make of the same value.
func plain(n *node) any {
	switch n.kind {
	case mapNode:
		out := object{}
		for _, e := range n.entries {
			out[e.key] = plain(e.value)
		}
		return out
	case listNode:
		out := []any{}
		for _, item := range n.items {
			out = append(out, plain(item))
		}
		return out
	case boolNode:
		return n.text == "true"
	case numberNode:
		if i, err := strconv.ParseInt(n.text, 10, 64); err == nil {
			return i
		}
		if f, err := strconv.ParseFloat(n.text, 64); err == nil {
			return f
		}
	case nullNode:
		return nil
	}
	return n.text
}

func TestSchemaFile(t *testing.T) {
	golden.Compare(t, "../../pathproof.schema.json", string(makeSchema(t, reflect.TypeFor[File](), "pathproof.yaml")))
	golden.Compare(t, "../../probe.schema.json", string(makeSchema(t, reflect.TypeFor[ProbeFile](), "probe document")))
	golden.Compare(t, "../../affinity.schema.json", string(makeSchema(t, reflect.TypeFor[AffinityFile](), "affinity document")))
}

func compileSchema(t *testing.T, file reflect.Type) *jsonschema.Schema {
	t.Helper()
	return schematest.Compile(t, makeSchema(t, file, ""))
}

// TestSchemaAgrees holds the schema to the loader: an editor shows no error in a good file and one in every bad file.
func TestSchemaAgrees(t *testing.T) {
	// What JSON cannot say: a key that stands twice, a range whose end is before its start, sums over the file.
	blind := []string{"yaml-duplicate-key"}
	schema, seen := compileSchema(t, reflect.TypeFor[File]()), map[string]int{}
	for _, file := range glob(t, "testdata/*/*.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		src := string(data)
		root, list := parseYAML(src, strings.Split(src, "\n"), "")
		if root == nil || len(list) > 0 {
			continue // not YAML: not a schema's subject
		}
		verdict := schema.Validate(plain(root))
		kind, name := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".yaml")
		seen[kind]++
		switch {
		case kind == "good" && verdict != nil:
			t.Errorf("%s: %v", file, verdict)
		case kind == "bad" && (verdict == nil) != slices.Contains(blind, name):
			t.Errorf("%s: schema says %v, blind spots are %v", file, verdict, blind)
		}
	}
	if seen["good"] < 3 || seen["bad"] < 20 {
		t.Errorf("too few files: %v", seen)
	}
}

// TestSchemaRules breaks one good value at a time.
func TestSchemaRules(t *testing.T) {
	schema := compileSchema(t, reflect.TypeFor[File]())
	doc := func(extra object) object {
		out := object{
			"apiVersion": "pathproof/v1", "name": "demo",
			"regions":  object{"seoul": object{"region": "ap-northeast-2"}},
			"networks": object{"seoul/app": object{"cidr": "10.0.0.0/16"}},
		}
		maps.Copy(out, extra)
		return out
	}
	network := func(key string, value any) object {
		return object{"networks": object{"seoul/app": object{"cidr": "10.0.0.0/16", key: value}}}
	}
	allow := func(key string, value any) object {
		return object{"allow": []any{object{"from": "seoul/app", "to": []any{"internet"}, key: value}}}
	}
	for _, tc := range []struct {
		name      string
		good, bad object
	}{
		{"enumeration", network("egress", "igw"), network("egress", "nat")},
		{"pattern of a list element", network("zones", []any{"apne2-az1"}), network("zones", []any{"ap-northeast-2a"})},
		{"additional property", network("tiers", []any{"private/20"}), network("tier", []any{"private/20"})},
		{"map key", object{"accounts": object{"net": "111122223333"}}, object{"accounts": object{"Net": "111122223333"}}},
		{"account digits", object{"accounts": object{"net": 111122223333}}, object{"accounts": object{"net": 11112222333}}},
		{"subnet string or mapping", network("subnets", object{"public": object{"apne2-az1": object{"cidr": "10.0.0.0/24"}}}),
			network("subnets", object{"public": object{"apne2-az1": object{"id": "subnet-0123456789abcdef0"}}})},
		{"subnet string", network("subnets", object{"public": object{"apne2-az1": "10.0.0.0/24"}}), network("subnets", object{"public": object{"apne2-az1": "10.0.0"}})},
		{"one or many", allow("from", []any{"seoul/app", "internet"}), allow("from", []any{})},
		{"reference", allow("to", "transitGateway/seoul"), allow("to", "vpc")},
		{"port", allow("tcp", []any{443, "8000-8010"}), allow("tcp", []any{70000})},
		{"severity", object{"checks": object{"NET304": "note"}}, object{"checks": object{"NET304": "fatal"}}},
		{"check code", object{"checks": object{"NET304": "note"}}, object{"checks": object{"NET001": "note"}}},
		{"octet", network("cidr", "255.0.0.0/32"), network("cidr", "256.0.0.0/8")},
		{"null", object{}, object{"alerts": nil}},
		{"empty required map", object{}, object{"regions": object{}}},
	} {
		if err := schema.Validate(doc(tc.good)); err != nil {
			t.Errorf("%s: refuses a good one: %v", tc.name, err)
		}
		if schema.Validate(doc(tc.bad)) == nil {
			t.Errorf("%s: takes a bad one", tc.name)
		}
	}
}
