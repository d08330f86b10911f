package topology_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// planned plans a text, which must be readable.
func planned(t *testing.T, text string) (*topology.Plan, problem.List) {
	t.Helper()
	doc, found := config.Parse("t.yaml", []byte(text))
	if doc.File == nil {
		t.Fatalf("%v", found)
	}
	return topology.Build(doc.File)
}

// withConnections is a network with so many VPN connections in one place.
func withConnections(n int, alerts string) string {
	var b strings.Builder
	b.WriteString(`apiVersion: pathproof/v1
name: many
regions: {seoul: {region: ap-northeast-2}}
networks: {seoul/app: {cidr: 10.1.0.0/16, zones: [apne2-az1], tiers: [private/20, attach/28]}}
transitGateways:
  seoul: {region: seoul, asn: 64512, segments: {cloud: {attach: [seoul/app], reaches: [onprem]}, onprem: {attach: [site/idc], reaches: [cloud]}}}
sites:
  idc:
    prefixes: [10.20.0.0/16]
    gateways: {fw: {ip: 203.0.113.10, asn: 65010}}
    connect:
      transitGateway: seoul
      vpnConnections:
`)
	for i := range n {
		fmt.Fprintf(&b, "        c%d: {gateway: fw, inside: [169.254.%d.0/30, 169.254.%d.4/30]}\n", i, 10+i, 10+i)
	}
	return b.String() + alerts
}

// TestAlerts_CountForTheLimits asserts that what each VPN connection adds, alarms in one stack and outputs in another, is
// counted against CloudFormation's limits.
func TestAlerts_CountForTheLimits(t *testing.T) {
	const on, off = "alerts: {home: seoul, webhook: {secret: a}}\n", "alerts: {home: seoul, webhook: {secret: a}, sites: false}\n"
	for _, x := range []struct {
		connections int
		alerts      string
		refused     bool
	}{{45, on, false}, {50, on, true}, {50, off, false}} {
		p, found := planned(t, withConnections(x.connections, x.alerts))
		var limits []string
		for _, f := range found {
			if f.Code == problem.StackLimit {
				limits = append(limits, f.Message)
			}
		}
		if (len(limits) > 0) != x.refused {
			t.Errorf("%d connections, %s: %q", x.connections, x.alerts, limits)
		}
		if x.refused && (!strings.Contains(strings.Join(limits, "\n"), "too many resources for one stack, got 5") || !strings.Contains(strings.Join(limits, "\n"), "too many outputs for one stack, got 20")) {
			t.Errorf("%d connections: %q", x.connections, limits)
		}
		for _, s := range p.Stacks {
			if n := len(s.Resources); !x.refused && n > 500 {
				t.Errorf("%s has %d resources", s.Name, n)
			}
		}
	}
}

// TestAlerts_SlackIsConfiguredOncePerAccount asserts where the channel is configured, and with which topics.
func TestAlerts_SlackIsConfiguredOncePerAccount(t *testing.T) {
	p, found := planned(t, `apiVersion: pathproof/v1
name: spread
accounts: {net: "111122223333", app: "444455556666"}
regions:
  seoul: {region: ap-northeast-2, account: net}
  tokyo: {region: ap-northeast-1, account: net}
  oregon: {region: us-west-2, account: app}
  ohio: {region: us-east-2, account: app}
  paris: {region: eu-west-3, account: app}
networks:
  seoul/a: {cidr: 10.1.0.0/16, zones: [apne2-az1], tiers: [private/20]}
transitGateways:
  tokyo: {region: tokyo, asn: 64512, segments: {all: {attach: [site/t]}}}
  oregon: {region: oregon, asn: 64513, segments: {all: {attach: [site/o]}}}
  ohio: {region: ohio, asn: 64514, segments: {all: {attach: [site/h]}}}
sites:
  t: {prefixes: [10.20.0.0/16], gateways: {fw: {ip: 203.0.113.1, asn: 65010}}, connect: {transitGateway: tokyo, vpnConnections: {c: {gateway: fw, inside: [169.254.10.0/30, 169.254.10.4/30]}}}}
  o: {prefixes: [10.21.0.0/16], gateways: {fw: {ip: 203.0.113.2, asn: 65011}}, connect: {transitGateway: oregon, vpnConnections: {c: {gateway: fw, inside: [169.254.11.0/30, 169.254.11.4/30]}}}}
  h: {prefixes: [10.22.0.0/16], gateways: {fw: {ip: 203.0.113.3, asn: 65012}}, connect: {transitGateway: ohio, vpnConnections: {c: {gateway: fw, inside: [169.254.12.0/30, 169.254.12.4/30]}}}}
alerts: {home: seoul, slack: {workspaceId: T0000000, channelId: C0000000}}
`)
	if found.Has(problem.Error) {
		t.Fatal(found)
	}
	got := map[string]string{}
	for _, at := range p.Places() {
		if topics := p.SlackTopics(at); len(topics) > 0 {
			got[at.String()] = fmt.Sprint(topics)
		}
	}
	want := map[string]string{"ap-northeast-2 (net)": "[ap-northeast-1 (net) ap-northeast-2 (net)]", "us-west-2 (app)": "[us-east-2 (app) us-west-2 (app)]"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	// Whoever configures the channel is deployed after the topics.
	position := func(at string) int {
		return slices.IndexFunc(p.Stacks, func(s *topology.Stack) bool { return s.Layer == topology.LayerOps && s.Place.String() == at })
	}
	for home, other := range map[string]string{"ap-northeast-2 (net)": "ap-northeast-1 (net)", "us-west-2 (app)": "us-east-2 (app)"} {
		s := p.Stacks[position(home)]
		if position(home) < position(other) || !slices.Contains(s.DependsOn, p.Stacks[position(other)].Name) {
			t.Errorf("%s comes before %s, or does not wait: %v", s.Name, other, s.DependsOn)
		}
	}
}
