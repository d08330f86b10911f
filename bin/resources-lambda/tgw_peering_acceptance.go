package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tgwPeeringAcceptance accepts a transit gateway peering between two Regions, for which CloudFormation has no type,
// and waits until both Regions call it available. It stands in the stacks of both sides, so that each side's routes
// can wait for it; whichever runs first accepts.
type tgwPeeringAcceptance struct {
	attachment, accepter string
}

func parseTGWPeeringAcceptance(p *properties) resource {
	return tgwPeeringAcceptance{
		attachment: p.id("TransitGatewayAttachmentId", "tgw-attach-"),
		accepter:   p.region("AccepterRegion"),
	}
}

func (a tgwPeeringAcceptance) physicalID() string { return a.attachment + "/acceptance" }

// remove has nothing to undo: the stack that holds the peering attachment deletes it.
func (a tgwPeeringAcceptance) remove(context.Context, *run) error { return nil }

func (a tgwPeeringAcceptance) apply(ctx context.Context, r *run) (map[string]string, error) {
	what := fmt.Sprintf("transit gateway peering %s", a.attachment)
	data := map[string]string{"TransitGatewayAttachmentId": a.attachment}
	return data, r.until(ctx, what, func(ctx context.Context) (string, error) {
		state, err := a.accept(ctx, r)
		if err != nil || state != done || a.accepter == r.region {
			return state, err
		}
		att, err := a.look(ctx, r, r.region)
		if err != nil || att.State == types.TransitGatewayAttachmentStateAvailable {
			return done, err
		}
		return fmt.Sprintf("%s in %s", att.State, r.region), nil
	})
}

// accept does the next step in the accepter's Region.
func (a tgwPeeringAcceptance) accept(ctx context.Context, r *run) (string, error) {
	att, err := a.look(ctx, r, a.accepter)
	if err != nil {
		return "", err
	}
	switch att.State {
	case types.TransitGatewayAttachmentStateAvailable:
		return done, nil
	case types.TransitGatewayAttachmentStatePendingAcceptance:
		r.touched.Store(true)
		_, err := r.in(a.accepter).AcceptTransitGatewayPeeringAttachment(ctx, &ec2.AcceptTransitGatewayPeeringAttachmentInput{
			TransitGatewayAttachmentId: &a.attachment,
		})
		// IncorrectState: the other side's stack was faster, or news travel. until looks again.
		return "accepting in " + a.accepter, err
	}
	return fmt.Sprintf("%s in %s", att.State, a.accepter), nil
}

// look describes the attachment as one Region sees it. A state without a way to available is an error.
func (a tgwPeeringAcceptance) look(ctx context.Context, r *run, region string) (types.TransitGatewayPeeringAttachment, error) {
	var none types.TransitGatewayPeeringAttachment
	out, err := r.in(region).DescribeTransitGatewayPeeringAttachments(ctx, &ec2.DescribeTransitGatewayPeeringAttachmentsInput{
		TransitGatewayAttachmentIds: []string{a.attachment},
	})
	if err != nil {
		return none, fmt.Errorf("in %s: %w", region, err)
	}
	if len(out.TransitGatewayPeeringAttachments) != 1 {
		return none, fmt.Errorf("in %s: %w", region, errGone)
	}
	att := out.TransitGatewayPeeringAttachments[0]
	if lost(att.State) {
		reason := ""
		if s := att.Status; s != nil && (s.Code != nil || s.Message != nil) {
			reason = fmt.Sprintf(" (%s: %s)", aws.ToString(s.Code), aws.ToString(s.Message))
		}
		return none, fmt.Errorf("in %s: the peering cannot become available, got state %q%s; replace the peering attachment", region, att.State, reason)
	}
	return att, nil
}
