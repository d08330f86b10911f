// Package accelerated defines a Global Accelerator with its listeners and endpoint groups: two anycast addresses that take people's
// connections at AWS's nearest edge and lead them to Elastic IPs, load balancers or instances in one or several Regions.
//
//	accelerated.NewAccelerator(stack, "Accelerator", &accelerated.AcceleratorProps{
//		Name: "shop", Listeners: []accelerated.ListenerProps{{
//			Name: "seoul", Protocol: accelerated.TCP, Ports: []accelerated.PortRange{{From: 1194, To: 1194}},
//			Groups: []accelerated.EndpointGroupProps{{Region: "ap-northeast-2", HealthPort: 7006,
//				Endpoints: []accelerated.EndpointProps{{EndpointId: address.AllocationId(), Kind: accelerated.Address}}}},
//		}},
//	})
//
// A listener that leads to several Regions sends each client to the nearest one. That is right only for servers that do the same,
// so it has to be said (Interchangeable); a client that must reach one Region needs a port that leads nowhere else.
//
// The stack may stand in any Region, but metrics and alarms are in us-west-2. What AWS refuses and these props cannot show:
// an endpoint's VPC has to have an Internet gateway, its zone has to be supported, and its security groups have to let in the
// Route 53 health checkers and, with client IP preservation, people's own addresses.
//
// Billed by AWS: each accelerator by the hour with its two public IPv4 addresses, traffic by the gigabyte in the dominant direction,
// one alarm, flow logs by volume (delivery and storage) if they are asked for.
package accelerated
