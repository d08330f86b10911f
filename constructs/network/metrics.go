package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// NatGatewayId returns the id of the NAT gateway that a zone's private subnets use. It panics without NAT.
func (n *Network) NatGatewayId(zoneID string) *string {
	id := n.natFor(zoneID)
	if id == nil {
		n.fail("no NAT gateway, got zone %s; set Egress to nat-single or nat-per-zone", zoneID)
	}
	return id
}

// MetricNat returns a metric of a zone's NAT gateway (namespace AWS/NATGateway), for example PacketsDropCount.
//
// Default: sum over 5 minutes.
func (n *Network) MetricNat(zoneID, name string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return cdkx.Metric("AWS/NATGateway", name, "Sum", map[string]*string{"NatGatewayId": n.NatGatewayId(zoneID)}, opts)
}

// MetricNatErrorPortAllocation counts connections that a zone's NAT gateway refused because it had no source port left.
//
// Default: sum over 5 minutes.
func (n *Network) MetricNatErrorPortAllocation(zoneID string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return n.MetricNat(zoneID, "ErrorPortAllocation", opts)
}

// MetricNatBytesOutToDestination counts bytes that a zone's NAT gateway sent to the Internet.
//
// Default: sum over 5 minutes.
func (n *Network) MetricNatBytesOutToDestination(zoneID string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return n.MetricNat(zoneID, "BytesOutToDestination", opts)
}
