package gateway

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/secret"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// planned plans the reference network with some of its text replaced.
func planned(t *testing.T, oldnew ...string) *topology.Plan {
	t.Helper()
	text := readFile(t, "../../pathproof.yaml")
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("%q is not in the file", oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	r := check.Data("pathproof.yaml", []byte(text))
	if !r.OK() {
		t.Fatalf("%v", r.Problems)
	}
	return r.Plan
}

func fromPlan(t *testing.T, p *topology.Plan, site, name string) (*Gateway, error) {
	t.Helper()
	s, err := SiteOf(p, site)
	if err != nil {
		return nil, err
	}
	d, err := Choose(s, name)
	if err != nil {
		return nil, err
	}
	return FromPlan(p, s, d)
}

func TestFromPlan(t *testing.T) {
	got, err := fromPlan(t, planned(t), "", "")
	if err != nil {
		t.Fatal(err)
	}
	want := sample()
	want.Tunnels = []Tunnel{
		{Connection: "fw1", Number: 1, Inside: netip.MustParsePrefix("169.254.110.0/30")},
		{Connection: "fw1", Number: 2, Inside: netip.MustParsePrefix("169.254.114.0/30")},
	}
	want.Interfaces = XFRM
	if diff := cmp.Diff(want, got, cmp.Comparer(func(x, y secret.Text) bool { return x.Reveal() == y.Reveal() }), cmp.Comparer(func(x, y netip.Addr) bool { return x == y }),
		cmp.Comparer(func(x, y netip.Prefix) bool { return x == y }), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFromPlan_FollowsTheFile(t *testing.T) {
	const gateways, connection, failover = "fw1: {ip: 203.0.113.10, asn: 65010, device: fortigate}", "fw1: {gateway: fw1, inside: [169.254.110.0/30, 169.254.114.0/30]}", "failover: 30s\n"
	for _, tt := range []struct {
		name   string
		edit   []string
		is     func(*Gateway) any
		wanted any
	}{
		{"failover decides the timers", []string{failover, "failover: 10s\n"}, func(g *Gateway) any { return g.Timers }, tunnel.For(6 * time.Second)},
		{"an explicit hold wins", []string{failover, "failover: 30s\n      hold: 15s\n"}, func(g *Gateway) any { return g.Timers.Hold }, 15 * time.Second},
		{"all connections of the gateway, none of another", []string{gateways, gateways + "\n      fw2: {ip: 203.0.113.20, asn: 65010}",
			connection, connection + "\n        second: {gateway: fw1, inside: [169.254.118.0/30, 169.254.122.0/30]}\n        third: {gateway: fw2, inside: [169.254.126.0/30, 169.254.130.0/30]}"},
			func(g *Gateway) any { return tunnelNames(g) }, "fw1-1 fw1-2 second-1 second-2"},
		{"what the segment reaches is accepted", []string{"onprem: {attach: [site/idc], reaches: [cloud]}", "onprem: {attach: [site/idc], reaches: [cloud, onprem]}"},
			func(g *Gateway) any { return prefixes(g.Accept, " ") }, "172.16.0.0/16 172.29.0.0/24"}, // not its own prefixes
		{"behind NAT", []string{"device: fortigate", "device: fortigate, localAddress: 192.168.1.2"}, func(g *Gateway) any { return g.Encapsulated() && g.MTU() == 1406 }, true},
		{"accelerated", []string{failover, "failover: 30s\n      acceleration: true\n"}, func(g *Gateway) any { return g.Encapsulated() }, true},
		{"the leanest cipher", []string{failover, "failover: 30s\n      tunnel: {phase2Encryption: [AES256-GCM-16]}\n"}, func(g *Gateway) any { return g.MTU() }, 1446},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, err := fromPlan(t, planned(t, tt.edit...), "idc", "fw1")
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.is(g); got != tt.wanted {
				t.Errorf("got %v, want %v", got, tt.wanted)
			}
		})
	}
}

func tunnelNames(g *Gateway) string {
	var out []string
	for _, x := range g.Tunnels {
		out = append(out, x.Name())
	}
	return strings.Join(out, " ")
}

func TestFromPlan_Refuses(t *testing.T) {
	second := []string{"fw1: {ip: 203.0.113.10, asn: 65010, device: fortigate}", "fw1: {ip: 203.0.113.10, asn: 65010}\n      fw2: {ip: 203.0.113.20, asn: 65010}"}
	for _, tt := range []struct {
		name, site, gateway string
		edit                []string
		want                string
	}{
		{"an unknown site", "idx", "", nil, `no such site, got "idx"; did you mean idc? use one of: idc`},
		{"an unknown gateway", "idc", "fw2", nil, `no such gateway of site idc, got "fw2"; did you mean fw1? use one of: fw1`},
		{"one of several gateways", "idc", "", second, "site idc has 2 gateways; use one of: fw1, fw2"},
		{"a gateway without connections", "idc", "fw2", second, "gateway fw2 of site idc: no tunnels; declare a VPN connection that names it"},
		{"static routes", "idc", "fw1", []string{"capacity: {normal: 2.5Gbps, oneTunnelDown: 1.25Gbps, packetSize: 1200}\n", "routing: static\n"},
			"site idc has static routes, by which no gateway tells a dead tunnel; set routing: bgp, or take AWS's sample with --vendor"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := fromPlan(t, planned(t, tt.edit...), tt.site, tt.gateway); err == nil || err.Error() != tt.want {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

// What a device is told about itself is nobody else's business: the plan that templates hold a hash of stays as it is.
func TestPlan_DoesNotKnowTheDevice(t *testing.T) {
	plain, err := planned(t, ", device: fortigate", "").Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range []string{", device: fortigate", ", device: strongswan-frr, interfaces: vti, wan: eth0, localAddress: 10.9.9.9", ", device: fortigate, lan: port2"} {
		got, err := planned(t, ", device: fortigate", keys).Encode()
		if err != nil || !slices.Equal(plain, got) {
			t.Errorf("%s changes the plan: %v", keys, err)
		}
	}
}
