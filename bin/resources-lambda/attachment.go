package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// attachment is the attachment of a resource to a transit gateway, which AWS makes by itself. After a move EC2 lists the
// attachment to the old transit gateway for a while longer, and the new one appears late.
func (r *run) attachment(ctx context.Context, kind types.TransitGatewayAttachmentResourceType, resource, gateway string) (id, state string, err error) {
	out, err := r.here().DescribeTransitGatewayAttachments(ctx, &ec2.DescribeTransitGatewayAttachmentsInput{
		Filters: []types.Filter{
			{Name: aws.String("resource-type"), Values: []string{string(kind)}},
			{Name: aws.String("resource-id"), Values: []string{resource}},
			{Name: aws.String("transit-gateway-id"), Values: []string{gateway}},
		},
	})
	if err != nil {
		return "", "", err
	}
	var alive []string
	for _, a := range out.TransitGatewayAttachments {
		if !lost(a.State) {
			alive = append(alive, aws.ToString(a.TransitGatewayAttachmentId))
		}
	}
	switch len(alive) {
	case 0: // EC2 says that it is on this transit gateway, so there will be one
		return "", fmt.Sprintf("no attachment to %s yet", gateway), nil
	case 1:
		return alive[0], done, nil
	default:
		return "", fmt.Sprintf("more than one attachment: %q", alive), nil
	}
}
