package network

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// subnet is a subnet of a network, defined or adopted.
type subnet struct {
	SubnetProps
	id         *string
	routeTable *string        // nil: adopted, not known
	tableName  string         // of the route table within the network, and of the namespace of its routes
	zoneName   func() *string // nil: adopted, not known; a function because only views need the token
}

// defineSubnet defines a subnet with a route table of its own, so that routes can differ by zone.
func (n *Network) defineSubnet(p SubnetProps, blocks map[netip.Prefix]awsec2.CfnVPCCidrBlock) {
	s := &subnet{SubnetProps: p, tableName: naming.Subnet(p.Tier, p.ZoneID)}
	n.subnets = append(n.subnets, s)
	ns := n.namespace(s.tableName)
	name := n.name + "-" + s.tableName
	resource := awsec2.NewCfnSubnet(ns, jsii.String(naming.Resource), &awsec2.CfnSubnetProps{
		VpcId: n.vpcID, CidrBlock: jsii.String(p.CIDR.String()), AvailabilityZoneId: jsii.String(p.ZoneID),
		MapPublicIpOnLaunch: false, Tags: cdkx.Name(name)})
	for block, defined := range blocks {
		if block.Contains(p.CIDR.Addr()) { // at most one: blocks do not overlap
			resource.AddResourceDependency(defined, nil)
			awscdk.Validations_Of(resource).Acknowledge(&awscdk.Acknowledgment{Id: jsii.String("CloudFormation-Validate::E3059"),
				Reason: jsii.String("The rule looks at the VPC's primary block only; this subnet lies in a secondary one.")})
		}
	}
	s.id, s.zoneName = resource.Ref(), resource.AttrAvailabilityZone
	s.routeTable = awsec2.NewCfnRouteTable(ns, jsii.String(naming.RouteTable), &awsec2.CfnRouteTableProps{
		VpcId: n.vpcID, Tags: cdkx.Name(name)}).Ref()
	awsec2.NewCfnSubnetRouteTableAssociation(ns, jsii.String(naming.RouteTableAssociation),
		&awsec2.CfnSubnetRouteTableAssociationProps{SubnetId: s.id, RouteTableId: s.routeTable})
}

// namespace returns what holds a subnet with its route table and routes, or the routes of an adopted route table.
func (n *Network) namespace(id string) constructs.Construct {
	ns := n.namespaces[id]
	if ns == nil {
		ns = constructs.NewConstruct(n, &id)
		n.namespaces[id] = ns
	}
	return ns
}
