package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/change"
)

// TestSwitch_VpcPeeringToTransitGatewayPeering takes the two deployments that a report names, and synthesizes every file.
func TestSwitch_VpcPeeringToTransitGatewayPeering(t *testing.T) {
	after, without, before := switchFiles(t)
	files := map[string]*synthesized{}
	for name, text := range map[string]string{"before": before, "without": without, "after": after} {
		file := filepath.Join(t.TempDir(), name+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		files[name] = synthesize(t, file, nil)
	}
	at := func(name string) change.Deployed { return change.Deployed{Plan: files[name].plan} }
	want := []string{"peering/tgw"}
	if diff := cmp.Diff(want, change.Compare(at("before"), files["after"].plan, nil).Without); diff != "" {
		t.Errorf("what the first deployment leaves out (-want +got):\n%s", diff)
	}
	for _, step := range [][2]string{{"before", "without"}, {"without", "after"}} {
		r := change.Compare(at(step[0]), files[step[1]].plan, nil)
		for _, p := range r.Problems {
			if p.Severity == "error" {
				t.Errorf("from %s to %s: %s %s", step[0], step[1], p.Code, p.Message)
			}
		}
		if len(r.Without) > 0 || r.Steps[0].Action != change.DeployAll {
			t.Errorf("from %s to %s: without %v, steps %v", step[0], step[1], r.Without, r.Steps)
		}
	}
}

// switchFiles are the files of a switch from a VPC peering to a transit gateway peering, and what lies between.
func switchFiles(t *testing.T) (after, without, before string) {
	t.Helper()
	after = string(readFile(t, configurations["mesh"]))
	far := "      far: {attach: [peering/tgw], reaches: [cloud]}\n"
	without = replaceAll(t, after,
		"reaches: [cloud, onprem, far]", "reaches: [cloud, onprem]", far, "",
		"cloud: {attach: [tokyo/app], reaches: [cloud, far]}, far: {attach: [peering/tgw], reaches: [cloud]}", "cloud: {attach: [tokyo/app], reaches: [cloud]}",
		"peerings:\n  tgw: {between: [seoul, tokyo], mode: transitGateway}\n", "",
		"paths:\n  there: {from: seoul/app, to: host/tokyo}\n", "", "  - {from: seoul/app, to: tokyo/app, tcp: [7007]}\n", "")
	before = without + "peerings:\n  direct: {between: [seoul/app, tokyo/app]}\n"
	return after, without, before
}

// replaceAll replaces texts that each stand in text exactly once; pairs are old and new.
func replaceAll(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if n := strings.Count(text, pairs[i]); n != 1 {
			t.Fatalf("%q stands %d times in the configuration", pairs[i], n)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// TestSwitch_Segment moves a network to another segment: its association is the same resource with another route table, which
// the function behind it moves, and nothing is created in its place.
func TestSwitch_Segment(t *testing.T) {
	before := synth(t, "reference")
	text := replaceAll(t, string(readFile(t, configurations["reference"])),
		"cloud: {attach: [seoul/app, seoul/vpn], reaches: [cloud, onprem]}", "cloud: {attach: [seoul/app], reaches: [cloud, onprem, people]}\n      people: {attach: [seoul/vpn], reaches: [cloud, onprem]}",
		"onprem: {attach: [site/idc], reaches: [cloud]}", "onprem: {attach: [site/idc], reaches: [cloud, people]}")
	file := filepath.Join(t.TempDir(), "moved.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	after := synthesize(t, file, nil)
	stack := "reference-network-ap-northeast-2-vpn"
	typ := "Custom::PathproofTgwAssociation"
	ids := before.templates[stack].ByType(typ)
	if diff := cmp.Diff(ids, after.templates[stack].ByType(typ)); diff != "" || len(ids) != 1 {
		t.Fatalf("associations (-before +after):\n%s", diff)
	}
	was, now := before.templates[stack].Resources[ids[0]].Properties, after.templates[stack].Resources[ids[0]].Properties
	if diff := cmp.Diff(was["TransitGatewayAttachmentId"], now["TransitGatewayAttachmentId"]); diff != "" {
		t.Errorf("the attachment changes:\n%s", diff)
	}
	if cmp.Equal(was["TransitGatewayRouteTableId"], now["TransitGatewayRouteTableId"]) {
		t.Errorf("the route table stays %v", was["TransitGatewayRouteTableId"])
	}
}
