package network

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

var everywhere = netip.MustParsePrefix("0.0.0.0/0")

// defineEgress defines the Internet gateway, the NAT gateways and the default routes of public and private subnets.
func (n *Network) defineEgress(egress Egress) {
	if egress == EgressNone {
		return
	}
	internetGateway := awsec2.NewCfnInternetGateway(n, jsii.String(naming.InternetGateway),
		&awsec2.CfnInternetGatewayProps{Tags: cdkx.Name(n.name)}).Ref()
	attachment := awsec2.NewCfnVPCGatewayAttachment(n, jsii.String(naming.InternetGatewayAttachment),
		&awsec2.CfnVPCGatewayAttachmentProps{VpcId: n.vpcID, InternetGatewayId: internetGateway})
	n.internet = append(n.internet, attachment)
	for _, s := range n.subnets {
		if !s.Public {
			continue
		}
		// A route does not refer to the attachment, but fails without it.
		r := n.AddRoute(s.Tier, s.ZoneID, everywhere, RouteTarget{GatewayId: internetGateway}, attachment)
		n.internet = append(n.internet, r)
		if egress == EgressNATPerZone && n.nats[s.ZoneID] == nil || egress == EgressNATSingle && len(n.nats) == 0 {
			n.nats[s.ZoneID] = n.defineNat(s, r)
		}
	}
	if egress == EgressInternetGateway {
		return
	}
	for _, s := range n.subnets {
		if s.isPrivate() {
			r := n.AddRoute(s.Tier, s.ZoneID, everywhere, RouteTarget{NatGatewayId: n.natFor(s.ZoneID)})
			n.internet = append(n.internet, r)
		}
	}
}

// natFor returns the zone's own NAT gateway or, with nat-single, the only one.
func (n *Network) natFor(zoneID string) *string {
	if own := n.nats[zoneID]; own != nil {
		return own
	}
	for _, only := range n.nats {
		return only
	}
	return nil
}

// defineNat defines a NAT gateway in a public subnet. Its address outlives the gateway, because partners put it on
// allow lists; only a first deployment that fails takes it away again.
func (n *Network) defineNat(s *subnet, defaultRoute awsec2.CfnRoute) *string {
	ns := n.namespace(s.tableName)
	name := cdkx.Name(n.name + "-" + s.tableName)
	address := awsec2.NewCfnEIP(ns, jsii.String(naming.NatAddress), &awsec2.CfnEIPProps{Domain: jsii.String("vpc"), Tags: name})
	address.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	nat := awsec2.NewCfnNatGateway(ns, jsii.String(naming.NatGateway), &awsec2.CfnNatGatewayProps{
		SubnetId: s.id, AllocationId: address.AttrAllocationId(), Tags: name})
	nat.AddResourceDependency(defaultRoute, nil) // also keeps the Internet gateway attached until the NAT gateway is gone
	return nat.Ref()
}

// defineGatewayEndpoints defines gateway endpoints for all tiers but attach.
func (n *Network) defineGatewayEndpoints(services []string) {
	if len(services) == 0 {
		return
	}
	var tables []*string
	for _, s := range n.subnets {
		if s.Tier != TierAttach {
			tables = append(tables, s.routeTable)
		}
	}
	region := *awscdk.Stack_Of(n).Region()
	for _, service := range services {
		awsec2.NewCfnVPCEndpoint(n, jsii.String(naming.GatewayEndpoint(service)), &awsec2.CfnVPCEndpointProps{
			VpcId: n.vpcID, VpcEndpointType: jsii.String("Gateway"), RouteTableIds: cdkx.List(tables...),
			ServiceName: jsii.String("com.amazonaws." + region + "." + service), Tags: cdkx.Name(n.name + "-" + service)})
	}
}
