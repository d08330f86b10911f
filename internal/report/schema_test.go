package report

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/schematest"
)

const schemaFile = "../../probe-result.schema.json"

type object = map[string]any

// schemaMaker writes the JSON Schema of a result from its types and their comments. It lives in a test because nothing
// needs it at run time.
type schemaMaker struct {
	comments map[string]string
	defs     object
}

// enums are the values of types that are strings of a kind.
var enums = map[reflect.Type][]any{
	reflect.TypeFor[probe.Kind]():     {probe.KindTCP, probe.KindTCPEcho, probe.KindUDPEcho, probe.KindHTTP, probe.KindDNS, probe.KindICMP},
	reflect.TypeFor[probe.Timing]():   {probe.TimingKernel, probe.TimingUserspace, ""},
	reflect.TypeFor[probe.Quality]():  {probe.Good, probe.Degraded, probe.Poor},
	reflect.TypeFor[probe.Verdict]():  {probe.Pass, probe.Fail, probe.Inconclusive, probe.Skipped},
	reflect.TypeFor[probe.Expect]():   {probe.ExpectNever, probe.ExpectUnreachable},
	reflect.TypeFor[probe.Proof]():    {probe.ProofUnreachable, probe.ProofSilence, probe.ProofRefusal},
	reflect.TypeFor[probe.Identity](): {probe.Observed, probe.Translated, probe.NotObservable},
	reflect.TypeFor[probe.Class]():    {probe.Timeout, probe.Refused, probe.Reset, probe.Unreachable, probe.DNS, probe.TLS, probe.HTTPStatus, probe.Assertion, probe.Local, probe.Canceled},
	reflect.TypeFor[probe.Phase]():    {probe.PhaseDNS, probe.PhaseConnect, probe.PhaseTLS, probe.PhaseSend, probe.PhaseWait, probe.PhaseReceive, probe.PhaseTotal},
}

func makeSchema(t *testing.T) []byte {
	files, err := filepath.Glob("../probe/*.go")
	if err != nil {
		t.Fatal(err)
	}
	m := schemaMaker{comments: schematest.Comments(t, files...), defs: object{}}
	root := m.structure(reflect.TypeFor[probe.Result]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = probe.Schema
	root["$defs"] = m.defs
	root["properties"].(object)["schema"] = object{"const": probe.Schema}
	return schematest.Encode(t, root)
}

func (m schemaMaker) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	m.fields(t, properties, &required)
	out := object{"type": "object", "properties": properties}
	if d := m.comments[t.Name()]; d != "" {
		out["description"] = d
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func (m schemaMaker) fields(t reflect.Type, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			m.fields(f.Type, properties, required)
			continue
		}
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || key == "" {
			continue
		}
		p := m.value(f.Type)
		if !strings.Contains(options, "omit") {
			*required = append(*required, key)
			if f.Type.Kind() == reflect.Pointer {
				p = object{"anyOf": []any{p, object{"type": "null"}}}
			}
		}
		if d := m.comments[t.Name()+"."+f.Name]; d != "" {
			p["description"] = d
		}
		properties[key] = p
	}
}

func (m schemaMaker) value(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[netip.Addr](), reflect.TypeFor[netip.AddrPort]():
		return object{"type": "string"}
	case reflect.TypeFor[probe.Interval]():
		return object{"type": "array", "minItems": 2, "maxItems": 2, "items": object{"type": []string{"number", "null"}}}
	}
	if values, ok := enums[t]; ok {
		return object{"enum": values}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return m.value(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": m.value(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "propertyNames": m.value(t.Key()), "additionalProperties": m.value(t.Elem())}
	case reflect.Struct:
		if _, ok := m.defs[t.Name()]; !ok {
			m.defs[t.Name()] = object{}
			m.defs[t.Name()] = m.structure(t)
		}
		return object{"$ref": "#/$defs/" + t.Name()}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	}
	return object{"type": "integer"}
}

func TestSchemaFile(t *testing.T) { golden.Compare(t, schemaFile, string(makeSchema(t))) }

func asJSON(t *testing.T, r *probe.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, JSON, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSchema_TakesWhatIsWritten(t *testing.T) {
	schema := schematest.Compile(t, makeSchema(t))
	raw, _ := fixture(t)
	long, merged := longResult(t), mergedResult(t)
	for name, r := range map[string]*probe.Result{"judged": judgedFixture(t), "raw": raw, "long": long, "merged": merged} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchema_RefusesWhatIsNot breaks one thing at a time.
func TestSchema_RefusesWhatIsNot(t *testing.T) {
	schema := schematest.Compile(t, makeSchema(t))
	for name, change := range map[string]func(doc object){
		"another schema": func(doc object) { doc["schema"] = "pathproof/probe-result/v2" },
		"a verdict":      func(doc object) { doc["verdict"] = "maybe" },
		"no paths":       func(doc object) { delete(doc, "paths") },
		"a time as text": func(doc object) { doc["duration_us"] = "6.2s" },
		"a phase":        func(doc object) { doc["paths"].([]any)[0].(object)["phases"] = object{"handshake": object{}} },
		"half an interval": func(doc object) {
			doc["paths"].([]any)[0].(object)["fail_ci95_pct"] = []any{1}
		},
	} {
		var doc object
		if err := json.Unmarshal(asJSON(t, judgedFixture(t)), &doc); err != nil {
			t.Fatal(err)
		}
		change(doc)
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		again, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(again) == nil {
			t.Errorf("takes %s", name)
		}

	}
}

func TestRead_RoundTrip(t *testing.T) {
	for name, want := range map[string]*probe.Result{"judged": judgedFixture(t), "merged": mergedResult(t)} {
		got, err := Read(asJSON(t, want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.IgnoreUnexported(probe.Failure{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !bytes.Equal(asJSON(t, want), asJSON(t, got)) {
			t.Errorf("%s: written differently when read back", name)
		}
	}
}

func TestRead_Refuses(t *testing.T) {
	for text, want := range map[string]string{
		`[`:                  "no probe result: unexpected end of JSON input",
		`{"schema":"other"}`: `no probe result: schema is "other"; want "pathproof/probe-result/v1", as --output json writes it`,
		`{"schema":"` + probe.Schema + `","paths":[{"name":"a","samples":[{"i":300000}]}]}`: "path a: sample number out of range, got 300000; use 0 to 199999",
		`{"schema":"` + probe.Schema + `","paths":[{"name":"a","samples":[{"i":-1}]}]}`:     "path a: sample number out of range, got -1; use 0 to 199999",
	} {
		if _, err := Read([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if _, err := Read([]byte(`{"schema":"` + probe.Schema + `","later":{"a":1}}`)); err != nil {
		t.Errorf("a field of a later version: %v", err)
	}
}
