// Package balancer defines an application or network load balancer with its listeners and target groups.
//
//	b := balancer.NewLoadBalancer(network, "Api", &balancer.LoadBalancerProps{
//		Name: "api", Kind: balancer.Application, VpcId: n.VpcId(), SubnetIds: n.SubnetIds("private"), SecurityGroupIds: []*string{group},
//		Targets:   []balancer.TargetGroupProps{{Port: 8080, Addresses: []netip.Addr{netip.MustParseAddr("172.30.0.10")}}},
//		Listeners: []balancer.ListenerProps{{Port: 80, Protocol: balancer.HTTP, TargetPort: 8080}},
//	})
//
// A listener's identity is its port, and so is a target group's: another protocol or certificate is a change in place.
//
// Billed by AWS: the load balancer by the hour and by capacity units; one that faces the Internet also for its public IPv4
// addresses, one in each subnet.
package balancer
