package config

import (
	"encoding"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/golden"
	"github.com/pathproof/pathproof/internal/problem"
)

const (
	referenceBegin = "<!-- reference: begin (written by go test ./internal/config -update) -->\n"
	referenceEnd   = "<!-- reference: end -->\n"
)

// labels name the scalar types for readers.
var labels = map[reflect.Type]string{
	reflect.TypeFor[bool]():              "boolean",
	reflect.TypeFor[int]():               "whole number",
	reflect.TypeFor[float64]():           "decimal number",
	reflect.TypeFor[string]():            "text",
	reflect.TypeFor[Name]():              "name",
	reflect.TypeFor[NetworkKey]():        "network key",
	reflect.TypeFor[TierName]():          "tier name",
	reflect.TypeFor[ZoneID]():            "AZ ID",
	reflect.TypeFor[AccountID]():         "account id",
	reflect.TypeFor[Domain]():            "domain",
	reflect.TypeFor[RoleARN]():           "role ARN",
	reflect.TypeFor[VPCID]():             "VPC id",
	reflect.TypeFor[SubnetID]():          "subnet id",
	reflect.TypeFor[RouteTableID]():      "route table id",
	reflect.TypeFor[TransitGatewayID]():  "transit gateway id",
	reflect.TypeFor[TGWRouteTableID]():   "transit gateway route table id",
	reflect.TypeFor[CustomerGatewayID](): "customer gateway id",
	reflect.TypeFor[HostedZoneID]():      "hosted zone id",
	reflect.TypeFor[InstanceID]():        "instance id",
	reflect.TypeFor[InstanceType]():      "instance type",
	reflect.TypeFor[Image]():             "image",
	reflect.TypeFor[URLPath]():           "URL path",
	reflect.TypeFor[CertificateARN]():    "certificate ARN",
	reflect.TypeFor[SecretARN]():         "secret ARN",
	reflect.TypeFor[SAMLARN]():           "SAML provider ARN",
	reflect.TypeFor[LoadBalancerARN]():   "load balancer ARN",
	reflect.TypeFor[InterfaceName]():     "interface name",
	reflect.TypeFor[SlackWorkspaceID]():  "Slack workspace id",
	reflect.TypeFor[SlackChannelID]():    "Slack channel id",
	reflect.TypeFor[SecretID]():          "name or ARN of a secret",
	reflect.TypeFor[Objective]():         "objective",
	reflect.TypeFor[Prefix]():            "IPv4 prefix",
	reflect.TypeFor[Addr]():              "IPv4 address",
	reflect.TypeFor[Duration]():          "duration",
	reflect.TypeFor[Bandwidth]():         "bandwidth",
	reflect.TypeFor[ASN]():               "ASN",
	reflect.TypeFor[Port]():              "port",
	reflect.TypeFor[PortRange]():         "port or range",
	reflect.TypeFor[Tier]():              "tier",
	reflect.TypeFor[Ref]():               "reference",
	reflect.TypeFor[problem.Code]():      "check code",
	reflect.TypeFor[HostPort]():          "host and port",
	reflect.TypeFor[ProbeURL]():          "URL",
	reflect.TypeFor[IPAddr]():            "IP address",
	reflect.TypeFor[IPPrefix]():          "IP prefix",
	reflect.TypeFor[Regexp]():            "regular expression",
	reflect.TypeFor[Margin]():            "margin",
	reflect.TypeFor[Bytes]():             "size",
	reflect.TypeFor[Percent]():           "percentage",
}

// label returns how a table names a type.
func label(t *testing.T, typ reflect.Type, f field) string {
	t.Helper()
	switch typ.Kind() {
	case reflect.Pointer:
		return label(t, typ.Elem(), f)
	case reflect.Slice:
		if f.oneOrMany {
			return label(t, typ.Elem(), field{}) + ", or a list of them"
		}
		return "list of " + label(t, typ.Elem(), field{})
	case reflect.Map:
		return label(t, typ.Key(), field{}) + " → " + label(t, typ.Elem(), field{})
	}
	if isNested(typ) {
		short := ""
		if _, ok := reflect.New(typ).Interface().(encoding.TextUnmarshaler); ok {
			short = label(t, typ.Field(0).Type, field{}) + " or "
		}
		return fmt.Sprintf("%s[%s](#%s)", short, typ.Name(), strings.ToLower(typ.Name()))
	}
	if e, ok := reflect.Zero(typ).Interface().(Enumerated); ok {
		return "`" + strings.Join(e.Values(), "` `") + "`"
	}
	name, ok := labels[typ]
	if !ok {
		t.Errorf("no label for %v", typ)
	}
	return name
}

// makeReference writes a table per struct and one of the forms of values.
func makeReference(t *testing.T, file reflect.Type) string {
	var b strings.Builder
	comments, used := comments(t), map[reflect.Type]bool{}
	for _, st := range structs(file) {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n| Key | Value | Default | Meaning |\n| --- | --- | --- | --- |\n", st.Name(), comments[st.Name()])
		for _, f := range fieldsOf(st) {
			sf := st.Field(f.index)
			def := ""
			switch {
			case f.required:
				def = "required"
			case f.hasDef:
				def = "`" + strings.ReplaceAll(f.def, ",", ", ") + "`"
			case isNested(sf.Type):
				def = "those of its keys"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.key, label(t, sf.Type, f), def, cell(comments[st.Name()+"."+sf.Name]))
			scalarsOf(sf.Type, used)
		}
		b.WriteString("\n")
	}
	b.WriteString("### Forms of values\n\n| Value | Form |\n| --- | --- |\n")
	for _, typ := range sortedByLabel(used) {
		fmt.Fprintf(&b, "| %s | %s |\n", labels[typ], cell(advice(typ)))
	}
	return b.String()
}

// cell keeps text from being read as a table's border or as HTML.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;").Replace(s)
}

// references are the pages with the description of a kind of file.
var references = []struct {
	page string
	file reflect.Type
	load func(text []byte) problem.List
}{
	{"../../docs/CONFIGURATION.md", reflect.TypeFor[File](), func(text []byte) problem.List {
		_, list := Parse("example", text)
		return list
	}},
	{"../../docs/PROBE.md", reflect.TypeFor[ProbeFile](), func(text []byte) problem.List {
		_, list := ParseProbe("example", text)
		return list
	}},
	{"../../docs/AFFINITY-ESTIMATE.md", reflect.TypeFor[AffinityFile](), func(text []byte) problem.List {
		_, list := ParseAffinity("example", text)
		return list
	}},
}

func TestReference(t *testing.T) {
	for _, r := range references {
		compareReference(t, r.page, r.file)
	}
}

func compareReference(t *testing.T, page string, file reflect.Type) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), referenceBegin)
	_, after, ok2 := strings.Cut(rest, referenceEnd)
	if !ok || !ok2 {
		t.Fatalf("%s: markers are missing: %s and %s", page, referenceBegin, referenceEnd)
	}
	golden.Compare(t, page, before+referenceBegin+makeReference(t, file)+referenceEnd+after)
}

// TestReferenceExamples loads every YAML example of the prose.
func TestReferenceExamples(t *testing.T) {
	for _, r := range references {
		data, err := os.ReadFile(r.page)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for part := range strings.SplitSeq(string(data), "```yaml\n") {
			if n++; n == 1 {
				continue // the text before the first example
			}
			example, _, _ := strings.Cut(part, "```")
			for _, p := range r.load([]byte(example)) {
				t.Errorf("%s: example %d: %s", r.page, n-1, p.Format("example", strings.Split(example, "\n")))
			}
		}
		if n < 2 {
			t.Errorf("%s: no example", r.page)
		}
	}
}
