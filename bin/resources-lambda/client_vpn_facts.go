package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// clientVPNFacts reads what CloudFormation does not tell about a Client VPN endpoint at a transit gateway: its attachment.
type clientVPNFacts struct{ endpoint, gateway string }

func parseClientVPNFacts(p *properties) resource {
	return clientVPNFacts{endpoint: p.id("ClientVpnEndpointId", "cvpn-endpoint-"), gateway: p.id("TransitGatewayId", "tgw-")}
}

// physicalID is the endpoint's id: another transit gateway is another endpoint.
func (f clientVPNFacts) physicalID() string { return f.endpoint }

// remove has nothing to undo: facts are only read.
func (f clientVPNFacts) remove(context.Context, *run) error { return nil }

func (f clientVPNFacts) apply(ctx context.Context, r *run) (map[string]string, error) {
	facts := map[string]string{}
	err := r.until(ctx, "transit gateway attachment of "+f.endpoint, func(ctx context.Context) (string, error) {
		id, state, err := r.attachment(ctx, types.TransitGatewayAttachmentResourceTypeClientVpn, f.endpoint, f.gateway)
		facts["TransitGatewayAttachmentId"] = id
		return state, err
	})
	return facts, err
}
