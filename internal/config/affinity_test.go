package config

import (
	"reflect"
	"strings"
	"testing"
)

const affinityHead = "apiVersion: pathproof/affinity/v1\nname: foo\nzones: [use1-az1]\nlatency: {sameZone: {p0: 1ms, p50: 1ms}, crossZone: {p0: 1ms, p50: 1ms}}\nservices: {a: {}}\n"

// affinitySeeds are good documents, and almost good ones.
var affinitySeeds = []string{
	affinityHead + "calls: [{from: caller, to: a}]\n",
	affinityHead + "calls: [{from: caller, to: [a, b], request: 1.5MiB, response: 20B, affinity: 85%, times: 0.5, charged: false}]\nprice: {perGB: 0.02}\n",
	affinityHead + "calls: []\n",
	affinityHead + "calls: [{from: caller}]\n",
	affinityHead + "calls: [{from: caller, to: a, request: 12}]\n",
	affinityHead + "calls: [{from: caller, to: a, request: 12 bytes}]\n",
	affinityHead + "calls: [{from: caller, to: a, affinity: 0.85}]\n",
	affinityHead + "calls: [{from: caller, to: a, charged: no}]\n",
	affinityHead + "calls: [{from: caller, to: a}]\nregions: {}\n",
	strings.Replace(affinityHead, "use1-az1", "us-east-1a", 1) + "calls: [{from: caller, to: a}]\n",
}

func TestParseAffinity(t *testing.T) {
	doc, list := ParseAffinity("chain.yaml", []byte(affinitySeeds[0]))
	if len(list) > 0 {
		t.Fatal(list)
	}
	call := doc.File.Calls[0]
	if call.Times != 1 || call.Affinity != 0 || call.Request != 0 || !call.Charged || doc.File.Price != (AffinityPrice{0.01, "USD"}) || doc.File.Latency.For != ForRoundTrip {
		t.Errorf("defaults: got %+v, %+v, %v", call, doc.File.Price, doc.File.Latency.For)
	}
	doc, list = ParseAffinity("chain.yaml", []byte(affinitySeeds[1]))
	if len(list) > 0 {
		t.Fatal(list)
	}
	if call := doc.File.Calls[0]; call.Request != 3<<19 || call.Response != 20 || call.Affinity != 0.85 || call.Times != 0.5 || call.Charged {
		t.Errorf("got %+v", call)
	}
}

// An editor that has the schema shows no error in a good document, and one in each bad one.
func TestAffinitySchemaAgrees(t *testing.T) {
	schema := compileSchema(t, reflect.TypeFor[AffinityFile]())
	for i, src := range affinitySeeds {
		root, list := parseYAML(src, strings.Split(src, "\n"), "")
		if root == nil || len(list) > 0 {
			t.Fatal(list)
		}
		_, problems := ParseAffinity("chain.yaml", []byte(src))
		if (len(problems) == 0) != (i < 2) {
			t.Errorf("document %d: the loader says %v", i, problems)
		}
		if err := schema.Validate(plain(root)); (err == nil) != (len(problems) == 0) {
			t.Errorf("document %d: the schema says %v, the loader %v", i, err, problems)
		}
	}
}

func TestBytesAndPercent_Bounds(t *testing.T) {
	for _, text := range []string{"", "1", "-1B", "1TB", "1e3B", "1001GB", "0x1B"} {
		if err := new(Bytes).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("size %q: no error", text)
		}
	}
	for _, text := range []string{"", "1", "100.1%", "-1%", "1 %"} {
		if err := new(Percent).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("percentage %q: no error", text)
		}
	}
}
