package topology_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// measured is a network with every kind of end that a path can have. ALLOW and PATHS are put in by each test.
const measured = `apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}, tokyo: {region: ap-northeast-1}}
networks:
  seoul/a: {cidr: 10.1.0.0/16, zones: [apne2-az1, apne2-az3], tiers: [private/20, attach/28]}
  tokyo/b: {cidr: 10.2.0.0/16, zones: [apne1-az1], tiers: [private/20]}
transitGateways: {seoul: {region: seoul, asn: 64512, segments: {cloud: {attach: [seoul/a], reaches: [onprem]}, onprem: {attach: [site/idc], reaches: [cloud]}}}}
sites:
  idc:
    prefixes: [10.20.0.0/16]
    gateways: {fw1: {ip: 203.0.113.10, asn: 65010}}
    connect: {transitGateway: seoul, vpnConnections: {main: {gateway: fw1, inside: [169.254.10.0/30, 169.254.11.0/30]}}}
peerings: {ab: {between: [seoul/a, tokyo/b]}}
hosts:
  a: {network: seoul/a, ip: 10.1.0.10, port: 7007}
  b: {network: tokyo/b, ip: 10.2.0.10, port: 7007}
  idc1: {site: idc, ip: 10.20.0.10, port: 7007}
  idc2: {site: idc, ip: 10.20.0.11, port: 7008}
alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}
probe: {}
`

func planOf(t *testing.T, text string) *topology.Plan {
	t.Helper()
	r := check.Data("t.yaml", []byte(text))
	if !r.OK() {
		t.Fatal(r.Problems)
	}
	return r.Plan
}

// TestVantages asserts where each path is measured from, with which security groups, and that allow alone decides about it.
func TestVantages(t *testing.T) {
	for name, c := range map[string]struct {
		allow, path string
		want        string // vantage, key, groups, target
	}{
		"network":      {"{from: seoul/a, to: tokyo/b, tcp: [7007]}", "{from: seoul/a, to: host/b}", "lambda seoul/a/private-apne2-az1 [network] b"},
		"host's group": {"{from: host/a, to: tokyo/b, tcp: [7007]}", "{from: host/a, to: host/b}", "lambda seoul/a/private-apne2-az1/host-a [a] b"},
		"both groups": {"{from: [host/a, seoul/a], to: tokyo/b, tcp: [7007]}", "{from: host/a, to: host/b}",
			"lambda seoul/a/private-apne2-az1/host-a [network a] b"},
		"host without group": {"{from: seoul/a, to: tokyo/b, tcp: [7007]}", "{from: host/a, to: host/b}", "lambda seoul/a/private-apne2-az1 [network] b"},
		"reverse": {"{from: site/idc, to: seoul/a, tcp: [7007]}\n  - {from: seoul/a, to: site/idc, tcp: [7008]}", "{from: site/idc, to: host/a}",
			"reverse seoul/a/private-apne2-az1 [network] idc2"},
		"reverse, that host": {"{from: site/idc, to: seoul/a, tcp: [7007]}\n  - {from: seoul/a, to: site/idc, tcp: [7008]}", "{from: host/idc1, to: host/a}", "none"},
		"reverse, forbidden": {"{from: site/idc, to: seoul/a, tcp: [7007]}", "{from: site/idc, to: host/a}", "none"},
		"apart":              {"{from: tokyo/b, to: seoul/a, tcp: [7007]}", "{from: tokyo/b, to: host/idc1, expect: unreachable}", "lambda tokyo/b/private-apne1-az1 [network] idc1"},
		"apart, no group":    {"{from: seoul/a, to: site/idc, tcp: [7007]}", "{from: tokyo/b, to: host/idc1, expect: unreachable}", "none"},
		"apart, site":        {"{from: tokyo/b, to: seoul/a, tcp: [7007]}", "{from: site/idc, to: host/b, expect: unreachable}", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, measured+"allow:\n  - "+c.allow+"\npaths: {p: "+c.path+"}\n")
			p := plan.Paths[0]
			got := string(p.Vantage)
			if p.At != "" {
				groups := plan.Measurement.Vantages[0].Groups()
				if groups[0] == "" {
					groups[0] = "network"
				}
				got += " " + p.At + " [" + strings.Join(groups, " ") + "] " + p.Target
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestVantages_OpenNothing asserts that measuring changes no route and no security group (docs/adr/0004).
func TestVantages_OpenNothing(t *testing.T) {
	with := load(t, "../../pathproof.yaml")
	without := load(t, "../../pathproof.yaml")
	without.Paths, without.Probe, without.Compare = nil, nil, nil
	a, _ := topology.Build(with)
	b, _ := topology.Build(without)
	for i, n := range a.Networks {
		other := b.Networks[i]
		if diff := cmp.Diff(written(t, other.SecurityGroups), written(t, n.SecurityGroups)); diff != "" {
			t.Errorf("%s: security groups (-without +with paths):\n%s", n.Key, diff)
		}
		if diff := cmp.Diff(written(t, other.RouteTables), written(t, n.RouteTables)); diff != "" {
			t.Errorf("%s: route tables (-without +with paths):\n%s", n.Key, diff)
		}
	}
	if a.Measurement == nil || len(a.Measurement.Vantages) < 3 || b.Measurement != nil {
		t.Error("the test compares the wrong plans")
	}
}

func written(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMeasurement_HomeComesLast asserts that the gate's stack is deployed after every other one that holds something to
// measure.
func TestMeasurement_HomeComesLast(t *testing.T) {
	home := strings.Replace(measured, "alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}", "alerts: {home: tokyo}", 1) // the first by its name
	plan := planOf(t, home+"allow: [{from: [seoul/a, tokyo/b], to: [seoul/a, tokyo/b], tcp: [7007]}]\npaths: {p: {from: seoul/a, to: host/b}, q: {from: tokyo/b, to: host/a}}\n")
	last := plan.Stacks[len(plan.Stacks)-1]
	if last.Name != plan.StackName(topology.LayerOps, plan.Measurement.Home) {
		t.Errorf("the last stack is %s", last.Name)
	}
	want := []string{"t-network-ap-northeast-1", "t-network-ap-northeast-1-b", "t-ops-ap-northeast-2", "t-routes-ap-northeast-1"}
	if diff := cmp.Diff(want, last.DependsOn); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
}

// TestMeasurement_OtherAccount asserts that the gate asks for no function of another account: nothing there lets it.
func TestMeasurement_OtherAccount(t *testing.T) {
	text := strings.Replace(measured, "{seoul: {region: ap-northeast-2}, tokyo: {region: ap-northeast-1}}",
		"{seoul: {region: ap-northeast-2, account: app}, tokyo: {region: ap-northeast-1, account: net}}", 1)
	text = strings.Replace(text, "{between: [seoul/a, tokyo/b]}", "{between: [seoul/a, tokyo/b], acceptRole: 'arn:aws:iam::111122223333:role/accept'}", 1)
	plan := planOf(t, text+"accounts: {net: \"111122223333\", app: \"444455556666\"}\nallow: [{from: tokyo/b, to: seoul/a, tcp: [7007]}]\npaths: {p: {from: tokyo/b, to: host/a}}\n")
	if p := plan.Paths[0]; p.Vantage != topology.VantageNone || p.At != "" || len(plan.Measurement.Vantages) != 0 {
		t.Errorf("got vantage %s at %q", p.Vantage, p.At)
	}
}

// TestAlarms asserts which paths have which alarm: none has one that nothing could set.
func TestAlarms(t *testing.T) {
	plan := planOf(t, measured+`allow: [{from: seoul/a, to: tokyo/b, tcp: [7007]}, {from: site/idc, to: seoul/a, tcp: [7007]}]
paths:
  goal: {from: seoul/a, to: host/b, slo: p90(connect) < 40ms}
  plain: {from: seoul/a, to: host/b}
  apart: {from: tokyo/b, to: host/idc1, expect: unreachable}
  unseen: {from: site/idc, to: host/a}
`)
	got := map[string][2]bool{}
	for _, p := range plan.Paths {
		got[p.Name] = [2]bool{p.HasDownAlarm(), p.HasObjectiveAlarm()}
	}
	want := map[string][2]bool{"goal": {true, true}, "plain": {true, false}, "apart": {false, true}, "unseen": {false, false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alarms down, objective (-want +got):\n%s", diff)
	}
	if plan.Measurement.Pipeline != config.ActionFail || plan.Measurement.Inconclusive != config.ActionReport {
		t.Errorf("the gate's defaults are %s and %s", plan.Measurement.Pipeline, plan.Measurement.Inconclusive)
	}
}
