package vpn

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Client calls AWS in one place. It is safe for concurrent use.
type Client struct {
	stacks  cloudformation.ListStackResourcesAPIClient
	ec2     ec2API
	secrets secretsAPI
	assumed string
}

// ec2API is as much of EC2 as this package calls.
type ec2API interface {
	DescribeVpnConnections(context.Context, *ec2.DescribeVpnConnectionsInput, ...func(*ec2.Options)) (*ec2.DescribeVpnConnectionsOutput, error)
	GetVpnTunnelReplacementStatus(context.Context, *ec2.GetVpnTunnelReplacementStatusInput, ...func(*ec2.Options)) (*ec2.GetVpnTunnelReplacementStatusOutput, error)
	GetActiveVpnTunnelStatus(context.Context, *ec2.GetActiveVpnTunnelStatusInput, ...func(*ec2.Options)) (*ec2.GetActiveVpnTunnelStatusOutput, error)
	ReplaceVpnTunnel(context.Context, *ec2.ReplaceVpnTunnelInput, ...func(*ec2.Options)) (*ec2.ReplaceVpnTunnelOutput, error)
	GetVpnConnectionDeviceTypes(context.Context, *ec2.GetVpnConnectionDeviceTypesInput, ...func(*ec2.Options)) (*ec2.GetVpnConnectionDeviceTypesOutput, error)
	GetVpnConnectionDeviceSampleConfiguration(context.Context, *ec2.GetVpnConnectionDeviceSampleConfigurationInput, ...func(*ec2.Options)) (*ec2.GetVpnConnectionDeviceSampleConfigurationOutput, error)
}

// secretsAPI is as much of Secrets Manager as this package calls.
type secretsAPI interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// New calls AWS with the settings of a place (deployed.AWS.Config). assumed is the role that they assume, empty for none: one
// that may only read is named in errors of calls that need more.
func New(cfg aws.Config, assumed string) *Client {
	return &Client{cloudformation.NewFromConfig(cfg), ec2.NewFromConfig(cfg), secretsmanager.NewFromConfig(cfg), assumed}
}
