package main

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// change is how long the fake takes for what EC2 does in the background.
const change = 20 * time.Second

// fakeEC2 is EC2 in one Region, as far as this program goes: it refuses what EC2 refuses, and changes take time.
type fakeEC2 struct {
	mu          sync.Mutex
	calls       []string
	fail        map[string][]error // errors to give, by operation, before it works
	always      map[string]error   // an error for good, by operation
	vpn         *types.VpnConnection
	attachments []*attachment
	peering     *peering // of transit gateways; shared by two Regions
	pcx         *types.VpcPeeringConnection
	images      []types.Image
	lists       []types.ManagedPrefixList
	modified    []*ec2.ModifyVpcPeeringConnectionOptionsInput
	revoked     map[string]string // lists of revoked certificates, by Client VPN endpoint
	before      func(op string)   // runs before an operation, without the lock
}

type attachment struct {
	types.TransitGatewayAttachment
	until time.Time                            // end of the change under way
	then  types.TransitGatewayAssociationState // state after it
}

// peering is a transit gateway peering as the Regions see it.
type peering struct {
	mu    sync.Mutex
	state func(now time.Time) types.TransitGatewayAttachmentState
}

func (f *fakeEC2) ImportClientVpnClientCertificateRevocationList(_ context.Context, in *ec2.ImportClientVpnClientCertificateRevocationListInput, _ ...func(*ec2.Options)) (*ec2.ImportClientVpnClientCertificateRevocationListOutput, error) {
	if err := f.enter("ImportClientVpnClientCertificateRevocationList"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.revoked == nil {
		f.revoked = map[string]string{}
	}
	f.revoked[*in.ClientVpnEndpointId] = *in.CertificateRevocationList
	return &ec2.ImportClientVpnClientCertificateRevocationListOutput{Return: aws.Bool(true)}, nil
}

func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "said the fake"}
}

// enter records a call and gives the error set for it.
func (f *fakeEC2) enter(op string) error {
	if f.before != nil {
		f.before(op)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, op)
	if err := f.always[op]; err != nil {
		return err
	}
	if queue := f.fail[op]; len(queue) > 0 {
		f.fail[op] = queue[1:]
		return queue[0]
	}
	return nil
}

// count is how often an operation was called.
func (f *fakeEC2) count(op string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c == op {
			n++
		}
	}
	return n
}

func (f *fakeEC2) DescribeVpnConnections(_ context.Context, in *ec2.DescribeVpnConnectionsInput, _ ...func(*ec2.Options)) (*ec2.DescribeVpnConnectionsOutput, error) {
	if err := f.enter("DescribeVpnConnections"); err != nil {
		return nil, err
	}
	if f.vpn == nil || *f.vpn.VpnConnectionId != in.VpnConnectionIds[0] {
		return nil, apiError("InvalidVpnConnectionID.NotFound")
	}
	return &ec2.DescribeVpnConnectionsOutput{VpnConnections: []types.VpnConnection{*f.vpn}}, nil
}

func (f *fakeEC2) DescribeTransitGatewayAttachments(_ context.Context, in *ec2.DescribeTransitGatewayAttachmentsInput, _ ...func(*ec2.Options)) (*ec2.DescribeTransitGatewayAttachmentsOutput, error) {
	if err := f.enter("DescribeTransitGatewayAttachments"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &ec2.DescribeTransitGatewayAttachmentsOutput{}
	for _, a := range f.attachments {
		a.settle()
		byID := len(in.TransitGatewayAttachmentIds) > 0 && in.TransitGatewayAttachmentIds[0] == *a.TransitGatewayAttachmentId
		if byID || len(in.Filters) > 0 && a.passes(in.Filters) {
			copied := a.TransitGatewayAttachment
			if a.Association != nil {
				association := *a.Association
				copied.Association = &association
			}
			out.TransitGatewayAttachments = append(out.TransitGatewayAttachments, copied)
		}
	}
	if len(in.TransitGatewayAttachmentIds) > 0 && len(out.TransitGatewayAttachments) == 0 {
		return nil, apiError("InvalidTransitGatewayAttachmentID.NotFound")
	}
	return out, nil
}

// passes reports whether all filters let the attachment through. An unknown filter lets nothing through; EC2 refuses it.
func (a *attachment) passes(filters []types.Filter) bool {
	fields := map[string]string{"resource-type": string(a.ResourceType), "resource-id": aws.ToString(a.ResourceId),
		"transit-gateway-id": aws.ToString(a.TransitGatewayId)}
	return !slices.ContainsFunc(filters, func(f types.Filter) bool { return !slices.Contains(f.Values, fields[*f.Name]) })
}

// settle finishes a change whose time has come.
func (a *attachment) settle() {
	if a.then == "" || time.Now().Before(a.until) {
		return
	}
	if a.then == types.TransitGatewayAssociationStateDisassociated {
		a.Association = nil
	} else {
		a.Association.State = a.then
	}
	a.then = ""
}

func (f *fakeEC2) find(id string) *attachment {
	for _, a := range f.attachments {
		if *a.TransitGatewayAttachmentId == id {
			a.settle()
			return a
		}
	}
	return nil
}

func (f *fakeEC2) AssociateTransitGatewayRouteTable(_ context.Context, in *ec2.AssociateTransitGatewayRouteTableInput, _ ...func(*ec2.Options)) (*ec2.AssociateTransitGatewayRouteTableOutput, error) {
	if err := f.enter("Associate"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.find(*in.TransitGatewayAttachmentId)
	switch {
	case a == nil:
		return nil, apiError("InvalidTransitGatewayAttachmentID.NotFound")
	case a.State != types.TransitGatewayAttachmentStateAvailable:
		return nil, apiError("IncorrectState")
	case a.Association != nil:
		return nil, apiError("Resource.AlreadyAssociated")
	}
	a.Association = &types.TransitGatewayAttachmentAssociation{
		TransitGatewayRouteTableId: in.TransitGatewayRouteTableId, State: types.TransitGatewayAssociationStateAssociating,
	}
	a.until, a.then = time.Now().Add(change), types.TransitGatewayAssociationStateAssociated
	return &ec2.AssociateTransitGatewayRouteTableOutput{}, nil
}

func (f *fakeEC2) DisassociateTransitGatewayRouteTable(_ context.Context, in *ec2.DisassociateTransitGatewayRouteTableInput, _ ...func(*ec2.Options)) (*ec2.DisassociateTransitGatewayRouteTableOutput, error) {
	if err := f.enter("Disassociate"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.find(*in.TransitGatewayAttachmentId)
	switch {
	case a == nil:
		return nil, apiError("InvalidTransitGatewayAttachmentID.NotFound")
	case a.Association == nil || *a.Association.TransitGatewayRouteTableId != *in.TransitGatewayRouteTableId:
		return nil, apiError("InvalidAssociation.NotFound")
	case a.Association.State != types.TransitGatewayAssociationStateAssociated:
		return nil, apiError("IncorrectState")
	}
	a.Association.State = types.TransitGatewayAssociationStateDisassociating
	a.until, a.then = time.Now().Add(change), types.TransitGatewayAssociationStateDisassociated
	return &ec2.DisassociateTransitGatewayRouteTableOutput{}, nil
}

func (f *fakeEC2) DescribeTransitGatewayPeeringAttachments(_ context.Context, in *ec2.DescribeTransitGatewayPeeringAttachmentsInput, _ ...func(*ec2.Options)) (*ec2.DescribeTransitGatewayPeeringAttachmentsOutput, error) {
	if err := f.enter("DescribePeering"); err != nil {
		return nil, err
	}
	out := &ec2.DescribeTransitGatewayPeeringAttachmentsOutput{}
	if f.peering == nil {
		return out, nil
	}
	f.peering.mu.Lock()
	defer f.peering.mu.Unlock()
	out.TransitGatewayPeeringAttachments = []types.TransitGatewayPeeringAttachment{{
		TransitGatewayAttachmentId: aws.String(in.TransitGatewayAttachmentIds[0]),
		State:                      f.peering.state(time.Now()),
		Status:                     &types.PeeringAttachmentStatus{Code: aws.String("fake"), Message: aws.String("said the fake")},
	}}
	return out, nil
}

func (f *fakeEC2) AcceptTransitGatewayPeeringAttachment(context.Context, *ec2.AcceptTransitGatewayPeeringAttachmentInput, ...func(*ec2.Options)) (*ec2.AcceptTransitGatewayPeeringAttachmentOutput, error) {
	if err := f.enter("Accept"); err != nil {
		return nil, err
	}
	f.peering.mu.Lock()
	defer f.peering.mu.Unlock()
	if f.peering.state(time.Now()) != types.TransitGatewayAttachmentStatePendingAcceptance {
		return nil, apiError("IncorrectState")
	}
	f.peering.state = from(time.Now(), types.TransitGatewayAttachmentStatePending, types.TransitGatewayAttachmentStateAvailable)
	return &ec2.AcceptTransitGatewayPeeringAttachmentOutput{}, nil
}

// from is first until change has passed, then second for good.
func from(start time.Time, first, second types.TransitGatewayAttachmentState) func(time.Time) types.TransitGatewayAttachmentState {
	return func(now time.Time) types.TransitGatewayAttachmentState {
		if now.Before(start.Add(change)) {
			return first
		}
		return second
	}
}

func (f *fakeEC2) DescribeVpcPeeringConnections(context.Context, *ec2.DescribeVpcPeeringConnectionsInput, ...func(*ec2.Options)) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
	if err := f.enter("DescribePcx"); err != nil {
		return nil, err
	}
	if f.pcx == nil {
		return nil, apiError("InvalidVpcPeeringConnectionID.NotFound")
	}
	return &ec2.DescribeVpcPeeringConnectionsOutput{VpcPeeringConnections: []types.VpcPeeringConnection{*f.pcx}}, nil
}

func (f *fakeEC2) ModifyVpcPeeringConnectionOptions(_ context.Context, in *ec2.ModifyVpcPeeringConnectionOptionsInput, _ ...func(*ec2.Options)) (*ec2.ModifyVpcPeeringConnectionOptionsOutput, error) {
	if err := f.enter("ModifyPcx"); err != nil {
		return nil, err
	}
	if f.pcx.Status.Code != types.VpcPeeringConnectionStateReasonCodeActive {
		return nil, apiError("OperationNotPermitted")
	}
	f.modified = append(f.modified, in)
	set := func(info **types.VpcPeeringConnectionVpcInfo, o *types.PeeringConnectionOptionsRequest) {
		if o != nil {
			*info = &types.VpcPeeringConnectionVpcInfo{PeeringOptions: &types.VpcPeeringConnectionOptionsDescription{
				AllowDnsResolutionFromRemoteVpc: o.AllowDnsResolutionFromRemoteVpc,
			}}
		}
	}
	set(&f.pcx.RequesterVpcInfo, in.RequesterPeeringConnectionOptions)
	set(&f.pcx.AccepterVpcInfo, in.AccepterPeeringConnectionOptions)
	return &ec2.ModifyVpcPeeringConnectionOptionsOutput{}, nil
}

// addAttachment puts an attachment into the fake; table "" means no association.
func (f *fakeEC2) addAttachment(id string, state types.TransitGatewayAttachmentState, table string) *attachment {
	a := &attachment{TransitGatewayAttachment: types.TransitGatewayAttachment{
		TransitGatewayAttachmentId: aws.String(id), State: cmp.Or(state, types.TransitGatewayAttachmentStateAvailable),
	}}
	if table != "" {
		a.Association = &types.TransitGatewayAttachmentAssociation{
			TransitGatewayRouteTableId: aws.String(table), State: types.TransitGatewayAssociationStateAssociated,
		}
	}
	f.attachments = append(f.attachments, a)
	return a
}
