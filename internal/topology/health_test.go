package topology_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/topology"
)

const hostBehindAccelerator = `apiVersion: pathproof/v1
name: t
regions: {seoul: {region: ap-northeast-2}}
networks: {seoul/vpn: {cidr: 172.29.0.0/24, zones: [apne2-az1, apne2-az3], tiers: [public/28], egress: igw}}
accelerators: {edge: {listeners: {a: LISTENER}}}
hosts: {target: {network: seoul/vpn, ip: 172.29.0.5, port: 7007, instance: i-0123456789abcdef0}}
allow:
  - {from: internet, to: host/target, tcp: [7007]}
`

// TestAccelerator_ChecksAHostWhereItAnswers asserts that the health check of a host and the rule that lets it in are about a port to
// which the listener leads.
func TestAccelerator_ChecksAHostWhereItAnswers(t *testing.T) {
	for _, c := range []struct {
		name, listener string
		want           int
	}{
		{"override", "{tcp: 443, portOverrides: [{listener: 443, endpoint: 7007}], endpoints: [host/target]}", 7007},
		{"override of another port than the host's", "{tcp: 443, portOverrides: [{listener: 443, endpoint: 8080}], endpoints: [host/target]}", 8080},
		{"the host's port is not the first", "{tcp: [80, 7007], endpoints: [host/target]}", 7007},
		{"other ports only", "{tcp: [80, 81], endpoints: [host/target]}", 80},
		{"by UDP", "{udp: 53, endpoints: [host/target]}", 7007},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := planOf(t, strings.Replace(hostBehindAccelerator, "LISTENER", c.listener, 1))
			if got := plan.Accelerators[0].Listeners[0].Groups[0].Health.Port; got != c.want {
				t.Errorf("checked at %d, want %d", got, c.want)
			}
			n := plan.Networks[0]
			i := slices.IndexFunc(n.SecurityGroups, func(g *topology.SecurityGroup) bool { return strings.Contains(g.Key(), "target") })
			if i < 0 {
				t.Fatal("the host has no group")
			}
			var ports []int
			for _, r := range n.SecurityGroups[i].Ingress {
				if r.PrefixList != "" {
					ports = append(ports, r.From)
				}
			}
			if !slices.Equal(ports, []int{c.want}) {
				t.Errorf("let in at %v, want %d", ports, c.want)
			}
		})
	}
}
