package network

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/naming"
)

// RouteTarget is where a route leads. Exactly one field is set.
type RouteTarget struct {
	TransitGatewayId       *string
	VpcPeeringConnectionId *string
	NatGatewayId           *string
	GatewayId              *string // of an Internet gateway
	NetworkInterfaceId     *string
	VpcEndpointId          *string // of a Gateway Load Balancer endpoint
}

// slot is what only one route can hold: a destination in a route table.
type slot struct {
	routeTable  string
	destination netip.Prefix
}

type route struct {
	resource awsec2.CfnRoute
	target   RouteTarget
}

// AddRoute defines a route in the route table of a subnet, after what is given. A route to a transit gateway must wait
// for the network's attachment to it. The route's id comes from its slot, route table and destination, so another
// target is an update in place. It panics if there is no such subnet, if its route table is not known, if target does
// not have exactly one field, or if the slot is taken by another target; the same route again, as in adopted subnets
// that share a route table, returns the route that is there.
func (n *Network) AddRoute(tier, zoneID string, dest netip.Prefix, target RouteTarget, after ...constructs.IDependable) awsec2.CfnRoute {
	table := n.RouteTableId(tier, zoneID)
	if count := target.count(); count != 1 {
		n.fail("route %s of subnet %s in %s: a route has one target, got %d; set exactly one", dest, tier, zoneID, count)
	}
	if !dest.IsValid() || dest != dest.Masked() {
		n.fail("route of subnet %s in %s: not a destination, got %q; write it like 10.0.0.0/16", tier, zoneID, dest)
	}
	key := slot{*table, dest}
	if there, taken := n.routes[key]; taken {
		if !there.target.equal(target) {
			n.fail("route %s of subnet %s in %s: the route table has a route with another target already; remove one of them", dest, tier, zoneID)
		}
		return there.resource
	}
	id := naming.Route(dest)
	if dest == everywhere {
		id = naming.DefaultRoute
	}
	props := &awsec2.CfnRouteProps{RouteTableId: table}
	if dest.Addr().Is4() {
		props.DestinationCidrBlock = jsii.String(dest.String())
	} else {
		props.DestinationIpv6CidrBlock = jsii.String(dest.String())
	}
	target.apply(props)
	r := awsec2.NewCfnRoute(n.namespace(n.subnet(tier, zoneID).tableName), &id, props)
	if len(after) > 0 {
		r.Node().AddDependency(after...)
	}
	n.routes[key] = route{r, target}
	return r
}

func (t RouteTarget) fields() [6]*string {
	return [6]*string{t.TransitGatewayId, t.VpcPeeringConnectionId, t.NatGatewayId, t.GatewayId, t.NetworkInterfaceId, t.VpcEndpointId}
}

func (t RouteTarget) count() int {
	n := 0
	for _, f := range t.fields() {
		if f != nil {
			n++
		}
	}
	return n
}

func (t RouteTarget) equal(o RouteTarget) bool {
	mine, theirs := t.fields(), o.fields()
	for i, m := range mine {
		if (m == nil) != (theirs[i] == nil) || m != nil && *m != *theirs[i] {
			return false
		}
	}
	return true
}

// apply copies only what is set: a typed nil in an interface field would reach CDK as a value.
func (t RouteTarget) apply(p *awsec2.CfnRouteProps) {
	set := func(to *interface{}, id *string) {
		if id != nil {
			*to = id
		}
	}
	set(&p.TransitGatewayId, t.TransitGatewayId)
	set(&p.VpcPeeringConnectionId, t.VpcPeeringConnectionId)
	set(&p.NatGatewayId, t.NatGatewayId)
	set(&p.GatewayId, t.GatewayId)
	p.NetworkInterfaceId, p.VpcEndpointId = t.NetworkInterfaceId, t.VpcEndpointId
}
