package sitealarms

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

const (
	rowHeight = 6
	half      = 12 // of 24 columns
)

func (s *SiteAlarms) defineDashboard() {
	body, err := json.Marshal(map[string]any{"widgets": s.widgets(*awscdk.Stack_Of(s).Region())})
	if err != nil {
		panic(fmt.Errorf("%s: dashboard: %w", *s.Node().Path(), err))
	}
	awscloudwatch.NewCfnDashboard(s, jsii.String(naming.Dashboard), &awscloudwatch.CfnDashboardProps{
		DashboardName: &s.props.DashboardName, DashboardBody: jsii.String(string(body))})
}

// board places widgets two in a row.
type board struct {
	region  string
	widgets []cdkx.Widget
}

type line struct {
	Label string `json:"label"`
	Value int64  `json:"value"`
	Color string `json:"color"`
}

func (b *board) graph(title, unit string, period int, metrics []any, limits ...line) {
	properties := map[string]any{"title": title, "region": b.region, "view": "timeSeries", "stacked": false, "period": period, "metrics": metrics,
		"yAxis": map[string]any{"left": map[string]any{"min": 0, "label": unit, "showUnits": false}}}
	if len(limits) > 0 {
		properties["annotations"] = map[string]any{"horizontal": limits}
	}
	n := len(b.widgets)
	b.widgets = append(b.widgets, cdkx.Widget{Type: "metric", X: n % 2 * half, Y: n / 2 * rowHeight, Width: half, Height: rowHeight, Properties: properties})
}

// widgets are two for the site, then four for each connection, and two for the paths that are measured over the VPN.
func (s *SiteAlarms) widgets(region string) []cdkx.Widget {
	b, p := &board{region: region}, &s.props
	var events, state []any
	for _, c := range p.Connections {
		for i, ip := range c.TunnelOutsideIps {
			label := fmt.Sprintf("%s tunnel %d", c.Name, i+1)
			state = append(state, []any{"AWS/VPN", "TunnelState", "VpnId", *c.VpnConnectionId, "TunnelIpAddress", *ip, with(label, "Minimum")})
			if p.BGPLog {
				events = append(events, []any{vpnwatch.Namespace, vpnwatch.MetricBGPDown, vpnwatch.DimensionTunnel, vpnwatch.TunnelOf(*c.VpnConnectionId, *ip), with("BGP down, "+label, "Sum")})
			}
		}
	}
	if p.IKELog {
		events = append(events, []any{vpnwatch.Namespace, vpnwatch.MetricIKEDown(p.Network, p.Site), with("IKE down", "Sum")})
	}
	b.graph("Tunnels (1: up)", "", 300, state)
	if len(events) > 0 {
		b.graph("Log lines that tell of a tunnel that is not up", "", 60, events)
	}
	if p.Check != nil {
		prefixes := func(metric, label string) []any {
			return []any{vpnwatch.Namespace, metric, vpnwatch.DimensionNetwork, p.Network, vpnwatch.DimensionSite, p.Site, with(label, "Maximum")}
		}
		b.graph("Prefixes against the contract", "", 300, []any{prefixes(vpnwatch.MetricUnexpected, "unexpected"), prefixes(vpnwatch.MetricMissing, "missing")})
	}
	for i := range p.Connections {
		s.traffic(b, &p.Connections[i])
	}
	s.probed(b)
	return b.widgets
}

func with(label, statistic string) map[string]any {
	return map[string]any{"label": label, "stat": statistic}
}

const red = "#d62728"

// traffic shows what a connection carries beside the limits of its alarms.
func (s *SiteAlarms) traffic(b *board, c *Connection) {
	var bits []any
	for i, ip := range c.TunnelOutsideIps {
		for _, d := range []struct{ metric, way string }{{"TunnelDataIn", "in"}, {"TunnelDataOut", "out"}} {
			id := fmt.Sprintf("%s%d", d.way, i+1)
			hidden := map[string]any{"id": id, "stat": "Sum", "visible": false}
			bits = append(bits, []any{"AWS/VPN", d.metric, "VpnId", *c.VpnConnectionId, "TunnelIpAddress", *ip, hidden},
				[]any{map[string]any{"id": "r" + id, "label": fmt.Sprintf("tunnel %d %s", i+1, d.way), "expression": fmt.Sprintf("%s * 8 / PERIOD(%s)", id, id)}})
		}
	}
	limits := []line{{"alarm of one tunnel", s.props.TunnelBps, red}}
	if s.props.HeadroomBps > 0 {
		limits = append(limits, line{"alarm of the connection", s.props.HeadroomBps, "#ff7f0e"})
	}
	b.graph(c.Name+": bits a second", "bit/s", 300, bits, limits...)
	var packets []any
	for _, d := range []struct{ metric, way string }{{"PacketsIn", "from"}, {"PacketsOut", "to"}} {
		packets = append(packets, []any{"AWS/TransitGateway", d.metric, "TransitGateway", *c.TransitGatewayId, "TransitGatewayAttachment", *c.TransitGatewayAttachmentId,
			map[string]any{"id": d.way, "stat": "Sum", "visible": false}},
			[]any{map[string]any{"id": "r" + d.way, "label": d.way + " the site", "expression": fmt.Sprintf("%s / PERIOD(%s)", d.way, d.way)}})
	}
	limits = nil
	if s.props.PacketRate > 0 {
		limits = []line{{"alarm", s.props.PacketRate, red}}
	}
	b.graph(c.Name+": packets a second", "packets/s", 60, packets, limits...)
}

// probed shows what the gate measures over the VPN. Its metrics are in the gate's Region.
func (s *SiteAlarms) probed(b *board) {
	var times, lost []any
	for _, p := range s.props.Probed {
		metric := func(m gate.Metric, statistic string) []any {
			list := []any{gate.Namespace, string(m)}
			for _, d := range p.Dimensions {
				list = append(list, d.Name, d.Value)
			}
			return append(list, map[string]any{"stat": statistic, "label": p.Name + " " + statistic, "region": p.Region})
		}
		times = append(times, metric(gate.MetricConnect, "p50"), metric(gate.MetricConnect, "p90"))
		lost = append(lost, metric(gate.MetricFail, "Maximum"))
	}
	if len(times) > 0 {
		b.graph("Measured paths: connect", "us", 60, times)
		b.graph("Measured paths: lost probes", "%", 60, lost)
	}
}
