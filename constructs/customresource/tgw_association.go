package customresource

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/pathproof/pathproof/internal/cdkx"
)

// TgwAssociationProps configures a TgwAssociation.
type TgwAssociationProps struct {
	// Provider does the work. Required.
	Provider *Provider
	// TransitGatewayAttachmentId is the attachment, of any kind. Required.
	TransitGatewayAttachmentId *string
	// TransitGatewayRouteTableId is the route table that routes what comes from the attachment. It may change in place.
	// Required.
	TransitGatewayRouteTableId *string
	// Revision makes CloudFormation look again when it changes.
	// Default: none; not needed if both ids are of this stack.
	Revision string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p TgwAssociationProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	requireID(&f, "transitGatewayAttachmentId", p.TransitGatewayAttachmentId)
	requireID(&f, "transitGatewayRouteTableId", p.TransitGatewayRouteTableId)
	return f.Err()
}

// TgwAssociation is the association of a transit gateway attachment with a route table. Unlike AWS's own resource type
// it can move an attachment to another route table: CloudFormation creates before it deletes, and an attachment has one
// association at a time. While it moves, for about a minute, the attachment has none. Define one per attachment.
type TgwAssociation struct {
	constructs.Construct
	resource awscdk.CfnResource
}

// NewTgwAssociation defines an association in scope. It panics if props are invalid; call Validate first.
func NewTgwAssociation(scope constructs.Construct, id string, props *TgwAssociationProps) *TgwAssociation {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	a := &TgwAssociation{}
	constructs.NewConstruct_Override(a, scope, &id)
	a.resource = define(a, props.Provider, "Custom::PathproofTgwAssociation", props.Revision, props.Provider.AllowTgwAssociations(), map[string]any{
		"TransitGatewayAttachmentId": props.TransitGatewayAttachmentId,
		"TransitGatewayRouteTableId": props.TransitGatewayRouteTableId,
	})
	return a
}

// AllowTgwAssociations lets the provider associate transit gateway attachments with route tables, of its account and Region.
// Resources of the provider's own stack ask for it themselves; call it for those of other stacks.
func (p *Provider) AllowTgwAssociations() awsiam.CfnPolicy {
	return p.allow("TgwAssociationPolicy",
		describe("ec2:DescribeTransitGatewayAttachments"),
		change("", []string{"ec2:AssociateTransitGatewayRouteTable", "ec2:DisassociateTransitGatewayRouteTable"},
			"transit-gateway-attachment", "transit-gateway-route-table"))
}

// Resource returns the CloudFormation resource, to depend on or to override.
func (a *TgwAssociation) Resource() awscdk.CfnResource { return a.resource }
