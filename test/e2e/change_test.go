package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/topology"
)

// edits are what changes in the reference network: a new network with a peering and what it opens, a tag, and a network
// moves to a transit gateway segment of its own; of the ways in, whom people reach by Client VPN, an accelerator's health checks and a
// listener more, a load balancer's health checks, the proxies' machines and a server's ports. Each is a text of the file and what takes
// its place.
var edits = [][2]string{
	{"CostCenter: net-001", "CostCenter: net-002"},
	{"\ntransitGateways:", "\n  tokyo/extra: {cidr: 10.77.0.0/24, zones: [apne1-az1], tiers: [private/27]}\n\ntransitGateways:"},
	{"cloud: {attach: [seoul/app, seoul/vpn], reaches: [cloud, onprem]}", "cloud: {attach: [seoul/app], reaches: [cloud, onprem, people]}\n      people: {attach: [seoul/vpn], reaches: [cloud, onprem]}"},
	{"reaches: [cloud]}", "reaches: [cloud, people]}"},
	{"\npeerings:", "\npeerings:\n  extra: {between: [seoul/web, tokyo/extra], dns: both}"},
	{"\nallow:", "\nallow:\n  - {from: tokyo/extra, to: seoul/web, tcp: [8080]}\n  - {from: clientVpn/people, to: host/seoul-target, tcp: [7007]}\n  - {from: internet, to: openvpn/oregon, udp: [1197]}\n#"},
	{"healthCheck: {interval: 10s}", "healthCheck: {interval: 30s}"},
	{"healthPath: /whoami", "healthPath: /health"},
	{"via: peering/web-edge, listen: {http: 80},", "via: peering/web-edge, listen: {http: 80}, instanceType: c7g.large,"},
	{"      oregon: {tcp: 1196, echo: 7109, endpoints: [openvpn/oregon]}", "      oregon: {tcp: 1196, echo: 7109, endpoints: [openvpn/oregon]}\n      udp: {udp: 1197, endpoints: [openvpn/oregon]}"},
	{"listen: {tcp: [1194, 1196]}", "listen: {tcp: [1194, 1196], udp: 1197}"},
}

// changed writes a copy of a configuration with the edits.
func changed(t *testing.T, s *server, config string) string {
	t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		if strings.Count(string(text), e[0]) != 1 {
			t.Fatalf("%s has %q %d times, want once", config, e[0], strings.Count(string(text), e[0]))
		}
		text = []byte(strings.Replace(string(text), e[0], e[1], 1))
	}
	file := filepath.Join(s.work, "changed.yaml")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// change deploys another configuration, and asserts that what was there kept its ids, that what is new is what the two
// plans differ by, and that peerings were left alone.
func (l *life) change(t *testing.T, config string) {
	t.Helper()
	was, next := l.now, planOf(t, config)
	l.cdkDeploy(t, config)
	l.unchanged(t, slices.DeleteFunc(slices.Clone(was.plan.Stacks), func(s *topology.Stack) bool { return s.Layer != topology.LayerPeer }))
	l.config, l.now = config, readStacks(t, l.s, next)
	l.look(t, "CREATE_COMPLETE", "UPDATE_COMPLETE")
	before, after := was.ids(), l.now.ids()
	for key, id := range before {
		if after[key] != id {
			t.Errorf("%s was %s, is %q", key, id, after[key])
		}
	}
	planned := resourcesOf(next)
	for key := range resourcesOf(was.plan) {
		delete(planned, key)
	}
	for key := range after {
		name, logical, _ := strings.Cut(key, "/")
		helper := was.stacks[name] == nil || isHelper(l.now.stacks[name].resources[logical].typ)
		if before[key] == "" && !planned[key] && !helper {
			t.Errorf("%s is new, though the plans do not differ by it", key)
		}
		delete(planned, key)
	}
	for _, key := range slices.Sorted(maps.Keys(planned)) {
		t.Errorf("%s is new in the plan and was not made", key)
	}
	if got := l.s.events(t, "replacement"); len(got) > 0 {
		t.Errorf("replaced: %v", got)
	}
}

func resourcesOf(p *topology.Plan) map[string]bool {
	out := map[string]bool{}
	for _, s := range p.Stacks {
		for _, r := range s.Resources {
			out[s.Name+"/"+r.LogicalID] = true
		}
	}
	return out
}

// isHelper reports whether a type may be no part of plans.
func isHelper(typ string) bool {
	return strings.HasPrefix(typ, "AWS::IAM::") || strings.HasPrefix(typ, "AWS::Lambda::") || strings.HasPrefix(typ, "AWS::Logs::") ||
		strings.HasSuffix(typ, "Policy")
}
