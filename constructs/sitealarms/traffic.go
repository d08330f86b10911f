package sitealarms

import (
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// Traffic above a limit for ten of fifteen minutes, packets for three of five: VPN writes about every five minutes, a transit
// gateway every minute. No data is no traffic.
func trafficAbove(limit int64) evaluation {
	return evaluation{5 * time.Minute, 3, 2, above, float64(limit), "notBreaching"}
}

func packetsAbove(limit int64) evaluation {
	return evaluation{time.Minute, 5, 3, above, float64(limit), "notBreaching"}
}

// defineTraffic defines the alarms of what tunnels and connections carry. Limits are AWS's for each direction, so the larger
// one counts.
func (s *SiteAlarms) defineTraffic(c *Connection) {
	bits := func(larger string) string { return larger + " * 8 / PERIOD(received)" }
	for tunnel := 1; tunnel <= 2; tunnel++ {
		s.alarmOfLarger(naming.TunnelTrafficAlarm(c.Name, tunnel), vpnwatch.Text{
			What:  fmt.Sprintf("Tunnel %d of VPN connection %s to site %s carries more than %s on average.", tunnel, c.Name, s.props.Site, rate(s.props.TunnelBps)),
			Means: "Bursts are dropped already: the mean of five minutes is close to what one tunnel can carry.",
			Do:    "See the dashboard whether flows are spread over both tunnels; if so, add a VPN connection or use large tunnels.",
			Where: vpnwatch.Where{Connection: c.Name, Tunnel: tunnel}},
			vpnMetric(c, "TunnelDataIn", "Sum", tunnel), vpnMetric(c, "TunnelDataOut", "Sum", tunnel), bits, trafficAbove(s.props.TunnelBps))
	}
	if s.props.HeadroomBps > 0 {
		s.alarmOfLarger(naming.HeadroomAlarm(c.Name), vpnwatch.Text{
			What:  fmt.Sprintf("VPN connection %s to site %s carries more than %s on average.", c.Name, s.props.Site, rate(s.props.HeadroomBps)),
			Means: "All is well while every tunnel is up. When one fails, or AWS replaces it, what is left is too small for this.",
			Do:    "Add a VPN connection or use large tunnels before the next maintenance.", Where: vpnwatch.Where{Connection: c.Name}},
			vpnMetric(c, "TunnelDataIn", "Sum", 0), vpnMetric(c, "TunnelDataOut", "Sum", 0), bits, trafficAbove(s.props.HeadroomBps))
	}
	if s.props.PacketRate > 0 {
		of := func(name string) watched {
			return watched{"AWS/TransitGateway", name, "Sum", []any{dimension("TransitGateway", c.TransitGatewayId),
				dimension("TransitGatewayAttachment", c.TransitGatewayAttachmentId)}}
		}
		s.alarmOfLarger(naming.PacketsAlarm(c.Name), vpnwatch.Text{
			What:  fmt.Sprintf("VPN connection %s to site %s carries more than %d packets a second on average.", c.Name, s.props.Site, s.props.PacketRate),
			Means: "A tunnel drops packets above its packet rate, whatever its bandwidth; while one tunnel is down, these are too many.",
			Do:    "Add a VPN connection, or find out what sends so many small packets.", Where: vpnwatch.Where{Connection: c.Name}},
			of("PacketsIn"), of("PacketsOut"), func(larger string) string { return larger + " / PERIOD(received)" }, packetsAbove(s.props.PacketRate))
	}
}

// rate writes bits a second as people read them.
func rate(bps int64) string {
	switch {
	case bps >= 1e9:
		return fmt.Sprintf("%.4gGbps", float64(bps)/1e9)
	case bps >= 1e6:
		return fmt.Sprintf("%.4gMbps", float64(bps)/1e6)
	}
	return fmt.Sprintf("%dbps", bps)
}
