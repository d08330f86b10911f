package customresource

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
)

// TgwPeeringAcceptanceProps configures a TgwPeeringAcceptance.
type TgwPeeringAcceptanceProps struct {
	// Provider does the work. Required.
	Provider *Provider
	// TransitGatewayAttachmentId is the peering attachment. Required.
	TransitGatewayAttachmentId *string
	// AccepterRegion is the Region of the transit gateway that is asked, for example ap-northeast-1. Required.
	AccepterRegion string
	// Revision makes CloudFormation look again when it changes.
	// Default: none; pass one if the attachment is of another stack.
	Revision string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p TgwPeeringAcceptanceProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	requireID(&f, "transitGatewayAttachmentId", p.TransitGatewayAttachmentId)
	if !awsdata.IsRegionCode(p.AccepterRegion) {
		f.Addf("accepterRegion", "not a Region, got %q; give a Region like ap-northeast-1", p.AccepterRegion)
	}
	return f.Err()
}

// TgwPeeringAcceptance accepts a transit gateway peering between two Regions of one account, and is complete when both
// Regions call it available. Define one in a stack of each side: whichever runs first accepts, and what depends on it
// can use the attachment. Deleting it does nothing: the attachment goes with its own stack.
type TgwPeeringAcceptance struct {
	constructs.Construct
	resource   awscdk.CfnResource
	attachment *string
}

// NewTgwPeeringAcceptance defines an acceptance in scope. It panics if props are invalid; call Validate first.
func NewTgwPeeringAcceptance(scope constructs.Construct, id string, props *TgwPeeringAcceptanceProps) *TgwPeeringAcceptance {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	a := &TgwPeeringAcceptance{}
	constructs.NewConstruct_Override(a, scope, &id)
	policy := props.Provider.allow("TgwPeeringAcceptancePolicy-"+props.AccepterRegion,
		describe("ec2:DescribeTransitGatewayPeeringAttachments"),
		change(props.AccepterRegion, []string{"ec2:AcceptTransitGatewayPeeringAttachment"}, "transit-gateway-attachment"))
	a.resource = define(a, props.Provider, "Custom::PathproofTgwPeeringAcceptance", props.Revision, policy, map[string]any{
		"TransitGatewayAttachmentId": props.TransitGatewayAttachmentId,
		"AccepterRegion":             props.AccepterRegion,
	})
	a.attachment = attribute(a.resource, "TransitGatewayAttachmentId")
	return a
}

// TransitGatewayAttachmentId returns the id of the attachment once it can be used. It is a value of this stack even when
// the attachment is of another Region's: create-only properties, such as those of a transit gateway route, must not hold
// a value from there, since CloudFormation would plan to replace the resource with every update.
func (a *TgwPeeringAcceptance) TransitGatewayAttachmentId() *string { return a.attachment }

// Resource returns the CloudFormation resource, to depend on or to override.
func (a *TgwPeeringAcceptance) Resource() awscdk.CfnResource { return a.resource }
