package customresource

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// ClientVpnFactsProps configures a ClientVpnFacts.
type ClientVpnFactsProps struct {
	// Provider does the work. Required.
	Provider *Provider
	// ClientVpnEndpointId is the endpoint, at a transit gateway. Required.
	ClientVpnEndpointId *string
	// TransitGatewayId is the transit gateway that it is at. Required.
	TransitGatewayId *string
	// DependsOn has to be there before AWS makes the attachment: the endpoint's associations.
	// Default: nothing.
	DependsOn []constructs.IDependable
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ClientVpnFactsProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	requireID(&f, "clientVpnEndpointId", p.ClientVpnEndpointId)
	requireID(&f, "transitGatewayId", p.TransitGatewayId)
	return f.Err()
}

// ClientVpnFacts holds what CloudFormation does not tell about a Client VPN endpoint at a transit gateway.
type ClientVpnFacts struct {
	constructs.Construct
	attachment *string
}

// NewClientVpnFacts defines the facts of an endpoint in scope. It panics if props are invalid; call Validate first.
func NewClientVpnFacts(scope constructs.Construct, id string, props *ClientVpnFactsProps) *ClientVpnFacts {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	c := &ClientVpnFacts{}
	constructs.NewConstruct_Override(c, scope, &id)
	policy := props.Provider.allow("ClientVpnFactsPolicy", describe("ec2:DescribeTransitGatewayAttachments"))
	r := define(c, props.Provider, "Custom::PathproofClientVpnFacts", "", policy,
		map[string]any{"ClientVpnEndpointId": props.ClientVpnEndpointId, "TransitGatewayId": props.TransitGatewayId})
	r.Node().AddDependency(props.DependsOn...)
	c.attachment = attribute(r, "TransitGatewayAttachmentId")
	return c
}

// TransitGatewayAttachmentId returns the id of the endpoint's transit gateway attachment.
func (c *ClientVpnFacts) TransitGatewayAttachmentId() *string { return c.attachment }
