package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

// Tier returns the VPC as L2 constructs take it, with the subnets of one tier. It is made on first use: most networks
// need none. It panics if there is no such tier, or if an adopted subnet lacks its zone's name.
//
// There is one view per tier because CDK wants each list of subnets to be a multiple of the zones.
func (n *Network) Tier(name string) awsec2.IVpc {
	if v := n.views[name]; v != nil {
		return v
	}
	var zones, ids, tables, cidrs []*string
	public := false
	for _, s := range n.subnets {
		if s.Tier != name {
			continue
		}
		if s.zoneName == nil {
			n.fail("the zone name of subnet %s in %s is not known; give its ZoneName", s.Tier, s.ZoneID)
		}
		public = s.Public
		zones, ids, cidrs = append(zones, s.zoneName()), append(ids, s.id), append(cidrs, jsii.String(s.CIDR.String()))
		if s.routeTable != nil {
			tables = append(tables, s.routeTable)
		}
	}
	if len(ids) == 0 {
		n.fail("no such tier, got %q; add subnets of this tier", name)
	}
	attrs := &awsec2.VpcAttributes{VpcId: n.vpcID, VpcCidrBlock: n.cidr, AvailabilityZones: &zones}
	known := &tables
	if len(tables) < len(ids) {
		known = nil // CDK takes all route tables or none
	}
	if public {
		attrs.PublicSubnetIds, attrs.PublicSubnetRouteTableIds, attrs.PublicSubnetIpv4CidrBlocks = &ids, known, &cidrs
	} else {
		attrs.PrivateSubnetIds, attrs.PrivateSubnetRouteTableIds, attrs.PrivateSubnetIpv4CidrBlocks = &ids, known, &cidrs
	}
	v := awsec2.Vpc_FromVpcAttributes(n, jsii.String("View-"+name), attrs)
	n.views[name] = v
	return v
}

// Subnet returns a subnet as L2 constructs take it. Pass it in SubnetSelection.Subnets: CDK cannot select by zone here,
// because zone names are known at deployment only. It panics like SubnetId and Tier.
func (n *Network) Subnet(tier, zoneID string) awsec2.ISubnet {
	s := n.subnet(tier, zoneID)
	view := n.Tier(tier)
	members := *view.PrivateSubnets()
	if s.Public {
		members = *view.PublicSubnets()
	}
	i := 0
	for _, other := range n.subnets {
		if other == s {
			break
		}
		if other.Tier == tier {
			i++
		}
	}
	return members[i]
}
