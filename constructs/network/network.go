package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Network is a VPC, defined here (NewNetwork) or adopted (FromAttributes). Ids that are tokens have AWS's property names
// (VpcId); plain strings are spelled like Go (ZoneID).
type Network struct {
	constructs.Construct
	name       string
	adopted    bool
	namespaces map[string]constructs.Construct
	vpcID      *string
	cidr       *string // the primary block
	cidrs      []netip.Prefix
	subnets    []*subnet
	groups     map[string]*string
	lists      map[string]*string // ids of prefix lists by name
	nats       map[string]*string // AZ ID -> NAT gateway id
	internet   []constructs.IDependable
	routes     map[slot]route
	views      map[string]awsec2.IVpc
	conns      awsec2.Connections
}

// NewNetwork defines a VPC with its subnets, gateways and security groups. It panics if props are invalid; call Validate
// first.
func NewNetwork(scope constructs.Construct, id string, props *NetworkProps) *Network {
	p := props.withDefaults(id)
	cdkx.MustBeValid(scope, id, p.Validate())
	n := newNetwork(scope, id, p.Name, append([]netip.Prefix{p.CIDR}, p.SecondaryCIDRs...))
	vpc := awsec2.NewCfnVPC(n, jsii.String(naming.Resource), &awsec2.CfnVPCProps{
		CidrBlock: n.cidr, EnableDnsSupport: true, EnableDnsHostnames: true, Tags: cdkx.Name(n.name)})
	if p.FlowLogs == nil {
		cdkx.Suppress(vpc, cdkx.Rule{ID: "AwsSolutions-VPC7", Reason: "Flow logs are billed by volume, so they are asked for, not assumed."})
	}
	n.vpcID = vpc.Ref()
	blocks := n.defineBlocks(p.SecondaryCIDRs)
	for _, s := range p.Subnets {
		n.defineSubnet(s, blocks)
	}
	n.defineEgress(p.Egress)
	n.defineGatewayEndpoints(p.GatewayEndpoints)
	n.defineFlowLogs(p.FlowLogs)
	n.defineSecurityGroups(p.SecurityGroups, p.Provider)
	return n
}

// FromAttributes adopts an existing VPC. Nothing is defined except the security groups and, later, the routes asked for.
// It panics if attrs are invalid; call Validate first.
func FromAttributes(scope constructs.Construct, id string, attrs *NetworkAttributes) *Network {
	a := attrs.withDefaults(id)
	cdkx.MustBeValid(scope, id, a.Validate())
	n := newNetwork(scope, id, a.Name, slices.Clone(a.CIDRs))
	n.adopted = true
	n.vpcID = jsii.String(a.VpcID)
	for _, s := range a.Subnets {
		adopted := &subnet{SubnetProps: s.SubnetProps, id: jsii.String(s.SubnetID)}
		if s.RouteTableID != "" {
			adopted.tableName, adopted.routeTable = s.RouteTableID, jsii.String(s.RouteTableID)
		}
		if s.ZoneName != "" {
			adopted.zoneName = func() *string { return jsii.String(s.ZoneName) }
		}
		n.subnets = append(n.subnets, adopted)
	}
	n.defineSecurityGroups(a.SecurityGroups, a.Provider)
	return n
}

func newNetwork(scope constructs.Construct, id, name string, cidrs []netip.Prefix) *Network {
	n := &Network{name: name, cidr: jsii.String(cidrs[0].String()), cidrs: cidrs, groups: map[string]*string{}, lists: map[string]*string{}, nats: map[string]*string{},
		namespaces: map[string]constructs.Construct{}, routes: map[slot]route{}, views: map[string]awsec2.IVpc{}}
	constructs.NewConstruct_Override(n, scope, &id)
	return n
}

// defineBlocks defines the secondary blocks. Subnets inside one must wait for it: they refer to the VPC only.
func (n *Network) defineBlocks(blocks []netip.Prefix) map[netip.Prefix]awsec2.CfnVPCCidrBlock {
	defined := map[netip.Prefix]awsec2.CfnVPCCidrBlock{}
	for _, b := range blocks {
		defined[b] = awsec2.NewCfnVPCCidrBlock(n, jsii.String(naming.SecondaryBlock(b)), &awsec2.CfnVPCCidrBlockProps{
			VpcId: n.vpcID, CidrBlock: jsii.String(b.String())})
	}
	return defined
}

// Name returns the network's name.
func (n *Network) Name() string { return n.name }

// Adopted reports whether the VPC existed before.
func (n *Network) Adopted() bool { return n.adopted }

// CIDRs returns the VPC's IPv4 blocks, the primary one first.
func (n *Network) CIDRs() []netip.Prefix { return slices.Clone(n.cidrs) }

// VpcId returns the id of the VPC.
func (n *Network) VpcId() *string { return n.vpcID }

// SubnetId returns the id of a subnet. It panics if there is none of this tier in this zone.
func (n *Network) SubnetId(tier, zoneID string) *string { return n.subnet(tier, zoneID).id }

// ZoneName returns the name that the zone of a subnet has in this account, for example ap-northeast-2a; nil for an adopted subnet whose zone's name is
// not known. It panics if there is no such subnet.
func (n *Network) ZoneName(tier, zoneID string) *string {
	if s := n.subnet(tier, zoneID); s.zoneName != nil {
		return s.zoneName()
	}
	return nil
}

// SubnetIds returns the ids of a tier's subnets, in the order of the props; none for an unknown tier.
func (n *Network) SubnetIds(tier string) []*string {
	var ids []*string
	for _, s := range n.subnets {
		if s.Tier == tier {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// Zones returns the AZ IDs in which a tier has subnets, in the order of the props; none for an unknown tier.
func (n *Network) Zones(tier string) []string {
	var zones []string
	for _, s := range n.subnets {
		if s.Tier == tier {
			zones = append(zones, s.ZoneID)
		}
	}
	return zones
}

// RouteTableId returns the id of a subnet's route table. It panics if there is no such subnet, or if the subnet is
// adopted without its route table.
func (n *Network) RouteTableId(tier, zoneID string) *string {
	s := n.subnet(tier, zoneID)
	if s.routeTable == nil {
		n.fail("the route table of subnet %s in %s is not known; give its RouteTableID", tier, zoneID)
	}
	return s.routeTable
}

// WaitForInternet makes c wait for the Internet gateway and the default routes: an instance that boots earlier has no way
// out. A network without egress, or an adopted one, has nothing to wait for.
func (n *Network) WaitForInternet(c constructs.IConstruct) {
	if len(n.internet) > 0 {
		c.Node().AddDependency(n.internet...)
	}
}

func (n *Network) subnet(tier, zoneID string) *subnet {
	i := slices.IndexFunc(n.subnets, func(s *subnet) bool { return s.Tier == tier && s.ZoneID == zoneID })
	if i < 0 {
		var known []string
		for _, s := range n.subnets {
			known = append(known, s.Tier+" in "+s.ZoneID)
		}
		n.fail("no such subnet, got %s in %s; the subnets are %s", tier, zoneID, strings.Join(known, ", "))
	}
	return n.subnets[i]
}

// fail panics with a mistake of the caller, located at this construct.
func (n *Network) fail(format string, args ...any) {
	panic(fmt.Errorf("%s: %w", *n.Node().Path(), fmt.Errorf(format, args...)))
}

// SubnetInfo is what a network knows about one of its subnets.
type SubnetInfo struct {
	SubnetProps
	// SubnetId is the id of the subnet.
	SubnetId *string
	// RouteTable names its route table within the network: tier and zone of the subnet that it was defined for, or the id of
	// an adopted route table. Empty if it is adopted and not known.
	RouteTable string
	// RouteTableId is the id of its route table; nil if it is adopted and not known.
	RouteTableId *string
}

// Subnets lists the subnets in the order of the props.
func (n *Network) Subnets() []SubnetInfo {
	out := make([]SubnetInfo, len(n.subnets))
	for i, s := range n.subnets {
		out[i] = SubnetInfo{s.SubnetProps, s.id, s.tableName, s.routeTable}
	}
	return out
}
