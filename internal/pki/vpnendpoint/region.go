package vpnendpoint

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// API is all of EC2 that a Region calls.
type API interface {
	ListAPI
	ConnectionAPI
	DescribeClientVpnEndpoints(context.Context, *ec2.DescribeClientVpnEndpointsInput, ...func(*ec2.Options)) (*ec2.DescribeClientVpnEndpointsOutput, error)
}

// Region is the endpoints of one Region.
type Region struct{ API API }

// In reaches the endpoints of a Region.
func In(cfg aws.Config, region string) Region {
	return Region{ec2.NewFromConfig(cfg, func(o *ec2.Options) { o.Region = region })}
}

// Remote is how an endpoint is reached: its name without the label that clients put before it, its port and its protocol.
func (r Region) Remote(ctx context.Context, endpoint string) (pki.Remote, error) {
	out, err := r.API.DescribeClientVpnEndpoints(ctx, &ec2.DescribeClientVpnEndpointsInput{ClientVpnEndpointIds: []string{endpoint}})
	if err != nil {
		return pki.Remote{}, awsstore.Explain(err, "ec2:DescribeClientVpnEndpoints", endpoint)
	}
	if len(out.ClientVpnEndpoints) != 1 || aws.ToString(out.ClientVpnEndpoints[0].DnsName) == "" {
		return pki.Remote{}, fmt.Errorf("%s: EC2 tells no name of it; look at it in the console, then deploy again", endpoint)
	}
	e := out.ClientVpnEndpoints[0]
	return pki.Remote{Host: strings.TrimPrefix(*e.DnsName, "*."), Port: int(aws.ToInt32(e.VpnPort)), Protocol: pki.Protocol(e.TransportProtocol)}, nil
}

// Bring is the function Bring.
func (r Region) Bring(ctx context.Context, p *registry.PKI, endpoint string) (bool, error) {
	return Bring(ctx, r.API, p, endpoint)
}

// End is the function End.
func (r Region) End(ctx context.Context, endpoint, user string) (int, error) {
	return End(ctx, r.API, endpoint, user)
}
