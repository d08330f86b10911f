package topology_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
)

// facing is a load balancer that faces the Internet, a network with a private route to it, one with a way to the Internet, and
// a server.
const facing = `apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}}
networks:
  seoul/web: {cidr: 172.29.0.0/24, zones: [apne2-az1, apne2-az3], tiers: [public/27], egress: igw}
  seoul/app: {cidr: 172.16.0.0/16, zones: [apne2-az1], tiers: [private/20]}
  seoul/out: {cidr: 172.17.0.0/16, zones: [apne2-az1], tiers: [private/20, public/28], egress: nat-single}
peerings: {app: {between: [seoul/app, seoul/web]}}
pki: {main: {home: seoul}}
openvpn: {a: {network: seoul/web, zone: apne2-az1, pki: main, listen: {tcp: 1194}, pool: 10.250.0.0/24, tunnel: split, image: ami-0123456789abcdef0}}
loadBalancers: {pub: {network: seoul/web, scheme: internet-facing, listen: {http: 80}, targets: [host/target]}}
hosts: {target: {network: seoul/web, ip: 172.29.0.5, port: 7007}}
clients: {korea: {location: {lat: 37.57, lon: 126.98}}}
allow:
  - {from: internet, to: openvpn/a, tcp: [1194]}
  - {from: loadBalancer/pub, to: host/target, tcp: [7007]}
  - {from: [seoul/app, openvpn/a], to: loadBalancer/pub, tcp: [80]}
%s
paths: {p: {to: loadBalancer/pub, %s}}
`

// TestFacing_FromInside asserts that a path from inside to a load balancer that faces the Internet is judged by the way there:
// out to the Internet, and back in by a public address.
func TestFacing_FromInside(t *testing.T) {
	const in = "  - {from: internet, to: loadBalancer/pub, tcp: [80]}\n"
	outOf := func(end string) string { return fmt.Sprintf("  - {from: %s, to: internet, tcp: [80]}\n", end) }
	server := "from: client/korea, via: [openvpn/a]"
	for name, c := range map[string]struct {
		allow, path, want string
		full              bool
	}{
		"a private route alone":          {"", "from: seoul/app", "NET701 NET704", false},
		"and by a peering":               {"", "from: seoul/app, via: [peering/app]", "NET701 NET704 NET706", false},
		"a way out":                      {in + outOf("seoul/out"), "from: seoul/out", "proven", false},
		"a way out, not let out":         {in, "from: seoul/out", "NET704", false},
		"a way out, not let in":          {outOf("seoul/out"), "from: seoul/out", "NET704", false},
		"a way out, by a peering":        {in + outOf("seoul/out"), "from: seoul/out, via: [peering/app]", "NET706", false},
		"a split tunnel":                 {in + outOf("openvpn/a"), server, "NET701", false},
		"a full tunnel":                  {in + outOf("openvpn/a"), server, "proven", true},
		"a full tunnel, grants nothing":  {in, server, "NET704", true},
		"must not, and cannot":           {in, "from: seoul/out, expect: unreachable", "proven", false},
		"must not, not let in":           {outOf("seoul/out"), "from: seoul/out, expect: unreachable", "proven", false},
		"must not, over the Internet":    {in + outOf("seoul/out"), "from: seoul/out, expect: unreachable", "NET705", false},
		"must not, by private addresses": {"", "from: seoul/app, expect: unreachable", "NET705", false},
	} {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf(facing, c.allow, c.path)
			if c.full {
				text = strings.Replace(text, "tunnel: split", "tunnel: full", 1)
			}
			if got := judged(t, text); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// judged is "proven", or the codes of the errors.
func judged(t *testing.T, text string) string {
	t.Helper()
	r := check.Data("t.yaml", []byte(text))
	if r.Plan == nil {
		t.Fatal(r.Problems)
	}
	var codes []string
	for _, p := range r.Problems {
		if strings.HasPrefix(string(p.Code), "NET70") && string(p.Code) < "NET707" {
			codes = append(codes, string(p.Code))
			continue
		}
		t.Log(p)
	}
	var proven []*topology.Path
	for _, p := range r.Plan.Paths {
		if p.Proven {
			proven = append(proven, p)
		}
	}
	switch {
	case len(codes) == 0 && len(proven) == len(r.Plan.Paths):
		return "proven"
	case len(proven) > 0:
		return "proven, but " + strings.Join(codes, " ")
	}
	return strings.Join(codes, " ")
}
