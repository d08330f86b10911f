package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// vpnFacts reads what CloudFormation does not tell about a VPN connection: the outside address of each tunnel, the
// secret that holds the pre-shared keys, and the transit gateway attachment. The answer of EC2 also holds the keys
// themselves (CustomerGatewayConfiguration, PreSharedKey): nothing of it may be logged or returned as a whole.
type vpnFacts struct {
	connection, gateway string
	inside              []netip.Prefix // tunnel 1 and 2; empty: in the order of the inside prefixes
}

func parseVPNFacts(p *properties) resource {
	f := vpnFacts{connection: p.id("VpnConnectionId", "vpn-"), gateway: p.id("TransitGatewayId", "tgw-")}
	one, two := p.prefix("Inside1"), p.prefix("Inside2")
	switch {
	case one.IsValid() != two.IsValid() && p.text("Inside1") == "":
		p.addf("Inside1", "missing while Inside2 is given; give both or none")
	case one.IsValid() != two.IsValid() && p.text("Inside2") == "":
		p.addf("Inside2", "missing while Inside1 is given; give both or none")
	case one.IsValid() && one == two:
		p.addf("Inside2", "the same as Inside1, got %q; each tunnel has its own", two)
	case one.IsValid():
		f.inside = []netip.Prefix{one, two}
	}
	return f
}

// physicalID is the connection's id. It stays when the connection moves to another transit gateway.
func (f vpnFacts) physicalID() string { return f.connection }

// remove has nothing to undo: facts are only read.
func (f vpnFacts) remove(context.Context, *run) error { return nil }

func (f vpnFacts) apply(ctx context.Context, r *run) (map[string]string, error) {
	facts := map[string]string{}
	err := r.until(ctx, "VPN connection "+f.connection, func(ctx context.Context) (string, error) {
		return f.readConnection(ctx, r, facts)
	})
	if err != nil {
		return nil, err
	}
	err = r.until(ctx, "transit gateway attachment of "+f.connection, func(ctx context.Context) (string, error) {
		id, state, err := r.attachment(ctx, types.TransitGatewayAttachmentResourceTypeVpn, f.connection, f.gateway)
		facts["TransitGatewayAttachmentId"] = id
		return state, err
	})
	return facts, err
}

// readConnection fills facts once the connection is available.
func (f vpnFacts) readConnection(ctx context.Context, r *run, facts map[string]string) (string, error) {
	out, err := r.here().DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{VpnConnectionIds: []string{f.connection}})
	if err != nil {
		return "", err
	}
	if len(out.VpnConnections) != 1 {
		return "", errGone
	}
	c := out.VpnConnections[0]
	switch c.State {
	case types.VpnStateAvailable:
	case types.VpnStateDeleting, types.VpnStateDeleted:
		return "", fmt.Errorf("the connection is no longer there, got state %q; deploy again", c.State)
	default:
		return string(c.State), nil
	}
	if on := aws.ToString(c.TransitGatewayId); on != f.gateway {
		return "", early("the connection is on transit gateway %q, want %s; connect it to that one", on, f.gateway)
	}
	outside, err := f.outside(c)
	if err != nil {
		return "", err
	}
	facts["Tunnel1OutsideIp"], facts["Tunnel2OutsideIp"] = outside[0], outside[1]
	facts["PreSharedKeyArn"] = aws.ToString(c.PreSharedKeyArn)
	return done, nil
}

// outside is the outside address of tunnel 1 and of tunnel 2. EC2 does not promise an order, so a tunnel is known by
// its inside prefix.
func (f vpnFacts) outside(c types.VpnConnection) ([]string, error) {
	addresses := map[netip.Prefix]string{}
	if c.Options != nil {
		for _, t := range c.Options.TunnelOptions {
			inside, err := netip.ParsePrefix(aws.ToString(t.TunnelInsideCidr))
			if address := aws.ToString(t.OutsideIpAddress); err == nil && address != "" {
				addresses[inside.Masked()] = address
			}
		}
	}
	if len(addresses) != 2 {
		return nil, early("%d tunnels with inside and outside addresses, want 2; look at the connection's tunnel options", len(addresses))
	}
	inside := f.inside
	if len(inside) == 0 {
		inside = sortedPrefixes(addresses)
	}
	var outside []string
	for _, p := range inside {
		address, ok := addresses[p]
		if !ok {
			return nil, early("no tunnel with inside CIDR %s, got %s; give the inside CIDRs of the connection's tunnels", p, sortedPrefixes(addresses))
		}
		outside = append(outside, address)
	}
	return outside, nil
}

func sortedPrefixes(m map[netip.Prefix]string) []netip.Prefix {
	var ps []netip.Prefix
	for p := range m {
		ps = append(ps, p)
	}
	slices.SortFunc(ps, netip.Prefix.Compare)
	return ps
}
