package customresource

import (
	"net/netip"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/pathproof/pathproof/internal/cdkx"
)

// VpnFactsProps configures a VpnFacts.
type VpnFactsProps struct {
	// Provider does the work. Required.
	Provider *Provider
	// VpnConnectionId is the connection, on a transit gateway. Required.
	VpnConnectionId *string
	// TransitGatewayId is the transit gateway that the connection is on. Required, because it may be replaced while the
	// connection stays: CloudFormation then moves the connection, which keeps its id and gets another attachment.
	TransitGatewayId *string
	// Inside are the inside CIDR blocks of tunnel 1 and tunnel 2, for example 169.254.110.0/30. They say which tunnel is
	// which: AWS lists tunnels in no particular order.
	// Default: tunnel 1 is the one with the lower inside CIDR block.
	Inside [2]string
	// Revision makes CloudFormation read the facts again when it changes.
	// Default: none; they are read again when the connection or its transit gateway is replaced.
	Revision string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p VpnFactsProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	requireID(&f, "vpnConnectionId", p.VpnConnectionId)
	requireID(&f, "transitGatewayId", p.TransitGatewayId)
	if p.Inside == [2]string{} {
		return f.Err()
	}
	for i, s := range p.Inside {
		field := []string{"inside[0]", "inside[1]"}[i]
		if prefix, err := netip.ParsePrefix(s); err != nil || prefix != prefix.Masked() || !prefix.Addr().Is4() || prefix.Bits() != 30 {
			f.Addf(field, "not an IPv4 /30, got %q; write it like 169.254.110.0/30", s)
		}
	}
	if p.Inside[0] == p.Inside[1] {
		f.Addf("inside[1]", "the same as inside[0], got %q; each tunnel has its own", p.Inside[1])
	}
	return f.Err()
}

// VpnFacts holds what CloudFormation does not tell about a Site-to-Site VPN connection on a transit gateway.
//
// It lets the provider call ec2:DescribeVpnConnections, which has no resource-level permissions, so the provider can read
// every VPN connection of the account and Region. The answer shows the pre-shared keys of those that keep them in Standard
// storage, not of those that keep them in Secrets Manager. The provider neither logs nor returns keys.
type VpnFacts struct {
	constructs.Construct
	attachment, tunnel1, tunnel2, secret *string
}

// NewVpnFacts defines the facts of a VPN connection in scope. It panics if props are invalid; call Validate first.
func NewVpnFacts(scope constructs.Construct, id string, props *VpnFactsProps) *VpnFacts {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	v := &VpnFacts{}
	constructs.NewConstruct_Override(v, scope, &id)
	properties := map[string]any{"VpnConnectionId": props.VpnConnectionId, "TransitGatewayId": props.TransitGatewayId}
	if props.Inside != [2]string{} {
		properties["Inside1"], properties["Inside2"] = props.Inside[0], props.Inside[1]
	}
	policy := props.Provider.allow("VpnFactsPolicy", describe("ec2:DescribeTransitGatewayAttachments", "ec2:DescribeVpnConnections"))
	r := define(v, props.Provider, "Custom::PathproofVpnFacts", props.Revision, policy, properties)
	v.attachment = attribute(r, "TransitGatewayAttachmentId")
	v.tunnel1, v.tunnel2 = attribute(r, "Tunnel1OutsideIp"), attribute(r, "Tunnel2OutsideIp")
	v.secret = attribute(r, "PreSharedKeyArn")
	return v
}

// TransitGatewayAttachmentId returns the id of the connection's transit gateway attachment.
func (v *VpnFacts) TransitGatewayAttachmentId() *string { return v.attachment }

// Tunnel1OutsideIp returns AWS's public address of tunnel 1.
func (v *VpnFacts) Tunnel1OutsideIp() *string { return v.tunnel1 }

// Tunnel2OutsideIp returns AWS's public address of tunnel 2.
func (v *VpnFacts) Tunnel2OutsideIp() *string { return v.tunnel2 }

// PreSharedKeyArn returns the ARN of the secret with the tunnels' pre-shared keys, empty at deploy time if they are not
// stored in Secrets Manager.
func (v *VpnFacts) PreSharedKeyArn() *string { return v.secret }
