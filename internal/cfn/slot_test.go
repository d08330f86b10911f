package cfn

import (
	"slices"
	"strings"
	"testing"
)

func TestSlotOf(t *testing.T) {
	vpcs := Canonical([]any{map[string]any{"VPCId": "{n/A}", "VPCRegion": "x"}, map[string]any{"VPCId": "vpc-2"}})
	s := &Stack{Name: "s", Region: "eu-west-1", Account: "111122223333"}
	for _, c := range []struct {
		r    *Resource
		want string // kind: keys; empty: no slot
	}{
		{res("X", "Route", "RouteTableId", "t", "DestinationCidrBlock", "10.0.0.1/8"), "route: t 10.0.0.0/8"},
		{res("X", "Route", "RouteTableId", "t", "DestinationIpv6CidrBlock", "::/0"), "route: t ::/0"},
		{res("X", "Route", "RouteTableId", "t", "DestinationPrefixListId", "pl-1"), "route: t pl-1"},
		{res("X", "Route", "DestinationCidrBlock", "10.0.0.0/8"), ""},
		{res("X", "TransitGatewayRoute", "TransitGatewayRouteTableId", "t", "DestinationCidrBlock", "10.0.0.0/8", "TransitGatewayAttachmentId", "a"), "transit gateway route: t 10.0.0.0/8"},
		{res("X", "Subnet", "VpcId", "v", "CidrBlock", "10.0.0.0/24"), "subnet block: v"},
		{res("X", "Subnet", "VpcId", "v", "Ipv4IpamPoolId", "p"), ""},
		{res("X", "VPCCidrBlock", "VpcId", "v", "CidrBlock", "10.1.0.0/16"), "VPC block: v"},
		{res("X", "VPCCidrBlock", "VpcId", "v", "AmazonProvidedIpv6CidrBlock", "true"), ""},
		{res("X", "SubnetRouteTableAssociation", "SubnetId", "n", "RouteTableId", "t"), "route table of: n"},
		{res("X", "VPCGatewayAttachment", "VpcId", "v", "InternetGatewayId", "i"), "gateway of: v to the Internet"},
		{res("X", "VPCGatewayAttachment", "VpcId", "v", "VpnGatewayId", "g"), "gateway of: v to VPN"},
		{res("X", "VPCGatewayAttachment", "VpcId", "v"), ""},
		{res("X", "VPCEndpoint", "VpcId", "v", "ServiceName", "s3", "RouteTableIds", `["t2","t1"]`), "endpoint: s3 in t1, s3 in t2"},
		{res("X", "VPCEndpoint", "VpcId", "v", "ServiceName", "ssm", "VpcEndpointType", "Interface", "PrivateDnsEnabled", "true"), "endpoint: ssm by name in v"},
		{res("X", "VPCEndpoint", "VpcId", "v", "ServiceName", "ssm", "VpcEndpointType", "Interface"), ""},
		{res("X", "TransitGatewayRouteTablePropagation", "TransitGatewayAttachmentId", "a", "TransitGatewayRouteTableId", "t"), "propagation: a t"},
		{res("X", "TransitGatewayAttachment", "TransitGatewayId", "g", "VpcId", "v"), "transit gateway attachment: g v"},
		{res("X", "TransitGatewayVpcAttachment", "TransitGatewayId", "g", "VpcId", "v"), "transit gateway attachment: g v"},
		{res("X", association, "TransitGatewayAttachmentId", "a", "TransitGatewayRouteTableId", "t"), "association of: a"},
		{res("X", "VPCPeeringConnection", "VpcId", "b", "PeerVpcId", "a"), "peering between: a and b"},
		{res("X", "VPCPeeringConnection", "VpcId", "a", "PeerVpcId", "b"), "peering between: a and b"},
		{res("X", "TransitGatewayPeeringAttachment", "TransitGatewayId", "b", "PeerTransitGatewayId", "a"), "peering between: a and b"},
		{res("X", peeringDNS, "VpcPeeringConnectionId", "p", "Side", "requester"), "DNS option of: p requester"},
		{res("X", "CustomerGateway", "IpAddress", "203.0.113.1", "BgpAsn", "65010", "DeviceName", "fw", "Type", "ipsec.1"),
			"customer gateway: 203.0.113.1 BgpAsn=65010 DeviceName=fw Type=ipsec.1 in 111122223333 eu-west-1"},
		{res("X", "EIPAssociation", "AllocationId", "e"), "Elastic IP: e"},
		{res("X", "NatGateway", "AllocationId", "e", "SubnetId", "n"), "Elastic IP: e"},
		{res("X", "NatGateway", "SubnetId", "n", "ConnectivityType", "private"), ""},
		{res("X", "NetworkInterface", "SubnetId", "n", "PrivateIpAddress", "10.0.0.9"), "private address: n 10.0.0.9"},
		{res("X", "Instance", "SubnetId", "n", "PrivateIpAddress", "10.0.0.9"), "private address: n 10.0.0.9"},
		{res("X", "Instance", "NetworkInterfaces", `[{"DeviceIndex":"0","PrivateIpAddress":"10.0.0.9","SubnetId":"n"}]`), "private address: n 10.0.0.9"},
		{res("X", "AWS::ElasticLoadBalancingV2::LoadBalancer", "SubnetMappings", `[{"PrivateIPv4Address":"10.0.0.9","SubnetId":"n"},{"SubnetId":"m"}]`), "private address: n 10.0.0.9"},
		{res("X", "AWS::Route53::HostedZone", "Name", "X.Internal.", "VPCs", vpcs), "private zone: x.internal in vpc-2, x.internal in {n/A}"},
		{res("X", "AWS::Route53::HostedZone", "Name", "example.com"), ""},
		{res("X", "AWS::ServiceDiscovery::PrivateDnsNamespace", "Name", "x.internal", "Vpc", "vpc-2"), "private zone: x.internal in vpc-2"},
		{res("X", "AWS::Route53::RecordSet", "HostedZoneId", "Z", "Name", "H.x.", "Type", "A"), "record: h.x A Z"},
		{res("X", "AWS::Route53::RecordSet", "HostedZoneId", "Z", "Name", "h.x", "Type", "A", "SetIdentifier", "eu"), "record: h.x A Z SetIdentifier=eu"},
		{res("X", "AWS::GlobalAccelerator::EndpointGroup", "ListenerArn", "l", "EndpointGroupRegion", "eu-west-1"), "endpoint group: l eu-west-1"},
		{res("X", "AWS::IAM::Role", "RoleName", "r"), "role name: r in 111122223333"},
		{res("X", "AWS::IAM::Role", "Path", "/"), ""},
		{res("X", "AWS::SSM::Parameter", "Name", "/a.b/c"), "parameter name: /a.b/c in 111122223333 eu-west-1"},
		{res("X", "AWS::Logs::LogGroup", "LogGroupName", "g"), "log group name: g in 111122223333 eu-west-1"},
		{res("X", "AWS::S3::Bucket", "BucketName", "b"), "bucket name: b"},
		{res("X", "AWS::KMS::Alias", "AliasName", "alias/a"), "alias: alias/a in 111122223333 eu-west-1"},
		{res("X", "VPC", "CidrBlock", "10.0.0.0/8"), ""},
	} {
		got, ok := SlotOf(s, c.r)
		text := got.Kind + ": " + strings.Join(got.Keys, ", ")
		if !ok {
			text = ""
		}
		if text != c.want {
			t.Errorf("%s %v\n got %q\nwant %q", c.r.Type, c.r.Properties, text, c.want)
		}
		if ok && !got.Conflicts(got) {
			t.Errorf("%s does not conflict with itself", got)
		}
	}
}

func TestSlot_Conflicts(t *testing.T) {
	slot := func(r *Resource) Slot { s, _ := SlotOf(in("s"), r); return s }
	subnet := func(vpc, block string) Slot { return slot(res("X", "Subnet", "VpcId", vpc, "CidrBlock", block)) }
	for _, c := range []struct {
		a, b Slot
		want bool
	}{
		{subnet("v", "10.0.0.0/24"), subnet("v", "10.0.0.128/25"), true},
		{subnet("v", "10.0.0.0/24"), subnet("v", "10.0.1.0/24"), false},
		{subnet("v", "10.0.0.0/24"), subnet("w", "10.0.0.0/24"), false},
		{subnet("v", "10.0.0.0/24"), slot(res("X", "VPCCidrBlock", "VpcId", "v", "CidrBlock", "10.0.0.0/24")), false},
		{slot(res("X", "NatGateway", "AllocationId", "e")), slot(res("X", "EIPAssociation", "AllocationId", "e")), true},
		{slot(res("X", "NetworkInterface", "SubnetId", "n", "PrivateIpAddress", "a")), slot(res("X", "Instance", "SubnetId", "n", "PrivateIpAddress", "a")), true},
		{slot(res("X", "VPCEndpoint", "ServiceName", "s3", "RouteTableIds", `["a","b"]`)), slot(res("X", "VPCEndpoint", "ServiceName", "s3", "RouteTableIds", `["b","c"]`)), true},
		{slot(res("X", "VPCEndpoint", "ServiceName", "s3", "RouteTableIds", `["a"]`)), slot(res("X", "VPCEndpoint", "ServiceName", "s3", "RouteTableIds", `["b"]`)), false},
	} {
		if got := c.a.Conflicts(c.b); got != c.want || c.b.Conflicts(c.a) != c.want {
			t.Errorf("%v and %v: got %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// Every rule says why, and what it is made of is kept when a template is read.
func TestSlotRules(t *testing.T) {
	for typ, rule := range slotRules {
		if !Known(typ) || rule.why == "" || rule.kind == "" {
			t.Errorf("%s: known %v, kind %q, why %q", typ, Known(typ), rule.kind, rule.why)
		}
		if len(slotProperties(typ)) == 0 || rule.keys != nil && rule.reads == nil {
			t.Errorf("%s: nothing is read", typ)
		}
		for _, p := range slotProperties(typ) {
			if !slices.Contains(Watched(typ), p) {
				t.Errorf("%s: %s is not watched", typ, p)
			}
		}
	}
}
