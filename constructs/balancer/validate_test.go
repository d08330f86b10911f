package balancer

import (
	"net/netip"
	"testing"

	"github.com/pathproof/pathproof/internal/propstest"
)

// fixed is an internal network load balancer with a fixed address.
func fixed(edit func(*LoadBalancerProps)) func(*LoadBalancerProps) {
	return func(p *LoadBalancerProps) {
		p.Kind, p.SubnetIds, p.Listeners[0].Protocol = Network, nil, TCP
		p.Mappings = []Mapping{{new("subnet-1"), netip.MustParseAddr("172.30.0.10")}}
		edit(p)
	}
}

func TestLoadBalancerProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*LoadBalancerProps)
		want string
	}{
		{"good", func(*LoadBalancerProps) {}, ""},
		{"network", func(p *LoadBalancerProps) {
			p.Kind, p.SubnetIds, p.Listeners[0].Protocol = Network, p.SubnetIds[:1], TCP
		}, ""},
		{"redirect", func(p *LoadBalancerProps) {
			p.CertificateArn = "arn:aws:acm:::certificate/1"
			p.Listeners = []ListenerProps{{Port: 80, Protocol: HTTP, RedirectPort: 443}, {Port: 443, Protocol: HTTPS, TargetPort: 8080}}
		}, ""},
		{"name", func(p *LoadBalancerProps) { p.Name = "" }, "name: missing"},
		{"kind", func(p *LoadBalancerProps) { p.Kind = "gateway" }, `kind: unknown value, got "gateway"`},
		{"VPC", func(p *LoadBalancerProps) { p.VpcId = nil }, "vpcId: missing"},
		{"one zone", func(p *LoadBalancerProps) { p.SubnetIds = p.SubnetIds[:1] }, "subnetIds: want 2 or more, each in another zone, got 1"},
		{"no group", func(p *LoadBalancerProps) { p.SecurityGroupIds = nil }, "securityGroupIds: want 1 to 5, got 0"},
		{"target port", func(p *LoadBalancerProps) {
			p.Targets = append(p.Targets, TargetGroupProps{})
		}, "targets[1].port: out of range, got 0"},
		{"target twice", func(p *LoadBalancerProps) { p.Targets = append(p.Targets, p.Targets[0]) }, "targets[1].port: stands twice, got 8080"},
		{"health path", func(p *LoadBalancerProps) { p.Targets[0].HealthPath = "x" }, `targets[0].healthPath: not a path, got "x"`},
		{"IPv6", func(p *LoadBalancerProps) { p.Targets[0].Addresses[0] = netip.IPv6Loopback() }, "targets[0].addresses: not an IPv4 address, got ::1"},
		{"fixed addresses", fixed(func(*LoadBalancerProps) {}), ""},
		{"fixed addresses beside subnets", fixed(func(p *LoadBalancerProps) { p.SubnetIds = []*string{new("subnet-1")} }), "mappings: beside subnetIds, got 1 and 1"},
		{"fixed addresses in public", fixed(func(p *LoadBalancerProps) { p.Public = true }), "mappings: only an internal network load balancer has fixed private addresses, got 1"},
		{"no address", fixed(func(p *LoadBalancerProps) { p.Mappings[0].Address = netip.Addr{} }), "mappings[0].address: missing"},
		{"IPv6 address", fixed(func(p *LoadBalancerProps) { p.Mappings[0].Address = netip.IPv6Loopback() }), "mappings[0].address: not an IPv4 address, got ::1"},
		{"no subnet", fixed(func(p *LoadBalancerProps) { p.Mappings[0].SubnetId = nil }), "mappings[0].subnetId: missing"},
		{"address twice", fixed(func(p *LoadBalancerProps) { p.Mappings = append(p.Mappings, p.Mappings[0]) }), "mappings[1].address: stands twice, got 172.30.0.10"},
		{"routing", fixed(func(p *LoadBalancerProps) { p.ClientRouting = "near" }), `clientRouting: unknown value, got "near"`},
		{"shift", func(p *LoadBalancerProps) { p.ZonalShift = new(true) }, `clientRouting: only a network load balancer is told that or zonalShift, got kind "application"`},
		{"instances", func(p *LoadBalancerProps) {
			p.Targets[0].Addresses, p.Targets[0].InstanceIDs = nil, []string{"i-0123456789abcdef0"}
		}, ""},
		{"instances beside addresses", func(p *LoadBalancerProps) { p.Targets[0].InstanceIDs = []string{"i-0123456789abcdef0"} }, "targets[0].instanceIds: beside addresses, got 1 and 1"},
		{"not an instance", func(p *LoadBalancerProps) { p.Targets[0].Addresses, p.Targets[0].InstanceIDs = nil, []string{"web"} }, `targets[0].instanceIds: not the id of an instance, got "web"`},
		{"type", func(p *LoadBalancerProps) { p.Targets[0].Type = "lambda" }, `targets[0].type: unknown value, got "lambda"`},
		{"another type", func(p *LoadBalancerProps) { p.Targets[0].Type = ByInstance }, `targets[0].type: not that of the targets, got "instance"`},
		{"nothing", func(p *LoadBalancerProps) { p.Listeners = nil }, "listeners: missing"},
		{"port", func(p *LoadBalancerProps) { p.Listeners[0].Port = 65536 }, "listeners[0].port: out of range, got 65536"},
		{"port twice", func(p *LoadBalancerProps) { p.Listeners = append(p.Listeners, p.Listeners[0]) }, "listeners[1].port: stands twice, got 80"},
		{"TCP of an application", func(p *LoadBalancerProps) { p.Listeners[0].Protocol = TCP }, `listeners[0].protocol: not one of this kind (application), got "TCP"`},
		{"no certificate", func(p *LoadBalancerProps) { p.Listeners[0].Protocol = HTTPS }, "certificateArn: missing; HTTPS on port 80 needs one"},
		{"nowhere", func(p *LoadBalancerProps) { p.Listeners[0].TargetPort = 8081 }, "listeners[0].targetPort: no such target group, got 8081"},
		{"HTTP/2 without TLS", func(p *LoadBalancerProps) { p.Listeners[0].HTTP2 = true }, "listeners[0].http2: only a listener by TLS is told to offer it, got HTTP"},
		{"two ways", func(p *LoadBalancerProps) { p.Listeners[0].RedirectPort = 443 }, "listeners[0].redirectPort: only a listener by HTTP that leads nowhere else redirects"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := LoadBalancerProps{Name: "api", Kind: Application, VpcId: new("vpc-1"), SubnetIds: []*string{new("subnet-1"), new("subnet-2")}, SecurityGroupIds: []*string{new("sg-1")},
				Targets:   []TargetGroupProps{{Port: 8080, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}},
				Listeners: []ListenerProps{{Port: 80, Protocol: HTTP, TargetPort: 8080}}}
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}
