package peering

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// TransitGatewayPeeringProps configures a TransitGatewayPeering. Every property but Name is create-only: a change replaces
// the attachment.
type TransitGatewayPeeringProps struct {
	// Name is the Name tag.
	// Default: the construct id.
	Name string
	// RequesterTransitGatewayId is the transit gateway in this stack's Region and account. Required.
	RequesterTransitGatewayId *string
	// AccepterTransitGatewayId is the other transit gateway. Required.
	AccepterTransitGatewayId *string
	// AccepterRegion is the other transit gateway's Region. It must differ from this stack's: within one Region each side
	// has an attachment of its own, which CloudFormation cannot see. Required.
	AccepterRegion string
	// AccepterAccount is the other transit gateway's account, twelve digits.
	// Default: this stack's account.
	AccepterAccount string
}

// Validate reports every problem in p. It needs no Node.js.
func (p TransitGatewayPeeringProps) Validate() error {
	var f cdkx.Fields
	required(&f, "requesterTransitGatewayId", p.RequesterTransitGatewayId)
	required(&f, "accepterTransitGatewayId", p.AccepterTransitGatewayId)
	if p.AccepterRegion == "" {
		f.Addf("accepterRegion", "missing; give the Region of the accepter, for example ap-northeast-1")
	}
	validateRegion(&f, p.AccepterRegion)
	validateAccount(&f, p.AccepterAccount)
	return f.Err()
}

// TransitGatewayPeering is a transit gateway peering attachment. It stays pending until a side accepts it
// (NewTransitGatewayPeeringSide).
type TransitGatewayPeering struct {
	constructs.Construct
	id *string
}

// NewTransitGatewayPeering defines a peering attachment in the requester's Region. It panics if props are invalid; call
// Validate first.
func NewTransitGatewayPeering(scope constructs.Construct, id string, props *TransitGatewayPeeringProps) *TransitGatewayPeering {
	cdkx.MustBeValid(scope, id, props.Validate())
	p := &TransitGatewayPeering{}
	constructs.NewConstruct_Override(p, scope, &id)
	account := optional(props.AccepterAccount)
	if account == nil {
		account = awscdk.Aws_ACCOUNT_ID()
	}
	p.id = awsec2.NewCfnTransitGatewayPeeringAttachment(p, jsii.String(naming.Resource), &awsec2.CfnTransitGatewayPeeringAttachmentProps{
		TransitGatewayId: props.RequesterTransitGatewayId, PeerTransitGatewayId: props.AccepterTransitGatewayId,
		PeerRegion: jsii.String(props.AccepterRegion), PeerAccountId: account, Tags: cdkx.Name(nameOr(props.Name, id)),
	}).AttrTransitGatewayAttachmentId()
	return p
}

// TransitGatewayAttachmentId returns the id of the attachment, the same one in both Regions.
func (p *TransitGatewayPeering) TransitGatewayAttachmentId() *string { return p.id }
