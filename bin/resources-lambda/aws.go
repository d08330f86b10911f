package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// ec2API is all of EC2 that this program uses; the function's IAM policies allow exactly these calls.
type ec2API interface {
	DescribeVpnConnections(context.Context, *ec2.DescribeVpnConnectionsInput, ...func(*ec2.Options)) (*ec2.DescribeVpnConnectionsOutput, error)
	DescribeTransitGatewayAttachments(context.Context, *ec2.DescribeTransitGatewayAttachmentsInput, ...func(*ec2.Options)) (*ec2.DescribeTransitGatewayAttachmentsOutput, error)
	AssociateTransitGatewayRouteTable(context.Context, *ec2.AssociateTransitGatewayRouteTableInput, ...func(*ec2.Options)) (*ec2.AssociateTransitGatewayRouteTableOutput, error)
	DisassociateTransitGatewayRouteTable(context.Context, *ec2.DisassociateTransitGatewayRouteTableInput, ...func(*ec2.Options)) (*ec2.DisassociateTransitGatewayRouteTableOutput, error)
	DescribeTransitGatewayPeeringAttachments(context.Context, *ec2.DescribeTransitGatewayPeeringAttachmentsInput, ...func(*ec2.Options)) (*ec2.DescribeTransitGatewayPeeringAttachmentsOutput, error)
	AcceptTransitGatewayPeeringAttachment(context.Context, *ec2.AcceptTransitGatewayPeeringAttachmentInput, ...func(*ec2.Options)) (*ec2.AcceptTransitGatewayPeeringAttachmentOutput, error)
	DescribeVpcPeeringConnections(context.Context, *ec2.DescribeVpcPeeringConnectionsInput, ...func(*ec2.Options)) (*ec2.DescribeVpcPeeringConnectionsOutput, error)
	DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error)
	DescribeManagedPrefixLists(context.Context, *ec2.DescribeManagedPrefixListsInput, ...func(*ec2.Options)) (*ec2.DescribeManagedPrefixListsOutput, error)
	ImportClientVpnClientCertificateRevocationList(context.Context, *ec2.ImportClientVpnClientCertificateRevocationListInput, ...func(*ec2.Options)) (*ec2.ImportClientVpnClientCertificateRevocationListOutput, error)
	ModifyVpcPeeringConnectionOptions(context.Context, *ec2.ModifyVpcPeeringConnectionOptionsInput, ...func(*ec2.Options)) (*ec2.ModifyVpcPeeringConnectionOptionsOutput, error)
}

// cloud is EC2, and where PKIs are kept, in every Region.
type cloud struct {
	region string // the function's own
	in     func(region string) ec2API
	cfg    aws.Config
	vault  func(authority) (*vault, error) // a test's; nil: AWS's
	routes func() routesAPI                // of the function's own Region
}

// here is EC2 in the function's own Region.
func (c *cloud) here() ec2API { return c.in(c.region) }

// connect sets up the SDK.
func connect(ctx context.Context) (*cloud, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryer(newRetryer))
	if err != nil {
		return nil, err
	}
	return &cloud{region: cfg.Region, cfg: cfg, in: func(region string) ec2API {
		return ec2.NewFromConfig(cfg, func(o *ec2.Options) { o.Region = region })
	}, routes: func() routesAPI { return ec2.NewFromConfig(cfg) }}, nil
}

// newRetryer lets the SDK smooth over a short stumble of one call. Longer trouble is up to until, which looks again
// before it repeats a change; the SDK's own budget for retries would turn a throttling storm into an error instead.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 4
		o.MaxBackoff = 5 * time.Second
		o.RateLimiter = ratelimit.None
	})
}
