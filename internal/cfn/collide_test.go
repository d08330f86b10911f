package cfn

import "testing"

func route(id, table, destination string) *Resource {
	return res(id, "Route", "RouteTableId", table, "DestinationCidrBlock", destination)
}

func TestCollisions_Order(t *testing.T) {
	runCompare(t, []compareCase{
		{"within one stack creation comes before deletion", stacks(in("s", route("Old", "rtb-1", "10.0.0.0/8"))), stacks(in("s", route("New", "rtb-1", "10.0.0.0/8"))), `
			create s/New
			delete s/Old
			move s/Old to s/New by route rtb-1 10.0.0.0/8
			collision route rtb-1 10.0.0.0/8: s/Old holds, s/New wants`},
		{"an earlier stack has deleted", stacks(in("a", route("Old", "rtb-1", "10.0.0.0/8")), in("b")), stacks(in("a"), in("b", route("New", "rtb-1", "10.0.0.0/8"))), `
			delete a/Old
			create b/New
			move a/Old to b/New by route rtb-1 10.0.0.0/8`},
		{"a later stack has not", stacks(in("b", route("Old", "rtb-1", "10.0.0.0/8"))), stacks(in("a", route("New", "rtb-1", "10.0.0.0/8")), in("b")), `
			create a/New
			delete b/Old
			move b/Old to a/New by route rtb-1 10.0.0.0/8
			collision route rtb-1 10.0.0.0/8: b/Old holds, a/New wants`},
		{"what is retained stays in the way", stacks(in("a", res("Old", "AWS::S3::Bucket", "BucketName", "logs", "DeletionPolicy", "Retain"))),
			stacks(in("a"), in("b", res("New", "AWS::S3::Bucket", "BucketName", "logs"))), `
			delete a/Old retained
			create b/New
			move a/Old to b/New by bucket name logs
			collision bucket name logs: a/Old holds, b/New wants stays`},
		{"two in the new state", nil, stacks(in("a", route("X", "rtb-1", "10.0.0.0/8")), in("b", route("Y", "rtb-1", "10.0.0.0/8"))), `
			create a/X
			create b/Y
			collision route rtb-1 10.0.0.0/8: a/X holds, b/Y wants stays`},
		{"another destination", stacks(in("s", route("Old", "rtb-1", "10.0.0.0/8"))), stacks(in("s", route("New", "rtb-1", "10.0.0.0/9"))), `
			create s/New
			delete s/Old`},
	})
}

func TestCollisions_Replacement(t *testing.T) {
	subnet := func(zone, vpc, cidr string) []*Stack {
		return stacks(in("s", res("Vpc", "VPC", "CidrBlock", vpc),
			res("Subnet", "Subnet", "VpcId", "@s/Vpc", "CidrBlock", cidr, "AvailabilityZoneId", zone),
			res("Association", "SubnetRouteTableAssociation", "SubnetId", "@s/Subnet", "RouteTableId", "rtb-1")))
	}
	nat := func(subnet string) []*Stack {
		return stacks(in("s", res("Nat", "NatGateway", "AllocationId", "eipalloc-1", "SubnetId", subnet)))
	}
	tgwRoute := func(id, attachment string) []*Stack {
		return stacks(in("s", res(id, "TransitGatewayRoute", "TransitGatewayRouteTableId", "t", "DestinationCidrBlock", "10.0.0.0/8", "TransitGatewayAttachmentId", attachment)))
	}
	runCompare(t, []compareCase{
		{"in the way of itself", subnet("az1", "10.0.0.0/16", "10.0.0.0/24"), subnet("az2", "10.0.0.0/16", "10.0.0.0/24"), `
			replace s/Association
			  SubnetId follows s/Subnet
			replace s/Subnet
			  AvailabilityZoneId az1 -> az2
			collision subnet block 10.0.0.0/24 of {s/Vpc}: s/Subnet holds, s/Subnet wants`},
		{"overlap counts", subnet("az1", "10.0.0.0/16", "10.0.0.0/24"), subnet("az1", "10.0.0.0/16", "10.0.0.0/23"), `
			replace s/Association
			  SubnetId follows s/Subnet
			replace s/Subnet
			  CidrBlock 10.0.0.0/24 -> 10.0.0.0/23
			collision subnet block 10.0.0.0/23 of {s/Vpc}: s/Subnet holds, s/Subnet wants`},
		{"another block", subnet("az1", "10.0.0.0/16", "10.0.0.0/24"), subnet("az1", "10.0.0.0/16", "10.0.1.0/24"), `
			replace s/Association
			  SubnetId follows s/Subnet
			replace s/Subnet
			  CidrBlock 10.0.0.0/24 -> 10.0.1.0/24`},
		{"a new VPC has no subnets", subnet("az1", "10.0.0.0/16", "10.0.0.0/24"), subnet("az1", "10.0.0.0/15", "10.0.0.0/24"), `
			replace s/Association
			  SubnetId follows s/Subnet
			replace s/Subnet
			  VpcId follows s/Vpc
			replace s/Vpc
			  CidrBlock 10.0.0.0/16 -> 10.0.0.0/15`},
		{"an address of a NAT gateway", nat("subnet-1"), nat("subnet-2"), `
			replace s/Nat
			  SubnetId subnet-1 -> subnet-2
			collision Elastic IP eipalloc-1: s/Nat holds, s/Nat wants`},
		{"a type that deletes first is not in its own way", tgwRoute("Route", "att-1"), tgwRoute("Route", "att-2"), `
			replace s/Route
			  TransitGatewayAttachmentId att-1 -> att-2`},
		{"but in that of another id", tgwRoute("Old", "att-1"), tgwRoute("New", "att-1"), `
			create s/New
			delete s/Old
			move s/Old to s/New by transit gateway route t 10.0.0.0/8
			collision transit gateway route t 10.0.0.0/8: s/Old holds, s/New wants`},
		{"a fixed name", stacks(in("s", res("Role", "AWS::IAM::Role", "RoleName", "r", "Path", "/a/"))), stacks(in("s", res("Role", "AWS::IAM::Role", "RoleName", "r", "Path", "/b/"))), `
			replace s/Role
			  Path /a/ -> /b/
			collision role name r: s/Role holds, s/Role wants`},
		{"what may be replaced may be in its own way",
			stacks(in("s", res("I", "Instance", "SubnetId", "n", "PrivateIpAddress", "10.0.0.9", "InstanceType", "a"))),
			stacks(in("s", res("I", "Instance", "SubnetId", "n", "PrivateIpAddress", "10.0.0.9", "InstanceType", "b"))), `
			replace s/I maybe
			  InstanceType a -> b maybe
			collision private address n 10.0.0.9: s/I holds, s/I wants maybe`},
		{"not if its slot would be new as well",
			stacks(in("s", res("Vpc", "VPC", "InstanceTenancy", "a"), res("N", "Subnet", "VpcId", "@s/Vpc", "CidrBlock", "10.0.0.0/24"))),
			stacks(in("s", res("Vpc", "VPC", "InstanceTenancy", "b"), res("N", "Subnet", "VpcId", "@s/Vpc", "CidrBlock", "10.0.0.0/24"))), `
			replace s/N maybe
			  VpcId follows s/Vpc maybe
			replace s/Vpc maybe
			  InstanceTenancy a -> b maybe`},
		{"nor if an attribute in it would be",
			stacks(in("s", res("V", "VPC", "InstanceTenancy", "a"), res("F", facts, "TransitGatewayId", "@s/V"),
				res("P", "TransitGatewayRouteTablePropagation", "TransitGatewayRouteTableId", "t", "TransitGatewayAttachmentId", "@s/F.TransitGatewayAttachmentId"))),
			stacks(in("s", res("V", "VPC", "InstanceTenancy", "b"), res("F", facts, "TransitGatewayId", "@s/V"),
				res("P", "TransitGatewayRouteTablePropagation", "TransitGatewayRouteTableId", "t", "TransitGatewayAttachmentId", "@s/F.TransitGatewayAttachmentId"))), `
			replace s/P maybe
			  TransitGatewayAttachmentId follows s/F maybe
			replace s/V maybe
			  InstanceTenancy a -> b maybe`},
		{"an attribute that changes is another slot",
			stacks(in("s", res("F", facts, "TransitGatewayId", "a"),
				res("P", "TransitGatewayRouteTablePropagation", "TransitGatewayRouteTableId", "t", "TransitGatewayAttachmentId", "@s/F.TransitGatewayAttachmentId"))),
			stacks(in("s", res("F", facts, "TransitGatewayId", "b"),
				res("P", "TransitGatewayRouteTablePropagation", "TransitGatewayRouteTableId", "t", "TransitGatewayAttachmentId", "@s/F.TransitGatewayAttachmentId"))), `
			replace s/P
			  TransitGatewayAttachmentId follows s/F`},
	})
}

func TestCollisions_UpdateInPlace(t *testing.T) {
	zones := func(a, b string) []*Stack {
		zone := func(id, vpc string) *Resource {
			return res(id, "AWS::Route53::HostedZone", "Name", "x.internal", "VPCs", Canonical([]any{map[string]any{"VPCId": vpc}}))
		}
		return stacks(in("s", zone("A", a), zone("B", b)))
	}
	runCompare(t, []compareCase{
		{"two zones exchange a VPC at a moment nobody knows", zones("vpc-1", "vpc-2"), zones("vpc-3", "vpc-1"), `
			collision private zone x.internal in vpc-1: s/A holds, s/B wants maybe`},
		{"a VPC that no zone had", zones("vpc-1", "vpc-2"), zones("vpc-1", "vpc-3"), ""},
		{"an earlier stack has let go",
			stacks(in("a", res("R", "AWS::Route53::RecordSet", "HostedZoneId", "z", "Name", "h.x.", "Type", "A")), in("b")),
			stacks(in("a", res("R", "AWS::Route53::RecordSet", "HostedZoneId", "z", "Name", "h.x.", "Type", "AAAA")),
				in("b", res("N", "AWS::Route53::RecordSet", "HostedZoneId", "z", "Name", "H.x", "Type", "A"))), "create b/N"},
	})
}

func TestCollisions_TakingOver(t *testing.T) {
	assoc := func(id, attachment, table string) *Resource {
		return res(id, association, "TransitGatewayAttachmentId", attachment, "TransitGatewayRouteTableId", table)
	}
	gateway := func(id, name string) *Resource {
		return res(id, "CustomerGateway", "IpAddress", "203.0.113.1", "BgpAsn", "65010", "DeviceName", name, "Type", "ipsec.1")
	}
	runCompare(t, []compareCase{
		{"another table in place", stacks(in("s", assoc("A", "att", "one"))), stacks(in("s", assoc("A", "att", "two"))), ""},
		{"another table under another id", stacks(in("s", assoc("A", "att", "one"))), stacks(in("s", assoc("B", "att", "two"))), `
			delete s/A
			create s/B
			move s/A to s/B by association of att`},
		{"the same table under another id is lost with the old one", stacks(in("s", assoc("A", "att", "one"))), stacks(in("s", assoc("B", "att", "one"))), `
			delete s/A
			create s/B
			move s/A to s/B by association of att
			collision association of att: s/A holds, s/B wants lost`},
		{"AWS's own type does not take over",
			stacks(in("s", assoc("A", "att", "one"))),
			stacks(in("s", res("B", "TransitGatewayRouteTableAssociation", "TransitGatewayAttachmentId", "att", "TransitGatewayRouteTableId", "two"))), `
			delete s/A
			create s/B
			move s/A to s/B by association of att
			collision association of att: s/A holds, s/B wants`},
		{"an equal customer gateway is the same one", stacks(in("s", gateway("A", "fw"))), stacks(in("s", gateway("B", "fw"))), `
			delete s/A
			create s/B
			move s/A to s/B by customer gateway 203.0.113.1 BgpAsn=65010 DeviceName=fw Type=ipsec.1
			collision customer gateway 203.0.113.1 BgpAsn=65010 DeviceName=fw Type=ipsec.1: s/A holds, s/B wants lost`},
		{"another device name", stacks(in("s", gateway("A", "fw"))), stacks(in("s", gateway("B", "fw2"))), `
			delete s/A
			create s/B`},
		{"an orphan takes it along when it goes", stacks(in("gone", assoc("A", "att", "one"))), stacks(in("s", assoc("B", "att", "one"))), `
			create s/B
			move gone/A to s/B by association of att
			collision association of att: gone/A holds, s/B wants lost stays
			orphan gone`},
		{"two in the new state", nil, stacks(in("s", assoc("A", "att", "one"), assoc("B", "att", "two"))), `
			create s/A
			create s/B
			collision association of att: s/A holds, s/B wants stays`},
	})
}
