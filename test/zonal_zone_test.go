package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/naming"
)

// growing has services of each mode in a network whose zones are given, called from another network and measured from each zone.
const growing = `apiVersion: pathproof/v1
name: grows
regions: {seoul: {region: ap-northeast-2}}
networks:
  seoul/app: {cidr: 172.16.0.0/16, zones: [ZONES], tiers: [private/20, public/24], egress: nat-single}
  seoul/callers: {cidr: 172.17.0.0/20, zones: [apne2-az1], tiers: [private/24]}
peerings:
  over: {between: [seoul/app, seoul/callers]}
zonalServices:
  group:
    network: seoul/app
    domain: group.internal
    listen: {tcp: 8080}
    targets: {group: {image: al2023@2023.12.20260803}}
    discovery: [dns, cloudMap]
    zonalAutoshift: true
  each:
    network: seoul/app
    domain: each.internal
    listen: {tls: 443}
    certificate: arn:aws:acm:ap-northeast-2:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef
    mode: nlb-per-az
    targets: {registered: {port: 8443}}
    discovery: [dns, cloudMap]
  routed:
    network: seoul/app
    domain: routed.internal
    listen: {tcp: 9090}
    mode: client-routing
    targets: {registered: {type: instance}}
allow:
  - {from: [seoul/app, seoul/callers], to: [zonalService/group, zonalService/routed], tcp: [8080, 9090]}
  - {from: seoul/app, to: zonalService/each, tcp: [443]}
paths:
  over: {from: seoul/callers, to: zonalService/group, via: [peering/over]}
PATHS
alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}
PROBE
`

// grown synthesizes the file with some zones, measured or not.
func grown(t *testing.T, measured bool, zones ...string) *synthesized {
	t.Helper()
	paths, probe := "", ""
	if measured {
		probe = "probe: {every: 5m}"
		for _, z := range zones {
			paths += "  in-" + z + ": {from: seoul/app, to: zonalService/group/" + z + "}\n"
		}
	}
	file := filepath.Join(t.TempDir(), "grows.yaml")
	text := strings.NewReplacer("ZONES", strings.Join(zones, ", "), "PATHS\n", paths, "PROBE", probe).Replace(growing)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return synthesize(t, file, nil)
}

// changed lists what of one set of templates is another text, or gone, in the other: resources and outputs by their types.
func changed(t *testing.T, before, after *synthesized) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for name, tpl := range before.templates {
		old, now := whole(t, tpl), whole(t, after.templates[name])
		for section := range old {
			for id, text := range old[section] {
				if !bytes.Equal(text, now[section][id]) {
					if section == "Resources" && sameButWaits(t, text, now[section][id]) {
						out[waits] = append(out[waits], name+"/"+id)
						continue
					}
					kind := section
					if r, ok := tpl.Resources[id]; ok && section == "Resources" {
						kind = r.Type
					}
					out[kind] = append(out[kind], name+"/"+id)
				}
			}
		}
	}
	for _, ids := range out {
		slices.Sort(ids)
	}
	return out
}

// waits marks what differs in what it waits for, and in nothing else.
const waits = "DependsOn"

func sameButWaits(t *testing.T, before, after json.RawMessage) bool {
	t.Helper()
	if after == nil {
		return false
	}
	var was, is m
	if err := errors.Join(json.Unmarshal(before, &was), json.Unmarshal(after, &is)); err != nil {
		t.Fatal(err)
	}
	delete(was, waits)
	delete(is, waits)
	return reflect.DeepEqual(was, is)
}

func whole(t *testing.T, tpl *cdktest.Template) map[string]map[string]json.RawMessage {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(tpl.Text, &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]json.RawMessage{}
	for section, text := range all {
		var of map[string]json.RawMessage
		if err := json.Unmarshal(text, &of); err == nil {
			out[section] = of
		}
	}
	return out
}

// TestZonal_AnotherZoneTouchesNothing asserts that a zone more, wherever it stands among the others, leaves every resource and output of every stack
// as it is, letter by letter, but the load balancers that it joins: they get another subnet. What a zone's instances wait for is no property: the group after
// a zone in the middle waits for that one's, and CloudFormation updates a group for its properties alone.
func TestZonal_AnotherZoneTouchesNothing(t *testing.T) {
	all := []string{"apne2-az1", "apne2-az2", "apne2-az3"}
	for name, c := range map[string]struct {
		before []string
		waits  map[string]string // whose groups wait for another zone's than before
	}{
		"the last one":      {[]string{"apne2-az1", "apne2-az2"}, nil},
		"one in the middle": {[]string{"apne2-az1", "apne2-az3"}, map[string]string{"apne2-az3": "apne2-az2"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := grown(t, false, c.before...), grown(t, false, all...)
			const stack = "grows-network-ap-northeast-2-app"
			one, routed := logical("Network-app/ZonalService-group/Resource"), logical("Network-app/ZonalService-routed/Resource")
			want := map[string][]string{nlb: {stack + "/" + one, stack + "/" + routed}}
			slices.Sort(want[nlb])
			const ops = "grows-ops-ap-northeast-2"
			groupIn := func(zone string) string {
				return logical(naming.ZonalService("group") + "/" + naming.ZonalGroup(zone) + "/" + naming.Group)
			}
			for zone, before := range c.waits {
				want[waits] = append(want[waits], ops+"/"+groupIn(zone))
				if got := dependsOf(t, after.templates[ops], groupIn(zone)); !slices.Equal(got, []string{groupIn(before)}) {
					t.Errorf("zone %s waits for %v", zone, got)
				}
			}
			if got := changed(t, before, after); !reflect.DeepEqual(got, want) {
				t.Fatalf("changed: %v, want %v only", got, want)
			}
			for id, property := range map[string]string{one: "SubnetMappings", routed: "Subnets"} {
				was, is := maps.Clone(before.templates[stack].Resources[id].Properties), maps.Clone(after.templates[stack].Resources[id].Properties)
				old, now := was[property].([]any), is[property].([]any)
				for _, x := range old {
					if !slices.ContainsFunc(now, func(y any) bool { return reflect.DeepEqual(x, y) }) {
						t.Errorf("%s: %v moves, now %v", id, x, now)
					}
				}
				if len(now) != len(old)+1 {
					t.Errorf("%s: got %d of %s, want one more than %d", id, len(now), property, len(old))
				}
				delete(was, property)
				delete(is, property)
				if !reflect.DeepEqual(was, is) {
					t.Errorf("%s changes more than %s", id, property)
				}
			}
		})
	}
}

// TestZonal_AnotherMeasuredZone asserts what measuring adds to that: the gate measures more, and what compares the zones names one more.
// Nothing of it carries traffic, and none is replaced.
func TestZonal_AnotherMeasuredZone(t *testing.T) {
	got := changed(t, grown(t, true, "apne2-az1", "apne2-az2"), grown(t, true, "apne2-az1", "apne2-az2", "apne2-az3"))
	delete(got, nlb)
	const ops = "grows-ops-ap-northeast-2/"
	var comparing []string
	for _, zone := range []string{"apne2-az1", "apne2-az2"} {
		for _, id := range []string{naming.SlowZoneAlarm(zone), naming.FailingZoneAlarm(zone)} {
			comparing = append(comparing, ops+logical(naming.ZonalLatency("group")+"/"+id))
		}
	}
	slices.Sort(comparing)
	if !slices.Equal(got[alarm], comparing) {
		t.Errorf("alarms that change: %v, want %v", got[alarm], comparing)
	}
	delete(got, alarm)
	for kind, ids := range got {
		for _, id := range ids {
			if !strings.HasPrefix(id, ops+"Gate") {
				t.Errorf("%s %s changes", kind, id)
			}
		}
	}
}
