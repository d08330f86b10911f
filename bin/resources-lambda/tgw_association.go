package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tgwAssociation puts an attachment into a transit gateway route table. An attachment has one association, and
// CloudFormation creates before it deletes, so AWS's own resource type cannot move an attachment to another table.
// Here the physical id names the slot, which is the attachment: another route table is an update in place.
type tgwAssociation struct {
	attachment, table string
}

func parseTGWAssociation(p *properties) resource {
	return tgwAssociation{
		attachment: p.id("TransitGatewayAttachmentId", "tgw-attach-"),
		table:      p.id("TransitGatewayRouteTableId", "tgw-rtb-"),
	}
}

func (a tgwAssociation) physicalID() string { return a.attachment + "/association" }

func (a tgwAssociation) apply(ctx context.Context, r *run) (map[string]string, error) {
	what := fmt.Sprintf("associate %s with %s", a.attachment, a.table)
	return nil, r.until(ctx, what, func(ctx context.Context) (string, error) { return a.associate(ctx, r) })
}

// associate does the next step towards the association with a's route table.
func (a tgwAssociation) associate(ctx context.Context, r *run) (string, error) {
	att, err := describeAttachment(ctx, r.here(), a.attachment)
	if err != nil {
		return "", err
	}
	if lost(att.State) {
		return "", fmt.Errorf("the attachment cannot be associated, got state %q; replace the attachment", att.State)
	}
	if att.State != types.TransitGatewayAttachmentStateAvailable {
		return fmt.Sprintf("attachment is %s", att.State), nil
	}
	table, state := association(att)
	switch {
	case state == types.TransitGatewayAssociationStateDisassociated:
		r.touched.Store(true)
		_, err := r.here().AssociateTransitGatewayRouteTable(ctx, &ec2.AssociateTransitGatewayRouteTableInput{
			TransitGatewayAttachmentId: &a.attachment, TransitGatewayRouteTableId: &a.table,
		})
		return "associating with " + a.table, err
	case state == types.TransitGatewayAssociationStateAssociated && table == a.table:
		return done, nil
	case state == types.TransitGatewayAssociationStateAssociated:
		r.touched.Store(true)
		return "disassociating from " + table, a.disassociate(ctx, r, table)
	default:
		return fmt.Sprintf("%s, %s", state, table), nil
	}
}

// remove ends the association with a's route table only: another table is another resource's doing.
func (a tgwAssociation) remove(ctx context.Context, r *run) error {
	what := fmt.Sprintf("disassociate %s from %s", a.attachment, a.table)
	return r.until(ctx, what, func(ctx context.Context) (string, error) {
		att, err := describeAttachment(ctx, r.here(), a.attachment)
		if errors.Is(err, errGone) || isNotFound(err) {
			return done, nil
		}
		if err != nil {
			return "", err
		}
		table, state := association(att)
		switch {
		case lost(att.State) || table != a.table || state == types.TransitGatewayAssociationStateDisassociated:
			return done, nil
		case att.State != types.TransitGatewayAttachmentStateAvailable:
			return fmt.Sprintf("attachment is %s", att.State), nil
		case state == types.TransitGatewayAssociationStateAssociated:
			return "disassociating", a.disassociate(ctx, r, table)
		default:
			return string(state), nil
		}
	})
}

// disassociate asks for the end of an association. If somebody else was faster, EC2 does not find it, and until looks
// again.
func (a tgwAssociation) disassociate(ctx context.Context, r *run, table string) error {
	_, err := r.here().DisassociateTransitGatewayRouteTable(ctx, &ec2.DisassociateTransitGatewayRouteTableInput{
		TransitGatewayAttachmentId: &a.attachment, TransitGatewayRouteTableId: &table,
	})
	return err
}

func describeAttachment(ctx context.Context, api ec2API, id string) (types.TransitGatewayAttachment, error) {
	out, err := api.DescribeTransitGatewayAttachments(ctx, &ec2.DescribeTransitGatewayAttachmentsInput{
		TransitGatewayAttachmentIds: []string{id},
	})
	if err != nil {
		return types.TransitGatewayAttachment{}, err
	}
	if len(out.TransitGatewayAttachments) != 1 {
		return types.TransitGatewayAttachment{}, errGone
	}
	return out.TransitGatewayAttachments[0], nil
}

// association is an attachment's route table and how far it is; no association at all is "disassociated" from "".
func association(att types.TransitGatewayAttachment) (table string, state types.TransitGatewayAssociationState) {
	if att.Association == nil || att.Association.TransitGatewayRouteTableId == nil {
		return "", types.TransitGatewayAssociationStateDisassociated
	}
	return aws.ToString(att.Association.TransitGatewayRouteTableId), att.Association.State
}

// lost reports whether an attachment has failed or is on its way out: it will never be available.
func lost(s types.TransitGatewayAttachmentState) bool {
	switch s {
	case types.TransitGatewayAttachmentStateFailed, types.TransitGatewayAttachmentStateFailing,
		types.TransitGatewayAttachmentStateRejected, types.TransitGatewayAttachmentStateRejecting,
		types.TransitGatewayAttachmentStateDeleted, types.TransitGatewayAttachmentStateDeleting,
		types.TransitGatewayAttachmentStateRollingBack:
		return true
	}
	return false
}
