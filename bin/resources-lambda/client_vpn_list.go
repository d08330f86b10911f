package main

import (
	"context"

	"github.com/pathproof/pathproof/internal/pki/vpnendpoint"
)

// clientVPNList is Custom::PathproofClientVpnList: the list of revoked certificates of a Client VPN endpoint in the function's Region. An
// endpoint fetches nothing, so the list is brought to it, here when it is made and every day, and by the command line when somebody
// is revoked. Deleting it does nothing: the list goes with the endpoint.
type clientVPNList struct {
	authority
	endpoint string
}

func parseClientVPNList(p *properties) resource {
	return clientVPNList{parseClientVPNAuthority(p), p.id("ClientVpnEndpointId", "cvpn-endpoint-")}
}

// physicalID is the endpoint's id: another endpoint has another list.
func (l clientVPNList) physicalID() string { return l.endpoint }

func (l clientVPNList) remove(context.Context, *run) error { return nil }

func (l clientVPNList) apply(ctx context.Context, r *run) (map[string]string, error) {
	return nil, r.inVault(ctx, l.authority, "list of revoked certificates of "+l.endpoint, func(ctx context.Context, v *vault) error {
		a, err := v.ClientVPNAuthority(ctx)
		if err != nil {
			return err
		}
		if err := v.Publish(ctx, a); err != nil {
			return err
		}
		given, err := vpnendpoint.Bring(ctx, r.here(), v.PKI, l.endpoint)
		r.log.Info("list of revoked certificates", "endpoint", l.endpoint, "given", given)
		return err
	})
}
