package cfn

import (
	"slices"
	"strings"
	"testing"
)

const (
	facts       = "Custom::PathproofVpnFacts"
	association = "Custom::PathproofTgwAssociation"
	peeringDNS  = "Custom::PathproofVpcPeeringDns"
)

// balancer is a load balancer with addresses in subnets.
func balancer(pairs ...string) []*Stack {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, `{"PrivateIPv4Address":"`+pairs[i+1]+`","SubnetId":"subnet-`+pairs[i]+`"}`)
	}
	return stacks(in("s", res("B", "AWS::ElasticLoadBalancingV2::LoadBalancer", "Type", "network", "SubnetMappings", "["+strings.Join(list, ",")+"]")))
}

func TestCompare_OneResource(t *testing.T) {
	vpc := func(pairs ...string) []*Stack { return stacks(in("s", res("Vpc", "VPC", pairs...))) }
	runCompare(t, []compareCase{
		{"same", vpc("CidrBlock", "10.0.0.0/16"), vpc("CidrBlock", "10.0.0.0/16"), ""},
		{"created", stacks(in("s")), vpc("CidrBlock", "10.0.0.0/16"), "create s/Vpc"},
		{"created in a new stack", nil, vpc("CidrBlock", "10.0.0.0/16"), "create s/Vpc"},
		{"deleted", vpc("CidrBlock", "10.0.0.0/16"), stacks(in("s")), "delete s/Vpc"},
		{"deleted but retained", vpc("DeletionPolicy", "RetainExceptOnCreate"), stacks(in("s")), "delete s/Vpc retained"},
		{"an orphan deletes nothing", vpc("CidrBlock", "10.0.0.0/16"), stacks(in("t")), "orphan s"},
		{"replaced", vpc("CidrBlock", "10.0.0.0/16"), vpc("CidrBlock", "10.1.0.0/16"),
			"replace s/Vpc\n  CidrBlock 10.0.0.0/16 -> 10.1.0.0/16"},
		{"replaced and retained", vpc("CidrBlock", "10.0.0.0/16"), vpc("CidrBlock", "10.1.0.0/16", "UpdateReplacePolicy", "Retain"),
			"replace s/Vpc retained\n  CidrBlock 10.0.0.0/16 -> 10.1.0.0/16"},
		{"the deletion policy says nothing about replacement", vpc("CidrBlock", "10.0.0.0/16"), vpc("CidrBlock", "10.1.0.0/16", "DeletionPolicy", "Retain"),
			"replace s/Vpc\n  CidrBlock 10.0.0.0/16 -> 10.1.0.0/16"},
		{"a property that appears", vpc(), vpc("Ipv4NetmaskLength", "16"), "replace s/Vpc\n  Ipv4NetmaskLength  -> 16"},
		{"conditional", vpc("InstanceTenancy", "default"), vpc("InstanceTenancy", "dedicated"),
			"replace s/Vpc maybe\n  InstanceTenancy default -> dedicated maybe"},
		{"certain beats conditional", vpc("InstanceTenancy", "default", "CidrBlock", "a"), vpc("InstanceTenancy", "dedicated", "CidrBlock", "b"),
			"replace s/Vpc\n  CidrBlock a -> b\n  InstanceTenancy default -> dedicated maybe"},
		{"another type under the id", vpc("CidrBlock", "10.0.0.0/16"), stacks(in("s", res("Vpc", "Subnet"))), "refuse s/Vpc"},
		{"a service token", stacks(in("s", res("F", facts, "ServiceToken", "a"))), stacks(in("s", res("F", facts, "ServiceToken", "b"))),
			"refuse s/F\n  ServiceToken a -> b"},
		{"a plan that does not say the service token", stacks(in("s", res("F", facts, "ServiceToken", "a"))), stacks(in("s", res("F", facts))), ""},
		{"a service token of somebody else", stacks(in("s", res("F", "Custom::Other", "ServiceToken", "a"))),
			stacks(in("s", res("F", "Custom::Other", "ServiceToken", "b"))), "refuse s/F\n  ServiceToken a -> b"},
		{"a fixed address in a zone that stays", balancer("1", "10.0.0.5", "2", "10.0.1.5"), balancer("1", "10.0.0.6", "2", "10.0.1.5"),
			"refuse s/B\n  SubnetMappings.PrivateIPv4Address 10.0.0.5 -> 10.0.0.6"},
		{"fixed addresses in place of AWS's", stacks(in("s", res("B", "AWS::ElasticLoadBalancingV2::LoadBalancer", "Type", "network"))), balancer("1", "10.0.0.5"),
			"refuse s/B\n  SubnetMappings.PrivateIPv4Address  -> 10.0.0.5"},
		{"a zone more", balancer("1", "10.0.0.5"), balancer("1", "10.0.0.5", "2", "10.0.1.5"), ""},
		{"a zone less", balancer("1", "10.0.0.5", "2", "10.0.1.5"), balancer("2", "10.0.1.5"), ""},
		{"a property that is updated", stacks(in("s", res("T", "TransitGateway", "AmazonSideAsn", "1", "Description", "a"))),
			stacks(in("s", res("T", "TransitGateway", "AmazonSideAsn", "1", "Description", "b"))), ""},
	})
}

func TestCompare_Cascade(t *testing.T) {
	chain := func(cidr string) []*Stack {
		return stacks(
			in("net", res("Vpc", "VPC", "CidrBlock", cidr), res("Subnet", "Subnet", "VpcId", "@net/Vpc", "CidrBlock", "10.0.0.0/24"),
				res("Nat", "NatGateway", "SubnetId", "@net/Subnet"), res("Other", "VPC", "CidrBlock", "x")),
			in("peer", res("Peer", "VPCPeeringConnection", "VpcId", "@net/Vpc", "PeerVpcId", "@net/Other")),
			in("routes", res("Dns", peeringDNS, "VpcPeeringConnectionId", "@peer/Peer", "Side", "requester"),
				res("Route", "Route", "RouteTableId", "rtb-1", "DestinationCidrBlock", "10.9.0.0/16", "VpcPeeringConnectionId", "@peer/Peer")))
	}
	gateway := func(gw, vpn string) []*Stack {
		return stacks(in("s",
			res("Tgw1", "TransitGateway"), res("Tgw2", "TransitGateway"),
			res("Vpn", "VPNConnection", "Type", "ipsec.1", "PreSharedKeyStorage", vpn),
			res("Facts", facts, "VpnConnectionId", "@s/Vpn", "TransitGatewayId", gw),
			res("Propagation", "TransitGatewayRouteTablePropagation", "TransitGatewayAttachmentId", "@s/Facts.TransitGatewayAttachmentId", "TransitGatewayRouteTableId", "tgw-rtb-1"),
			res("Address", "CustomerGateway", "IpAddress", "@s/Facts.Tunnel1OutsideIp", "Type", "ipsec.1")))
	}
	runCompare(t, []compareCase{
		{"through stacks, not into properties that are updated", chain("10.0.0.0/16"), chain("10.1.0.0/16"), `
			replace net/Nat
			  SubnetId follows net/Subnet
			replace net/Subnet
			  VpcId follows net/Vpc
			replace net/Vpc
			  CidrBlock 10.0.0.0/16 -> 10.1.0.0/16
			replace peer/Peer
			  VpcId follows net/Vpc
			replace routes/Dns
			  VpcPeeringConnectionId follows peer/Peer`},
		{"an attribute changes although its resource stays", gateway("@s/Tgw1", "Standard"), gateway("@s/Tgw2", "Standard"), `
			replace s/Propagation
			  TransitGatewayAttachmentId follows s/Facts`},
		{"the resource of an attribute is replaced", gateway("@s/Tgw1", "Standard"), gateway("@s/Tgw1", "SecretsManager"), `
			replace s/Address
			  IpAddress follows s/Facts
			replace s/Facts
			  VpnConnectionId follows s/Vpn
			replace s/Propagation
			  TransitGatewayAttachmentId follows s/Facts
			replace s/Vpn
			  PreSharedKeyStorage Standard -> SecretsManager`},
		{"inside a longer text and a list",
			stacks(in("s", res("Vpc", "VPC", "CidrBlock", "a"), res("Zone", "AWS::Route53::HostedZone", "Name", "x-{s/Vpc}.internal"))),
			stacks(in("s", res("Vpc", "VPC", "CidrBlock", "b"), res("Zone", "AWS::Route53::HostedZone", "Name", "x-{s/Vpc}.internal"))), `
			replace s/Vpc
			  CidrBlock a -> b
			replace s/Zone
			  Name follows s/Vpc`},
		{"maybe spreads as maybe",
			stacks(in("s", res("Vpc", "VPC", "InstanceTenancy", "a"), res("Rtb", "RouteTable", "VpcId", "@s/Vpc"))),
			stacks(in("s", res("Vpc", "VPC", "InstanceTenancy", "b"), res("Rtb", "RouteTable", "VpcId", "@s/Vpc"))), `
			replace s/Rtb maybe
			  VpcId follows s/Vpc maybe
			replace s/Vpc maybe
			  InstanceTenancy a -> b maybe`},
		{"a conditional property may replace what follows",
			stacks(in("s", res("G", "SecurityGroup", "GroupName", "a"), res("I", "Instance", "SecurityGroupIds", `["{s/G}"]`))),
			stacks(in("s", res("G", "SecurityGroup", "GroupName", "b"), res("I", "Instance", "SecurityGroupIds", `["{s/G}"]`))), `
			replace s/G
			  GroupName a -> b
			replace s/I maybe
			  SecurityGroupIds follows s/G maybe`},
		{"a service token follows its function",
			stacks(in("s", res("Fn", "AWS::Lambda::Function", "FunctionName", "a"), res("F", facts, "ServiceToken", "@s/Fn.Arn"))),
			stacks(in("s", res("Fn", "AWS::Lambda::Function", "FunctionName", "b"), res("F", facts, "ServiceToken", "@s/Fn.Arn"))), `
			refuse s/F
			  ServiceToken follows s/Fn
			replace s/Fn
			  FunctionName a -> b`},
	})
}

// A maybe that becomes certain later has to be followed again.
func TestCompare_CascadeRaisesMaybe(t *testing.T) {
	state := func(v string) []*Stack {
		return stacks(in("s",
			res("A", "VPC", "InstanceTenancy", v), // may be replaced
			res("B", "VPC", "CidrBlock", v),       // is replaced
			res("C", "RouteTable", "VpcId", "{s/A}{s/B}"),
			res("D", "SubnetRouteTableAssociation", "RouteTableId", "@s/C", "SubnetId", "subnet-1")))
	}
	c := Compare(state("1"), state("2"))
	i := slices.IndexFunc(c.Resources, func(ch *Change) bool { return ch.LogicalID == "D" })
	if i < 0 || c.Resources[i].Maybe || c.Resources[i].Causes[0].Maybe {
		t.Errorf("D is replaced for certain: %v", render(c))
	}
}

func TestCompare_Moves(t *testing.T) {
	route := func(id, table string, pairs ...string) *Resource {
		return res(id, "Route", append([]string{"RouteTableId", table, "DestinationCidrBlock", "10.0.0.0/8"}, pairs...)...)
	}
	runCompare(t, []compareCase{
		{"by name", stacks(in("a", res("Old", "VPC", "label", "seoul/app"))), stacks(in("a"), in("b", res("New", "VPC", "label", "seoul/app"))), `
			delete a/Old
			create b/New
			move a/Old to b/New by seoul/app`},
		{"a name of another type is another thing", stacks(in("a", res("Old", "VPC", "label", "x"))), stacks(in("a", res("New", "EIP", "label", "x"))), `
			create a/New
			delete a/Old`},
		{"by slot", stacks(in("a", route("Old", "rtb-1"))), stacks(in("a"), in("b", route("New", "rtb-1"))), `
			delete a/Old
			create b/New
			move a/Old to b/New by route rtb-1 10.0.0.0/8`},
		{"out of an orphan", stacks(in("gone", route("Old", "rtb-1"))), stacks(in("b", route("New", "rtb-1"))), `
			create b/New
			move gone/Old to b/New by route rtb-1 10.0.0.0/8
			collision route rtb-1 10.0.0.0/8: gone/Old holds, b/New wants stays
			orphan gone`},
		{"one goes to one", stacks(in("a", res("Old1", "VPC", "label", "x"), res("Old2", "VPC", "label", "x"))), stacks(in("a", res("New", "VPC", "label", "x"))), `
			create a/New
			delete a/Old1
			delete a/Old2
			move a/Old1 to a/New by x`},
	})
}

func TestCompare_IsDeterministicAndChangesNothing(t *testing.T) {
	before, err := Read(snapshots(t))
	if err != nil {
		t.Fatal(err)
	}
	after, _ := Read(snapshots(t))
	for _, s := range after {
		for _, r := range s.Resources {
			if r.Type == "AWS::EC2::VPC" {
				r.Properties["CidrBlock"] = "192.168.0.0/16"
			}
		}
	}
	first := render(Compare(before, after))
	if len(first) < 100 {
		t.Fatalf("%d lines: new VPCs take everything with them", len(first))
	}
	for range 20 {
		if got := render(Compare(before, after)); !slices.Equal(got, first) {
			t.Fatalf("two runs differ:\n%v\n%v", first, got)
		}
	}
	if again, _ := Read(snapshots(t)); len(render(Compare(before, again))) != 0 {
		t.Error("Compare changed its input")
	}
}
