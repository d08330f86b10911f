package transitvpn

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// Metric returns a metric of the whole transit gateway (namespace AWS/TransitGateway), for example BytesIn, PacketsOut or
// PacketDropCountBlackhole.
//
// Default: sum over 5 minutes.
func (t *TransitGateway) Metric(name string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return cdkx.Metric("AWS/TransitGateway", name, "Sum", map[string]*string{"TransitGateway": t.id}, opts)
}

// MetricPacketDropCountNoRoute counts packets dropped because no route matched.
//
// Default: sum over 5 minutes.
func (t *TransitGateway) MetricPacketDropCountNoRoute(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return t.Metric("PacketDropCountNoRoute", opts)
}

// MetricPacketDropCountBlackhole counts packets dropped by a blackhole route.
//
// Default: sum over 5 minutes.
func (t *TransitGateway) MetricPacketDropCountBlackhole(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return t.Metric("PacketDropCountBlackhole", opts)
}

// MetricAttachment returns a metric of one attachment (namespace AWS/TransitGateway): BytesIn, BytesOut, PacketsIn,
// PacketsOut and the drop counts.
//
// Default: sum over 5 minutes.
func (t *TransitGateway) MetricAttachment(attachmentId *string, name string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return cdkx.Metric("AWS/TransitGateway", name, "Sum",
		map[string]*string{"TransitGateway": t.id, "TransitGatewayAttachment": attachmentId}, opts)
}

// MetricTunnelState is the state of a VPN connection's tunnels: 1 up, 0 down; with BGP, up means that the session is
// established. The minimum below 1 says that a tunnel is down, the maximum below 1 that both are. Alarms on it treat
// missing data as breaching.
//
// Default: minimum over 5 minutes.
func (s *Site) MetricTunnelState(connection string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return s.metric(connection, "TunnelState", "Minimum", opts)
}

// MetricTunnelStateOf is the state of one tunnel, 1 or 2. It panics for another number.
//
// Default: minimum over 5 minutes.
func (s *Site) MetricTunnelStateOf(connection string, tunnel int, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if tunnel < 1 || tunnel > 2 {
		s.fail("no such tunnel, got %d; use 1 or 2", tunnel)
	}
	return cdkx.Metric("AWS/VPN", "TunnelState", "Minimum", map[string]*string{
		"VpnId": s.ConnectionId(connection), "TunnelIpAddress": s.TunnelOutsideIps(connection)[tunnel-1]}, opts)
}

// MetricTunnelDataIn counts bytes received on AWS's side of a VPN connection. Bytes also move while a tunnel is down, so
// they are no sign of life.
//
// Default: sum over 5 minutes.
func (s *Site) MetricTunnelDataIn(connection string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return s.metric(connection, "TunnelDataIn", "Sum", opts)
}

// MetricTunnelDataOut counts bytes sent from AWS's side of a VPN connection. Bytes also move while a tunnel is down.
//
// Default: sum over 5 minutes.
func (s *Site) MetricTunnelDataOut(connection string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return s.metric(connection, "TunnelDataOut", "Sum", opts)
}

func (s *Site) metric(connection, name, statistic string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return cdkx.Metric("AWS/VPN", name, statistic, map[string]*string{"VpnId": s.ConnectionId(connection)}, opts)
}
