package topology_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/check"
)

// TestKnock_EitherProtocol asserts that a server with TCP and UDP is entered by the one that is open, also through an
// accelerator, whose listener for the responder is no way into a tunnel.
func TestKnock_EitherProtocol(t *testing.T) {
	const file = `apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}}
networks: {seoul/vpn: {cidr: 172.29.0.0/24, zones: [apne2-az1], tiers: [public/28], egress: igw}}
pki: {main: {home: seoul}}
openvpn: {a: {network: seoul/vpn, zone: apne2-az1, pki: main, listen: {tcp: 1193, udp: 1194}, echo: 7007, pool: 10.250.0.0/24, image: ami-0123456789abcdef0}}
accelerators: {edge: {listeners: {a: {LISTEN, echo: 7007, endpoints: [openvpn/a]}}}}
clients: {korea: {location: {lat: 37.57, lon: 126.98}}}
hosts: {target: {network: seoul/vpn, ip: 172.29.0.5, port: 7007}}
allow:
  - {from: internet, to: openvpn/a, OPEN}
  - {from: openvpn/a, to: host/target, tcp: [7007]}
paths: {p: {from: client/korea, via: [VIA], to: host/target}}
`
	const edge = "accelerator/edge/a, openvpn/a"
	for name, c := range map[string]struct{ listen, open, via, want string }{
		"TCP":                        {"tcp: 1193", "tcp: [1193]", "openvpn/a", "port 1193"},
		"UDP":                        {"tcp: 1193", "udp: [1194]", "openvpn/a", "port 1194"},
		"both":                       {"tcp: 1193", "tcp: [1193], udp: [1194]", "openvpn/a", "port 1193"},
		"the responder":              {"tcp: 1193", "tcp: [7007]", "openvpn/a", "for TCP 1193 or UDP 1194 from the Internet; add {from: internet, to: openvpn/a, tcp: [1193]} or {from: internet, to: openvpn/a, udp: [1194]} to allow"},
		"accelerator, UDP":           {"udp: 1194", "udp: [1194]", edge, "port 1194"},
		"accelerator, the responder": {"udp: 1194", "tcp: [1193, 7007]", edge, "for UDP 1194 from the Internet; add {from: internet, to: openvpn/a, udp: [1194]} to allow"},
		"accelerator, both":          {"tcp: 1193, udp: 1194", "udp: [1194]", edge, "port 1194"},
		"accelerator, neither":       {"tcp: 1193, udp: 1194", "tcp: [7007]", edge, "for TCP 1193 or UDP 1194"},
	} {
		t.Run(name, func(t *testing.T) {
			r := check.Data("t.yaml", []byte(strings.NewReplacer("LISTEN", c.listen, "OPEN", c.open, "VIA", c.via).Replace(file)))
			got := []string{}
			for _, p := range r.Problems {
				if p.Code == "NET704" {
					got = append(got, p.Message)
				}
			}
			p := r.Plan.Paths[0]
			if p.Proven {
				for _, h := range p.Forward {
					got = append(got, h.Detail)
				}
			}
			if wantProven := strings.HasPrefix(c.want, "port"); p.Proven != wantProven || !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Errorf("proven %t, got %q, want %q; %v", p.Proven, got, c.want, r.Problems)
			}
		})
	}
}
