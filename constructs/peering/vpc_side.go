package peering

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Side is one end of a VPC peering connection.
type Side string

// The sides.
const (
	Requester Side = "requester"
	Accepter  Side = "accepter"
)

// VpcPeeringSideProps configures one end of a VPC peering connection, in that end's Region.
type VpcPeeringSideProps struct {
	// PeeringConnectionId is the id of the connection; it may come from a stack of another Region. Required.
	PeeringConnectionId *string
	// Side is which end this is. Required.
	Side Side
	// DNS makes the names of this end's VPC resolve to private addresses when the other end asks. Both VPCs need DNS support
	// and DNS hostnames, as every Network has.
	// Default: false.
	DNS bool
	// Provider runs the custom resource behind DNS. Required with DNS.
	Provider *customresource.Provider
	// Revision changes when the connection is replaced, so that a stack of another Region notices: CloudFormation looks at a
	// value from there only when the template changes.
	// Default: none; not needed within one Region.
	Revision string
	// Routes are the routes of this end's VPC.
	// Default: none.
	Routes []SideRoute
}

// SideRoute is a route to the other end. Network, RouteTable and Destination name the slot that it fills: they make its
// construct id, whatever peering the route leads to.
type SideRoute struct {
	// Network is the name of the network. Required.
	Network string
	// RouteTable is the name of the route table in its network: SubnetInfo.RouteTable. Required.
	RouteTable string
	// RouteTableId is the id of the route table. It is create-only: from another stack take it as an export
	// (awscdk.Stack_ConsumeReference with ReferenceStrength_STRONG), not as a weak reference. Required.
	RouteTableId *string
	// Destination is a block of the other end's VPC. Required.
	Destination netip.Prefix
}

// Validate reports every problem in p. It needs no Node.js.
func (p VpcPeeringSideProps) Validate() error {
	var f cdkx.Fields
	required(&f, "peeringConnectionId", p.PeeringConnectionId)
	if p.Side != Requester && p.Side != Accepter {
		f.Addf("side", "unknown value, got %q; use requester or accepter", p.Side)
	}
	if p.DNS && p.Provider == nil {
		f.Addf("provider", "missing, with DNS; give the provider of this stack")
	}
	for i, r := range p.Routes {
		where := fmt.Sprintf("routes[%d]", i)
		validateName(&f, where+".network", r.Network)
		validateName(&f, where+".routeTable", r.RouteTable)
		required(&f, where+".routeTableId", r.RouteTableId)
		validateDestination(&f, where+".destination", r.Destination)
		same := func(o SideRoute) bool {
			return o.Network == r.Network && o.RouteTable == r.RouteTable && o.Destination == r.Destination
		}
		if slices.ContainsFunc(p.Routes[:i], same) {
			f.Addf(where, "stands twice, got %s in route table %s of %s; leave one out", r.Destination, r.RouteTable, r.Network)
		}
	}
	return f.Err()
}

// VpcPeeringSide is one end of a VPC peering connection.
type VpcPeeringSide struct {
	constructs.Construct
	routes []awsec2.CfnRoute
}

// NewVpcPeeringSide defines the routes and the DNS option of one end. The routes stand in scope, in one namespace per
// route table, and not in the side itself: their ids belong to the slot, not to the peering that fills it today. It panics if
// props are invalid; call Validate first.
func NewVpcPeeringSide(scope constructs.Construct, id string, props *VpcPeeringSideProps) *VpcPeeringSide {
	cdkx.MustBeValid(scope, id, props.Validate())
	s := &VpcPeeringSide{}
	constructs.NewConstruct_Override(s, scope, &id)
	if props.DNS {
		customresource.NewVpcPeeringDns(s, naming.PeeringDNS, &customresource.VpcPeeringDnsProps{
			Provider: props.Provider, VpcPeeringConnectionId: props.PeeringConnectionId, Side: string(props.Side),
			AllowRemoteDns: true, Revision: props.Revision})
	}
	for _, r := range props.Routes {
		ns := cdkx.Namespace(scope, naming.RoutesOf(r.Network, r.RouteTable))
		s.routes = append(s.routes, awsec2.NewCfnRoute(ns, jsii.String(naming.Route(r.Destination)), &awsec2.CfnRouteProps{
			RouteTableId: r.RouteTableId, DestinationCidrBlock: jsii.String(r.Destination.String()),
			VpcPeeringConnectionId: props.PeeringConnectionId}))
	}
	return s
}

// Routes returns the routes in the order of the props.
func (s *VpcPeeringSide) Routes() []awsec2.CfnRoute { return s.routes }

// RoutesTo lists the routes from every route table of n, except those of the tier attach, to the blocks of the other
// end. Adopted subnets whose route table is not known are left out.
func RoutesTo(n *network.Network, destinations ...netip.Prefix) []SideRoute {
	var routes []SideRoute
	seen := map[string]bool{} // adopted subnets may share a route table
	for _, s := range n.Subnets() {
		if s.Tier == network.TierAttach || s.RouteTable == "" || seen[s.RouteTable] {
			continue
		}
		seen[s.RouteTable] = true
		for _, d := range destinations {
			routes = append(routes, SideRoute{Network: n.Name(), RouteTable: s.RouteTable, RouteTableId: s.RouteTableId, Destination: d})
		}
	}
	return routes
}
