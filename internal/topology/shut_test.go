package topology_test

import (
	"fmt"
	"testing"
)

// shut is a network with a server and a Client VPN.
const shut = `apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}}
networks: {seoul/vpn: {cidr: 172.29.0.0/24, zones: [apne2-az1, apne2-az3], tiers: [public/27, private/27], egress: igw}}
pki: {main: {home: seoul}}
openvpn: {a: {network: seoul/vpn, zone: apne2-az1, pki: main, listen: {tcp: 1194}, pool: 10.250.0.0/24, image: ami-0123456789abcdef0}}
clientVpns: {v: {network: seoul/vpn, tier: public, zones: [apne2-az3], pool: 10.251.0.0/22, certificate: "arn:aws:acm:ap-northeast-2:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"}}
clients: {korea: {location: {lat: 37.57, lon: 126.98}}}
hosts: {target: {network: seoul/vpn, ip: 172.29.0.10, port: 7007}, other: {network: seoul/vpn, ip: 172.29.0.11, port: 7007}, web: {network: seoul/vpn, ip: 172.29.0.12, port: 443}}
allow:
  - {from: internet, to: openvpn/a, tcp: [1194]}
%s
paths: {p: {from: client/korea, to: %s, expect: unreachable}}
`

// TestShut asserts what people who must not reach something are stopped by: every way in that is declared, or the one named.
func TestShut(t *testing.T) {
	const (
		server   = "  - {from: openvpn/a, to: host/target, tcp: [7007]}\n"
		vpn      = "  - {from: clientVpn/v, to: host/target, tcp: [7007]}\n"
		internet = "  - {from: internet, to: host/target, tcp: [7007]}\n"
		out      = "  - {from: openvpn/a, to: seoul/vpn, tcp: [7000-7010]}\n"
	)
	for name, c := range map[string]struct{ allow, to, want string }{
		"nothing":                       {"", "host/target", "proven"},
		"the Internet":                  {internet, "host/target", "NET705"},
		"through a server":              {server, "host/target", "NET705"},
		"through a server, a block":     {out, "host/target", "NET705"},
		"through a Client VPN":          {vpn, "host/target", "NET705"},
		"through both":                  {server + vpn, "host/target", "NET705 NET705"},
		"to another":                    {server + vpn, "host/other", "proven"},
		"the server named":              {server, "host/target, via: [openvpn/a]", "NET705"},
		"the server named, not the VPN": {vpn, "host/target, via: [openvpn/a]", "proven"},
		"the VPN named":                 {vpn, "host/target, via: [clientVpn/v]", "NET705"},
		"the VPN named, not the server": {server + internet, "host/target, via: [clientVpn/v]", "proven"},
		"its responder":                 {server + vpn, "openvpn/a", "proven"},
		"where the server itself may":   {"  - {from: seoul/vpn, to: host/web, tcp: [443]}\n", "host/web, via: [openvpn/a]", "proven"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := judged(t, fmt.Sprintf(shut, c.allow, c.to)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
