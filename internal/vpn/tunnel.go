package vpn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/deployed"
)

// Maintenance is the state of a tunnel endpoint's maintenance.
type Maintenance struct {
	// Pending says that maintenance is waiting.
	Pending bool
	// Said is EC2's own word for Pending, of which no list is documented.
	Said string
	// AutoAppliedAfter is when AWS applies it by itself. Zero: not said.
	AutoAppliedAfter time.Time
	// LastApplied is when maintenance was last done. Zero: never, or not said.
	LastApplied time.Time
}

// Maintenance reads the state of a tunnel's maintenance. It needs ec2:GetVpnTunnelReplacementStatus.
func (c *Client) Maintenance(ctx context.Context, of *Connection, t *Tunnel) (Maintenance, error) {
	out, err := c.ec2.GetVpnTunnelReplacementStatus(ctx, &ec2.GetVpnTunnelReplacementStatusInput{
		VpnConnectionId: &of.ID, VpnTunnelOutsideIpAddress: aws.String(t.Outside.String())})
	if err != nil {
		return Maintenance{}, deployed.Explain(err, "ec2:GetVpnTunnelReplacementStatus")
	}
	d := out.MaintenanceDetails
	if d == nil {
		return Maintenance{}, nil
	}
	said := aws.ToString(d.PendingMaintenance)
	return Maintenance{pending(said), said, aws.ToTime(d.MaintenanceAutoAppliedAfter).UTC(), aws.ToTime(d.LastMaintenanceApplied).UTC()}, nil
}

// pending reads EC2's word. An unknown one counts as pending: a drill must not start on a guess.
func pending(said string) bool {
	switch strings.ToLower(strings.TrimSpace(said)) {
	case "", "false", "no", "none", "not-available", "notavailable", "unavailable":
		return false
	}
	return true
}

// Negotiated is what IKE agreed on. Names are EC2's; a field that it does not tell is empty or 0.
type Negotiated struct {
	IKEVersion                             string
	Phase1Encryption, Phase1Integrity      string
	Phase2Encryption, Phase2Integrity      string
	Phase1DHGroup, Phase2DHGroup           int
	ProvisioningStatus, ProvisioningReason string
}

// Negotiated reads what a tunnel negotiated. It needs ec2:GetActiveVpnTunnelStatus.
func (c *Client) Negotiated(ctx context.Context, of *Connection, t *Tunnel) (Negotiated, error) {
	out, err := c.ec2.GetActiveVpnTunnelStatus(ctx, &ec2.GetActiveVpnTunnelStatusInput{
		VpnConnectionId: &of.ID, VpnTunnelOutsideIpAddress: aws.String(t.Outside.String())})
	if err != nil {
		return Negotiated{}, deployed.Explain(err, "ec2:GetActiveVpnTunnelStatus")
	}
	s := out.ActiveVpnTunnelStatus
	if s == nil {
		return Negotiated{}, nil
	}
	return Negotiated{IKEVersion: aws.ToString(s.IkeVersion), Phase1Encryption: aws.ToString(s.Phase1EncryptionAlgorithm), Phase1Integrity: aws.ToString(s.Phase1IntegrityAlgorithm),
		Phase2Encryption: aws.ToString(s.Phase2EncryptionAlgorithm), Phase2Integrity: aws.ToString(s.Phase2IntegrityAlgorithm),
		Phase1DHGroup: int(aws.ToInt32(s.Phase1DHGroup)), Phase2DHGroup: int(aws.ToInt32(s.Phase2DHGroup)),
		ProvisioningStatus: string(s.ProvisioningStatus), ProvisioningReason: aws.ToString(s.ProvisioningStatusReason)}, nil
}

// Replace asks AWS to replace a tunnel's endpoint now, which takes the tunnel down for minutes. apply does pending maintenance
// on the way. dryRun only asks whether it would be allowed. It needs ec2:ReplaceVpnTunnel.
func (c *Client) Replace(ctx context.Context, of *Connection, t *Tunnel, apply, dryRun bool) error {
	out, err := c.ec2.ReplaceVpnTunnel(ctx, &ec2.ReplaceVpnTunnelInput{VpnConnectionId: &of.ID, VpnTunnelOutsideIpAddress: aws.String(t.Outside.String()),
		ApplyPendingMaintenance: &apply, DryRun: &dryRun}, func(o *ec2.Options) { o.Retryer = aws.NopRetryer{} }) // an answer that got lost may have replaced it
	if dryRun && isDryRun(err) {
		return nil
	}
	if err != nil {
		var answered smithy.APIError
		unknown := !dryRun && !errors.As(err, &answered)
		err = deployed.Explain(err, "ec2:ReplaceVpnTunnel")
		if unknown {
			err = fmt.Errorf("%w; whether AWS replaces tunnel %d is unknown, so look at it before trying again", err, t.Number)
		}
		if c.assumed != "" {
			err = fmt.Errorf("%w (role %s only reads: use credentials of account %s, by --profile)", err, c.assumed, of.Place.AccountID)
		}
		return fmt.Errorf("%s: %w", of.Label(), err)
	}
	if !aws.ToBool(out.Return) {
		return fmt.Errorf("%s: EC2 did not confirm the replacement of tunnel %d (%s); look at the connection in the console before trying again", of.Label(), t.Number, t.Outside)
	}
	return nil
}

// isDryRun reports whether an error says that the call would have been allowed.
func isDryRun(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "DryRunOperation"
}
