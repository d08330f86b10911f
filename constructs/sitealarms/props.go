package sitealarms

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
)

// Props configures SiteAlarms.
type Props struct {
	// Network and Site are the names that messages and metrics have. Required.
	Network, Site string
	// TopicArn is the SNS topic that the alarms notify, of the same Region. Required.
	TopicArn *string
	// Connections are the site's VPN connections. Required.
	Connections []Connection
	// BGPLog and IKELog say that metrics are made of the site's logs (transitvpn.LogsProps.Metrics).
	// Default: no alarms from logs.
	BGPLog, IKELog bool
	// TunnelBps is how many bits a second of one tunnel, in one direction, set off an alarm. Required.
	TunnelBps int64
	// HeadroomBps is the same for a VPN connection: more would not fit while one tunnel is down.
	// Default: no such alarm.
	HeadroomBps int64
	// PacketRate is how many packets a second of a VPN connection, in one direction, set off an alarm.
	// Default: no such alarm; AWS documents no limit for large tunnels.
	PacketRate int64
	// Check is the function that compares what the site announces with Prefixes.
	// Default: nobody compares.
	Check *PrefixCheck
	// RouteTableId is the transit gateway route table that learns from the site. Required with Check.
	RouteTableId *string
	// Prefixes are what the site has to announce. Required with Check.
	Prefixes []netip.Prefix
	// CheckEvery is how often, in whole minutes up to an hour.
	// Default: 5 minutes.
	CheckEvery time.Duration
	// Probed are measured paths that cross the VPN, for the dashboard.
	// Default: none.
	Probed []Probed
	// DashboardName is the dashboard's name, which is unique in an account. Required.
	DashboardName string
}

// Connection is one VPN connection.
type Connection struct {
	// Name of the connection. Required.
	Name string
	// VpnConnectionId, TransitGatewayId and TransitGatewayAttachmentId are ids. Required.
	VpnConnectionId, TransitGatewayId, TransitGatewayAttachmentId *string
	// TunnelOutsideIps are AWS's addresses of tunnels 1 and 2. Required.
	TunnelOutsideIps [2]*string
}

// Probed is a path that the gate measures.
type Probed struct {
	Name string
	// Region is where the gate writes its metrics.
	Region     string
	Dimensions []gate.Dimension
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p Props) Validate() error {
	var f cdkx.Fields
	f.RequireText("network", &p.Network)
	f.RequireText("site", &p.Site)
	f.RequireText("topicArn", p.TopicArn)
	f.RequireText("dashboardName", &p.DashboardName)
	if len(p.Connections) == 0 {
		f.Addf("connections", "missing; give at least one")
	}
	for i, c := range p.Connections {
		where := fmt.Sprintf("connections[%d].", i)
		f.RequireText(where+"name", &c.Name)
		f.RequireText(where+"vpnConnectionId", c.VpnConnectionId)
		f.RequireText(where+"transitGatewayId", c.TransitGatewayId)
		f.RequireText(where+"transitGatewayAttachmentId", c.TransitGatewayAttachmentId)
		f.RequireText(where+"tunnelOutsideIps[0]", c.TunnelOutsideIps[0])
		f.RequireText(where+"tunnelOutsideIps[1]", c.TunnelOutsideIps[1])
	}
	if p.TunnelBps < 1 {
		f.Addf("tunnelBps", "out of range, got %d; give bits a second, like 1000000000", p.TunnelBps)
	}
	if p.HeadroomBps < 0 || p.PacketRate < 0 {
		f.Addf("headroomBps", "out of range, got %d and a packet rate of %d; use 0 for no alarm", p.HeadroomBps, p.PacketRate)
	}
	p.validateCheck(&f)
	return f.Err()
}

func (p Props) validateCheck(f *cdkx.Fields) {
	if p.Check == nil {
		return
	}
	f.RequireText("routeTableId", p.RouteTableId)
	if len(p.Prefixes) == 0 {
		f.Addf("prefixes", "missing; give what the site has to announce")
	}
	if e := p.CheckEvery; e < 0 || e%time.Minute != 0 || e > time.Hour {
		f.Addf("checkEvery", "not in whole minutes up to an hour, got %s; EventBridge counts minutes", e)
	}
}

func orEmpty[T any](props *T) *T {
	if props == nil {
		return new(T)
	}
	return props
}
