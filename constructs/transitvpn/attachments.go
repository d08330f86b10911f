package transitvpn

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// NetworkAttachmentProps says how a network is attached to a transit gateway.
type NetworkAttachmentProps struct {
	// Network is the network to attach.
	// Default: VpcId and SubnetIds are given instead.
	Network *network.Network
	// VpcId is the id of a VPC that is no Network.
	// Default: Network's.
	VpcId *string
	// SubnetIds are the subnets to attach, at most one per zone. A change is an update in place.
	// Default: Network's subnets of the tier attach.
	SubnetIds []*string
	// Name of the attachment; it stands in construct ids.
	// Default: Network's name.
	Name string
	// Segment is the segment that the attachment belongs to. Required.
	Segment string
	// PropagateTo are the segments that learn the VPC's blocks.
	// Default: none.
	PropagateTo []string
	// Routes are static routes to the attachment, for blocks behind the VPC: AWS propagates only its own.
	// Default: none.
	Routes []SegmentRoute
	// ApplianceMode keeps both directions of a flow in one zone: set it for VPCs with firewalls.
	// Default: false.
	ApplianceMode bool
}

// SegmentRoute is a static route in a segment.
type SegmentRoute struct {
	// Segment is the segment that has it.
	Segment string
	// Destination is the block.
	Destination netip.Prefix
}

func (p NetworkAttachmentProps) withDefaults() NetworkAttachmentProps {
	if p.Network == nil {
		return p
	}
	if p.VpcId == nil {
		p.VpcId = p.Network.VpcId()
	}
	if len(p.SubnetIds) == 0 {
		p.SubnetIds = p.Network.SubnetIds(network.TierAttach)
	}
	if p.Name == "" {
		p.Name = p.Network.Name()
	}
	return p
}

// Validate reports every problem in p. It needs no Node.js.
func (p NetworkAttachmentProps) Validate() error {
	p = p.withDefaults()
	var f cdkx.Fields
	validateName(&f, "name", p.Name)
	if p.VpcId == nil {
		f.Addf("network", "missing; give network, or vpcId and subnetIds")
	}
	if len(p.SubnetIds) == 0 {
		f.Addf("subnetIds", "missing; give the network a tier named %s, or one subnet per zone here", network.TierAttach)
	}
	validateSegments(&f, p.Segment, p.PropagateTo)
	for _, r := range p.Routes {
		if r.Segment == "" || !r.Destination.IsValid() || r.Destination != r.Destination.Masked() {
			f.Addf("routes", "not a block in a segment, got %s in %q; write it like 10.250.0.0/24", r.Destination, r.Segment)
		}
	}
	return f.Err()
}

// VpnAttachmentProps says how a VPN connection, which AWS attaches by itself, takes part in routing.
type VpnAttachmentProps struct {
	// Site is the name of the site; it stands in construct ids. Required.
	Site string
	// Connection is the name of the VPN connection within the site; it stands in construct ids. Required.
	Connection string
	// TransitGatewayAttachmentId is the id of the attachment that AWS made. Required.
	TransitGatewayAttachmentId *string
	// Segment is the segment that the attachment belongs to. Required.
	Segment string
	// PropagateTo are the segments that learn what BGP announces.
	// Default: none.
	PropagateTo []string
	// Revision changes when the attachment is replaced, for an attachment id from another stack.
	// Default: none.
	Revision string
}

// Validate reports every problem in p. It needs no Node.js.
func (p VpnAttachmentProps) Validate() error {
	var f cdkx.Fields
	validateName(&f, "site", p.Site)
	validateName(&f, "connection", p.Connection)
	if p.TransitGatewayAttachmentId == nil {
		f.Addf("transitGatewayAttachmentId", "missing; give the id, for example from customresource.VpnFacts")
	}
	validateSegments(&f, p.Segment, p.PropagateTo)
	return f.Err()
}

// Attachment is a transit gateway attachment with its association and propagations. To depend on it is to wait until
// routes may point to it and packets from it find their way.
type Attachment struct {
	constructs.Construct
	id *string
}

// TransitGatewayAttachmentId returns the id of the attachment.
func (a *Attachment) TransitGatewayAttachmentId() *string { return a.id }

// AttachNetwork attaches a VPC. Routes of the VPC to the transit gateway must depend on the result. It panics if props are
// invalid or name a segment that does not exist.
func (t *TransitGateway) AttachNetwork(props *NetworkAttachmentProps) *Attachment {
	p := props.withDefaults()
	id := naming.Attachment("network", p.Name)
	cdkx.MustBeValid(t, id, p.Validate())
	a := &Attachment{}
	constructs.NewConstruct_Override(a, t, &id)
	attachment := &awsec2.CfnTransitGatewayAttachmentProps{TransitGatewayId: t.id, VpcId: p.VpcId,
		SubnetIds: cdkx.List(p.SubnetIds...), Tags: cdkx.Name(t.name + "-" + p.Name)}
	if p.ApplianceMode {
		// A map, because CDK writes the keys of its own type for this property in lower case, which EC2 refuses.
		attachment.Options = map[string]string{"ApplianceModeSupport": "enable"}
	}
	a.id = awsec2.NewCfnTransitGatewayAttachment(a, jsii.String(naming.Resource), attachment).Ref()
	t.route(a, p.Segment, p.PropagateTo, "")
	for _, r := range p.Routes {
		awsec2.NewCfnTransitGatewayRoute(a, jsii.String(naming.Segment(t.segment(r.Segment).slot)+"-"+naming.Route(r.Destination)), &awsec2.CfnTransitGatewayRouteProps{
			TransitGatewayRouteTableId: t.SegmentRouteTableId(r.Segment), TransitGatewayAttachmentId: a.id, DestinationCidrBlock: jsii.String(r.Destination.String())})
	}
	return a
}

// AttachVpn puts a VPN connection's attachment into its segment and lets it propagate. It panics if props are invalid or
// name a segment that does not exist.
func (t *TransitGateway) AttachVpn(props *VpnAttachmentProps) *Attachment {
	id := naming.Attachment("site", props.Site)
	cdkx.MustBeValid(t, id+"/"+naming.Connection(props.Connection), props.Validate())
	a := &Attachment{id: props.TransitGatewayAttachmentId}
	constructs.NewConstruct_Override(a, cdkx.Namespace(t, id), jsii.String(naming.Connection(props.Connection)))
	t.route(a, props.Segment, props.PropagateTo, props.Revision)
	return a
}

// route associates an attachment with its segment and lets it propagate.
func (t *TransitGateway) route(a *Attachment, segment string, propagateTo []string, revision string) {
	if t.provider == nil {
		t.fail("no provider, so nothing can be attached; give Provider")
	}
	customresource.NewTgwAssociation(a, naming.Association, &customresource.TgwAssociationProps{Provider: t.provider,
		TransitGatewayAttachmentId: a.id, TransitGatewayRouteTableId: t.SegmentRouteTableId(segment), Revision: revision})
	for _, to := range propagateTo {
		awsec2.NewCfnTransitGatewayRouteTablePropagation(a, jsii.String(naming.Propagation(t.segment(to).slot)),
			&awsec2.CfnTransitGatewayRouteTablePropagationProps{
				TransitGatewayAttachmentId: a.id, TransitGatewayRouteTableId: t.SegmentRouteTableId(to)})
	}
}
