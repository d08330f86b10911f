package sitealarms

import (
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// tunnelState is AWS's recipe for TunnelState (AWS agent toolkit, "Monitoring Tunnel State"): VPN writes the metric about every
// five minutes, and when it writes nothing the tunnel is no better than down.
var tunnelState = evaluation{5 * time.Minute, 1, 1, below, 1, "breaching"}

// noTunnel is the recipe for a connection whose tunnels are all down, with "at most 0" instead of "below 1": the User Guide speaks
// of values between 0 and 1 while one tunnel is down, and those must not count as all.
var noTunnel = evaluation{5 * time.Minute, 1, 1, most, 0, "breaching"}

func vpnMetric(c *Connection, name, statistic string, tunnel int) watched {
	m := watched{"AWS/VPN", name, statistic, []any{dimension("VpnId", c.VpnConnectionId)}}
	if tunnel > 0 {
		m.dimensions = append(m.dimensions, dimension("TunnelIpAddress", c.TunnelOutsideIps[tunnel-1]))
	}
	return m
}

// defineState defines the alarms of tunnels that are down: each, any and all.
func (s *SiteAlarms) defineState(c *Connection) {
	const half = "The other tunnel carries everything, so the capacity is half, and another failure cuts the connection."
	const look = "See AWS Health and `pathproof vpn status` whether AWS replaces the tunnel's end; if not, the IKE and BGP logs say what went wrong, then look at the device."
	for tunnel := 1; tunnel <= 2; tunnel++ {
		s.alarm(naming.TunnelDownAlarm(c.Name, tunnel), vpnwatch.Text{
			What:  fmt.Sprintf("Tunnel %d of VPN connection %s to site %s is down, or was within five minutes.", tunnel, c.Name, s.props.Site),
			Means: half, Do: look, Where: vpnwatch.Where{Connection: c.Name, Tunnel: tunnel}},
			vpnMetric(c, "TunnelState", "Minimum", tunnel), tunnelState)
	}
	s.alarm(naming.AnyDownAlarm(c.Name), vpnwatch.Text{
		What:  fmt.Sprintf("VPN connection %s to site %s is not redundant: one of its tunnels is down, or was within five minutes.", c.Name, s.props.Site),
		Means: half, Do: look, Where: vpnwatch.Where{Connection: c.Name}}, vpnMetric(c, "TunnelState", "Minimum", 0), tunnelState)
	down := s.alarm(naming.AllDownAlarm(c.Name), vpnwatch.Text{
		What:  fmt.Sprintf("VPN connection %s to site %s is down: no tunnel was up for five minutes.", c.Name, s.props.Site),
		Means: "Nothing passes this connection. If the site has no other one, it is cut off.",
		Do:    "Look at the device and its Internet line: AWS replaces one tunnel at a time.", Where: vpnwatch.Where{Connection: c.Name}},
		vpnMetric(c, "TunnelState", "Maximum", 0), noTunnel)
	s.down = append(s.down, down.Ref())
}

// ofLog: metric filters write values of a minute, and nothing for a minute without a line that matches.
var ofLog = evaluation{time.Minute, 1, 1, above, 0, "notBreaching"}

// defineBGP defines an alarm of each tunnel's BGP session, from its log.
func (s *SiteAlarms) defineBGP(c *Connection) {
	for tunnel := 1; tunnel <= 2; tunnel++ {
		m := watched{vpnwatch.Namespace, vpnwatch.MetricBGPDown, "Sum", []any{
			dimension(vpnwatch.DimensionTunnel, join(vpnwatch.TunnelOf(*c.VpnConnectionId, *c.TunnelOutsideIps[tunnel-1])))}}
		s.alarm(naming.BGPDownAlarm(c.Name, tunnel), vpnwatch.Text{
			What:  fmt.Sprintf("The BGP session in tunnel %d of VPN connection %s to site %s went down, or tries to come up.", tunnel, c.Name, s.props.Site),
			Means: "Traffic moves to the other tunnel. OK means that no line told of it for a minute: TunnelState says whether the session is up.",
			Do:    "Read the BGP log: a notification names the reason, Hold Timer Expired a path that went silent.",
			Where: vpnwatch.Where{Connection: c.Name, Tunnel: tunnel}}, m, ofLog)
	}
}

// defineIKE defines an alarm of the site's log of IKE.
func (s *SiteAlarms) defineIKE() {
	m := watched{vpnwatch.Namespace, vpnwatch.MetricIKEDown(s.props.Network, s.props.Site), "Sum", nil}
	s.alarm(naming.IKEAlarm, vpnwatch.Text{
		What:  fmt.Sprintf("The activity log of site %s tells of a tunnel whose IKE or IPsec is down, or whose peer is dead.", s.props.Site),
		Means: "That tunnel carries nothing. OK means that no line told of it for a minute: TunnelState says whether the tunnel is up.",
		Do:    "Read the activity log: the name of its stream is the VPN connection and the tunnel's outside address."}, m, ofLog)
}
