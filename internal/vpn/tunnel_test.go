package vpn

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/topology"
)

// scripted is EC2 with one answer.
type scripted struct {
	ec2API
	err         error
	confirmed   bool
	maintenance *types.MaintenanceDetails
	active      *types.ActiveVpnTunnelStatus
	asked       *ec2.ReplaceVpnTunnelInput
	attempts    int
}

func (s *scripted) ReplaceVpnTunnel(_ context.Context, in *ec2.ReplaceVpnTunnelInput, opts ...func(*ec2.Options)) (*ec2.ReplaceVpnTunnelOutput, error) {
	o := ec2.Options{RetryMaxAttempts: 6}
	for _, f := range opts {
		f(&o)
	}
	s.asked, s.attempts = in, o.Retryer.MaxAttempts()
	return &ec2.ReplaceVpnTunnelOutput{Return: &s.confirmed}, s.err
}

func (s *scripted) GetVpnTunnelReplacementStatus(context.Context, *ec2.GetVpnTunnelReplacementStatusInput, ...func(*ec2.Options)) (*ec2.GetVpnTunnelReplacementStatusOutput, error) {
	return &ec2.GetVpnTunnelReplacementStatusOutput{MaintenanceDetails: s.maintenance}, s.err
}

func (s *scripted) GetActiveVpnTunnelStatus(context.Context, *ec2.GetActiveVpnTunnelStatusInput, ...func(*ec2.Options)) (*ec2.GetActiveVpnTunnelStatusOutput, error) {
	return &ec2.GetActiveVpnTunnelStatusOutput{ActiveVpnTunnelStatus: s.active}, s.err
}

var (
	fw1  = &Connection{Site: "idc", Name: "fw1", ID: "vpn-1", Place: topology.Place{AccountID: "210987654321", Region: "ap-northeast-2"}}
	fw11 = &Tunnel{Number: 1, Outside: netip.MustParseAddr("198.51.100.10")}
)

func TestReplace(t *testing.T) {
	dry := &smithy.GenericAPIError{Code: "DryRunOperation", Message: "Request would have succeeded"}
	denied := &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "not you"}
	for _, tt := range []struct {
		name      string
		confirmed bool
		err       error
		dryRun    bool
		assumed   string
		want      string
	}{
		{name: "confirmed", confirmed: true},
		{name: "not confirmed", want: "site/idc/vpnConnection/fw1: EC2 did not confirm the replacement of tunnel 1 (198.51.100.10)"},
		{name: "dry run", err: dry, dryRun: true},
		{name: "that answer to a real request is an error", err: dry, want: "DryRunOperation"},
		{name: "denied", err: denied, want: `got "UnauthorizedOperation: not you"; allow ec2:ReplaceVpnTunnel`},
		{name: "denied to a role that only reads", err: denied, assumed: "arn:lookup", want: "allow ec2:ReplaceVpnTunnel (role arn:lookup only reads: use credentials of account 210987654321, by --profile)"},
		{name: "no answer", err: errors.New("connection reset"), want: "whether AWS replaces tunnel 1 is unknown, so look at it before trying again"},
		{name: "no answer to a dry run", err: errors.New("connection reset"), dryRun: true, want: "connection reset"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &scripted{confirmed: tt.confirmed, err: tt.err}
			err := (&Client{ec2: s, assumed: tt.assumed}).Replace(t.Context(), fw1, fw11, true, tt.dryRun)
			switch {
			case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case tt.dryRun && err != nil && strings.Contains(err.Error(), "unknown"):
				t.Errorf("a dry run leaves nothing unknown: %v", err)
			}
			in := s.asked
			if *in.VpnConnectionId != "vpn-1" || *in.VpnTunnelOutsideIpAddress != "198.51.100.10" || !*in.ApplyPendingMaintenance || *in.DryRun != tt.dryRun || s.attempts != 1 {
				t.Errorf("asked for %+v, %d attempts: an answer that got lost may have replaced it", in, s.attempts)
			}
		})
	}
}

func TestMaintenance(t *testing.T) {
	at := time.Date(2026, 12, 12, 3, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		details *types.MaintenanceDetails
		want    Maintenance
	}{
		{nil, Maintenance{}},
		{&types.MaintenanceDetails{}, Maintenance{}},
		{&types.MaintenanceDetails{PendingMaintenance: aws.String("False"), LastMaintenanceApplied: &at}, Maintenance{Said: "False", LastApplied: at}},
		{&types.MaintenanceDetails{PendingMaintenance: aws.String("true"), MaintenanceAutoAppliedAfter: &at}, Maintenance{Pending: true, Said: "true", AutoAppliedAfter: at}},
		{&types.MaintenanceDetails{PendingMaintenance: aws.String("something new")}, Maintenance{Pending: true, Said: "something new"}},
	} {
		got, err := (&Client{ec2: &scripted{maintenance: tt.details}}).Maintenance(t.Context(), fw1, fw11)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%v -want +got:\n%s", err, diff)
		}
	}
}

func TestNegotiated(t *testing.T) {
	if got, err := (&Client{ec2: &scripted{}}).Negotiated(t.Context(), fw1, fw11); err != nil || got != (Negotiated{}) {
		t.Errorf("got %+v, %v", got, err)
	}
	active := &types.ActiveVpnTunnelStatus{IkeVersion: aws.String("ikev2"), Phase1EncryptionAlgorithm: aws.String("AES256-GCM-16"), Phase1DHGroup: aws.Int32(20), Phase2IntegrityAlgorithm: aws.String("SHA2-384"), ProvisioningStatus: "available"}
	want := Negotiated{IKEVersion: "ikev2", Phase1Encryption: "AES256-GCM-16", Phase1DHGroup: 20, Phase2Integrity: "SHA2-384", ProvisioningStatus: "available"}
	if got, err := (&Client{ec2: &scripted{active: active}}).Negotiated(t.Context(), fw1, fw11); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}
