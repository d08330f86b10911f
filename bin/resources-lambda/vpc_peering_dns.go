package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	sideRequester = "requester"
	sideAccepter  = "accepter"
)

// vpcPeeringDNS lets one side of a VPC peering resolve the other side's public DNS names to private addresses, for
// which CloudFormation has no property. Each side's option is set in that side's Region.
type vpcPeeringDNS struct {
	peering, side string
	allow         bool
}

func parseVPCPeeringDNS(p *properties) resource {
	return vpcPeeringDNS{
		peering: p.id("VpcPeeringConnectionId", "pcx-"),
		side:    p.oneOf("Side", sideAccepter, sideRequester),
		allow:   p.oneOf("AllowRemoteDns", "false", "true") == "true",
	}
}

func (d vpcPeeringDNS) physicalID() string { return d.peering + "/dns/" + d.side }

func (d vpcPeeringDNS) apply(ctx context.Context, r *run) (map[string]string, error) {
	what := "DNS of VPC peering " + d.peering
	return nil, r.until(ctx, what, func(ctx context.Context) (string, error) {
		p, err := d.describe(ctx, r)
		if err != nil {
			return "", err
		}
		if endOfPeering(p) {
			return "", fmt.Errorf("the peering is not there to be configured, got state %q (%s); replace the peering connection",
				p.Status.Code, aws.ToString(p.Status.Message))
		}
		if !active(p) {
			return "peering is not active yet", nil
		}
		r.touched.Store(true)
		return done, d.modify(ctx, r, d.allow)
	})
}

func (d vpcPeeringDNS) remove(ctx context.Context, r *run) error {
	what := "DNS of VPC peering " + d.peering
	return r.until(ctx, what, func(ctx context.Context) (string, error) {
		p, err := d.describe(ctx, r)
		switch {
		case errors.Is(err, errGone) || isNotFound(err):
			return done, nil
		case err != nil:
			return "", err
		case !active(p) || d.isOff(p): // EC2 takes options for an active peering only
			return done, nil
		}
		return done, d.modify(ctx, r, false)
	})
}

func (d vpcPeeringDNS) describe(ctx context.Context, r *run) (types.VpcPeeringConnection, error) {
	out, err := r.here().DescribeVpcPeeringConnections(ctx, &ec2.DescribeVpcPeeringConnectionsInput{
		VpcPeeringConnectionIds: []string{d.peering},
	})
	if err != nil {
		return types.VpcPeeringConnection{}, err
	}
	if len(out.VpcPeeringConnections) != 1 {
		return types.VpcPeeringConnection{}, errGone
	}
	return out.VpcPeeringConnections[0], nil
}

// modify sets the option of d's side only: EC2 refuses the other side's in another Region.
func (d vpcPeeringDNS) modify(ctx context.Context, r *run, allow bool) error {
	in := &ec2.ModifyVpcPeeringConnectionOptionsInput{VpcPeeringConnectionId: &d.peering}
	option := &types.PeeringConnectionOptionsRequest{AllowDnsResolutionFromRemoteVpc: &allow}
	if d.side == sideRequester {
		in.RequesterPeeringConnectionOptions = option
	} else {
		in.AccepterPeeringConnectionOptions = option
	}
	_, err := r.here().ModifyVpcPeeringConnectionOptions(ctx, in)
	return err
}

// isOff reports whether EC2 says that the option of d's side is off; silence is not off.
func (d vpcPeeringDNS) isOff(p types.VpcPeeringConnection) bool {
	info := p.AccepterVpcInfo
	if d.side == sideRequester {
		info = p.RequesterVpcInfo
	}
	return info != nil && info.PeeringOptions != nil && info.PeeringOptions.AllowDnsResolutionFromRemoteVpc != nil &&
		!*info.PeeringOptions.AllowDnsResolutionFromRemoteVpc
}

func active(p types.VpcPeeringConnection) bool {
	return p.Status != nil && p.Status.Code == types.VpcPeeringConnectionStateReasonCodeActive
}

// endOfPeering reports whether a peering has ended or will never begin.
func endOfPeering(p types.VpcPeeringConnection) bool {
	if p.Status == nil {
		return false
	}
	switch p.Status.Code {
	case types.VpcPeeringConnectionStateReasonCodeFailed, types.VpcPeeringConnectionStateReasonCodeRejected,
		types.VpcPeeringConnectionStateReasonCodeExpired, types.VpcPeeringConnectionStateReasonCodeDeleted,
		types.VpcPeeringConnectionStateReasonCodeDeleting:
		return true
	}
	return false
}
