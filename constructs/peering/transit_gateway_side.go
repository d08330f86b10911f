package peering

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// TransitGatewayPeeringSideProps configures one end of a transit gateway peering, in that end's Region.
type TransitGatewayPeeringSideProps struct {
	// TransitGateway is the name of this end's transit gateway; it stands in the routes' construct ids. Required.
	TransitGateway string
	// TransitGatewayAttachmentId is the id of the peering attachment; it may come from a stack of another Region. Required.
	TransitGatewayAttachmentId *string
	// TransitGatewayRouteTableId is the route table for packets that arrive from the other end. Required.
	TransitGatewayRouteTableId *string
	// AccepterRegion is the Region in which the peering is accepted. Required on both ends: whichever is deployed first
	// accepts, the other one finds it done.
	AccepterRegion string
	// Provider runs the custom resources. Required.
	Provider *customresource.Provider
	// Revision changes when the attachment is replaced, so that a stack of another Region notices.
	// Default: none; not needed within one stack.
	Revision string
	// Routes lead to the other end. A peering has static routes only. If the attachment is replaced, deploy once without the
	// routes and once with them: every property of a transit gateway route is create-only, and CloudFormation creates the
	// new route before it deletes the old one, which still holds the destination.
	// Default: none.
	Routes []SegmentRoute
}

// SegmentRoute is a static route of one segment to the other end. Segment and Destination name the slot that it fills.
type SegmentRoute struct {
	// Segment is the name of the segment or, of an adopted one, the id of its route table, so that a renamed segment keeps
	// its routes. Required.
	Segment string
	// SegmentRouteTableId is the segment's transit gateway route table. It is create-only: from another stack take it as an
	// export (awscdk.Stack_ConsumeReference with ReferenceStrength_STRONG), not as a weak reference. Required.
	SegmentRouteTableId *string
	// Destination is a block behind the other end. Required.
	Destination netip.Prefix
}

// Validate reports every problem in p. It needs no Node.js.
func (p TransitGatewayPeeringSideProps) Validate() error {
	var f cdkx.Fields
	validateName(&f, "transitGateway", p.TransitGateway)
	required(&f, "transitGatewayAttachmentId", p.TransitGatewayAttachmentId)
	required(&f, "transitGatewayRouteTableId", p.TransitGatewayRouteTableId)
	if p.AccepterRegion == "" {
		f.Addf("accepterRegion", "missing; give the Region of the accepter, for example ap-northeast-1")
	}
	validateRegion(&f, p.AccepterRegion)
	if p.Provider == nil {
		f.Addf("provider", "missing; give the provider of this stack")
	}
	for i, r := range p.Routes {
		where := fmt.Sprintf("routes[%d]", i)
		validateName(&f, where+".segment", r.Segment)
		required(&f, where+".segmentRouteTableId", r.SegmentRouteTableId)
		validateDestination(&f, where+".destination", r.Destination)
		same := func(o SegmentRoute) bool { return o.Segment == r.Segment && o.Destination == r.Destination }
		if slices.ContainsFunc(p.Routes[:i], same) {
			f.Addf(where, "stands twice, got %s in segment %s; leave one out", r.Destination, r.Segment)
		}
	}
	return f.Err()
}

// TransitGatewayPeeringSide is one end of a transit gateway peering.
type TransitGatewayPeeringSide struct {
	constructs.Construct
	association *customresource.TgwAssociation
	routes      []awsec2.CfnTransitGatewayRoute
}

// NewTransitGatewayPeeringSide defines the acceptance, then the association and the static routes of one end. The routes
// stand in scope, in one namespace per segment: their ids belong to the slot, not to the peering. It panics if props are
// invalid; call Validate first.
func NewTransitGatewayPeeringSide(scope constructs.Construct, id string, props *TransitGatewayPeeringSideProps) *TransitGatewayPeeringSide {
	cdkx.MustBeValid(scope, id, props.Validate())
	s := &TransitGatewayPeeringSide{}
	constructs.NewConstruct_Override(s, scope, &id)
	accepted := customresource.NewTgwPeeringAcceptance(s, naming.PeeringAccept, &customresource.TgwPeeringAcceptanceProps{
		Provider: props.Provider, TransitGatewayAttachmentId: props.TransitGatewayAttachmentId,
		AccepterRegion: props.AccepterRegion, Revision: props.Revision})
	s.association = customresource.NewTgwAssociation(s, naming.Association, &customresource.TgwAssociationProps{
		Provider: props.Provider, TransitGatewayAttachmentId: accepted.TransitGatewayAttachmentId(),
		TransitGatewayRouteTableId: props.TransitGatewayRouteTableId, Revision: props.Revision})
	for _, r := range props.Routes {
		ns := cdkx.Namespace(scope, naming.SegmentRoutesOf(props.TransitGateway, r.Segment))
		route := awsec2.NewCfnTransitGatewayRoute(ns, jsii.String(naming.Route(r.Destination)), &awsec2.CfnTransitGatewayRouteProps{
			TransitGatewayRouteTableId: r.SegmentRouteTableId, DestinationCidrBlock: jsii.String(r.Destination.String()),
			TransitGatewayAttachmentId: accepted.TransitGatewayAttachmentId()})
		s.routes = append(s.routes, route)
	}
	return s
}

// Association returns the association of the attachment with its route table.
func (s *TransitGatewayPeeringSide) Association() *customresource.TgwAssociation {
	return s.association
}

// Routes returns the static routes in the order of the props.
func (s *TransitGatewayPeeringSide) Routes() []awsec2.CfnTransitGatewayRoute { return s.routes }
