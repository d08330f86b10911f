// Package network defines a VPC whose subnets are pinned to Availability Zones by AZ ID, with one route table per
// subnet, or adopts an existing one; callers need not care which.
//
//	n := network.NewNetwork(stack, "App", &network.NetworkProps{
//		CIDR: netip.MustParsePrefix("172.16.0.0/16"),
//		Subnets: []network.SubnetProps{
//			{Tier: "private", ZoneID: "apne2-az1", CIDR: netip.MustParsePrefix("172.16.0.0/20")},
//			{Tier: "private", ZoneID: "apne2-az3", CIDR: netip.MustParsePrefix("172.16.32.0/20")},
//		},
//	})
//	awslambda.NewFunction(stack, jsii.String("Fn"), &awslambda.FunctionProps{Vpc: n.Tier("private"), ...})
//
// A tier is a set of subnets with one purpose, at most one per zone. The tier named attach holds transit gateway
// attachments: it never gets a default route.
//
// Billed by AWS: NAT gateways (per hour and gigabyte) with their public addresses, and flow logs (per gigabyte). VPCs,
// subnets, route tables, Internet gateways and gateway endpoints are free of charge.
package network
