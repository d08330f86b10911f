package stacks

import (
	"slices"
	"time"

	"github.com/pathproof/pathproof/constructs/alerts"
	"github.com/pathproof/pathproof/constructs/sitealarms"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// alerts defines the topic of a place, who is told, and what watches the place's sites. It returns the topic's ARN, nil without
// one.
func (b *builder) alerts(st *stack) *string {
	at, a := st.plan.Place, b.plan.Alerts
	if !b.plan.HasTopic(at) {
		return nil
	}
	topic := alerts.NewTopic(st.Stack, naming.Alerts, &alerts.TopicProps{Name: b.plan.Name + "-alerts",
		KeyArn: b.value(st, b.placeStackOf(at), "", "", b.keys[at].KeyArn())}).TopicArn()
	b.topics[at] = topic
	if a.Webhook != "" {
		alerts.NewWebhook(st.Stack, naming.Webhook, &alerts.WebhookProps{Code: b.opts.WebhookLambda, TopicArn: topic, Secret: a.Webhook, Region: a.Place.Region})
	}
	b.slack(st)
	sites := b.plan.WatchedSites(at)
	if len(sites) > 0 {
		alerts.NewHealthRule(st.Stack, naming.VPNHealth, &alerts.HealthRuleProps{Network: b.plan.Name, TopicArn: topic})
	}
	var check *sitealarms.PrefixCheck
	for _, s := range sites {
		if check == nil && b.plan.Watch(s).Prefixes {
			check = sitealarms.NewPrefixCheck(st.Stack, naming.PrefixCheck, &sitealarms.PrefixCheckProps{Code: b.opts.ResourcesLambda})
		}
		b.siteAlarms(st, s, topic, check)
	}
	return topic
}

// slack configures the Slack channel, in the one place of an account that has it.
func (b *builder) slack(st *stack) {
	places := b.plan.SlackTopics(st.plan.Place)
	if len(places) == 0 {
		return
	}
	var topics []*string
	for _, at := range places {
		producer := b.stacks[b.plan.StackName(topology.LayerOps, at)]
		topics = append(topics, b.value(st, producer, "AlertsTopic", "", b.topics[at]))
	}
	alerts.NewSlackChannel(st.Stack, naming.Slack, &alerts.SlackChannelProps{Name: naming.SlackConfiguration(b.plan.Name),
		WorkspaceID: b.plan.Alerts.Slack.WorkspaceID, ChannelID: b.plan.Alerts.Slack.ChannelID, TopicArns: topics})
}

func (b *builder) siteAlarms(st *stack, s *topology.Site, topic *string, check *sitealarms.PrefixCheck) {
	w := b.plan.Watch(s)
	props := &sitealarms.Props{Network: b.plan.Name, Site: s.Name, TopicArn: topic, BGPLog: w.BGP, IKELog: w.IKE,
		TunnelBps: w.Tunnel, HeadroomBps: w.Headroom, PacketRate: w.Packets, DashboardName: naming.SiteDashboardName(b.plan.Name, s.Name), Probed: b.probed(s)}
	for _, c := range s.Connections {
		connection, table := b.vpnValues(s, c)
		props.Connections, props.RouteTableId = append(props.Connections, connection), table
	}
	if w.Prefixes {
		props.Check, props.Prefixes, props.CheckEvery = check, s.Prefixes, time.Duration(b.plan.Alerts.PrefixCheck)
	}
	sitealarms.New(st.Stack, naming.SiteAlarms(s.Name), props)
}

// vpnValues returns what alarms need to know of a VPN connection, and the route table that learns from its site. They are
// looked up, each in an output of its own, as if they were another Region's: an import would keep CloudFormation from
// replacing or removing a connection until its alarms let go of it, although the alarms come later. Outputs change their
// names with what they are of (docs/adr/0002). Joined into one they would be fewer, but what splits them is not known to take them.
func (b *builder) vpnValues(s *topology.Site, c topology.Connection) (out sitealarms.Connection, table *string) {
	site, gateway, place := b.sites[s.Name], b.gateways[s.TransitGateway], b.placeStackOf(s.Place)
	revision, outside := b.plan.ConnectionRevision(s, c), site.TunnelOutsideIps(c.Name)
	of := func(what string, v *string) *string { return place.looked("Vpn"+what+s.Name+"0"+c.Name, revision, v) }
	out = sitealarms.Connection{Name: c.Name, VpnConnectionId: of("Id", site.ConnectionId(c.Name)),
		TunnelOutsideIps:           [2]*string{of("Tunnel1", outside[0]), of("Tunnel2", outside[1])},
		TransitGatewayAttachmentId: of("Attachment", site.Attachment(c.Name).TransitGatewayAttachmentId())}
	t := b.plan.TransitGateway(s.TransitGateway)
	out.TransitGatewayId = place.looked(gatewayOutput+t.Name, t.Revision(), gateway.TransitGatewayId())
	if learning := b.plan.Learning(s); learning != nil {
		table = place.looked("Segment"+t.Name+"0"+learning.Name, t.Revision(), gateway.SegmentRouteTableId(learning.Name))
	}
	return out, table
}

// probed lists the paths that the gate measures over a site's VPN.
func (b *builder) probed(s *topology.Site) []sitealarms.Probed {
	if b.plan.Measurement == nil {
		return nil
	}
	config := b.gateConfig()
	var out []sitealarms.Probed
	for _, p := range b.plan.Paths {
		if p.At == "" || !crosses(p, s) {
			continue
		}
		if measured := config.Path(p.Name); measured != nil {
			out = append(out, sitealarms.Probed{Name: p.Name, Region: b.plan.Measurement.Home.Region, Dimensions: config.Dimensions(measured)})
		}
	}
	return out
}

func crosses(p *topology.Path, s *topology.Site) bool {
	return slices.ContainsFunc(slices.Concat(p.Forward, p.Return), func(h topology.Hop) bool {
		return h.Kind == topology.TargetSite && h.Name == s.Name
	})
}
