package stacks

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

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
		connection, table := b.vpnValues(st, s, c)
		props.Connections, props.RouteTableId = append(props.Connections, connection), table
	}
	if w.Prefixes {
		props.Check, props.Prefixes, props.CheckEvery = check, s.Prefixes, time.Duration(b.plan.Alerts.PrefixCheck)
	}
	sitealarms.New(st.Stack, naming.SiteAlarms(s.Name), props)
}

// separator stands between the values of one output. None of them holds it.
const separator = "|"

// vpnValues returns what alarms need to know of a VPN connection. All of it passes in one output, since a stack has few, which
// is looked up as if it were another Region's: an import would keep CloudFormation from replacing or removing a connection
// until its alarms let go of it, although the alarms come later. The output's name changes with what it is of (docs/adr/0002).
func (b *builder) vpnValues(st *stack, s *topology.Site, c topology.Connection) (out sitealarms.Connection, table *string) {
	site, gateway, place := b.sites[s.Name], b.gateways[s.TransitGateway], b.placeStackOf(s.Place)
	outside := site.TunnelOutsideIps(c.Name)
	values := []*string{site.ConnectionId(c.Name), outside[0], outside[1], site.Attachment(c.Name).TransitGatewayAttachmentId(), gateway.TransitGatewayId()}
	if learning := b.plan.Learning(s); learning != nil {
		values = append(values, gateway.SegmentRouteTableId(learning.Name))
	}
	name := place.output("Vpn"+s.Name+"0"+c.Name, b.plan.ConnectionRevision(s, c), awscdk.Fn_Join(jsii.String(separator), &values))
	read := awscdk.Fn_Split(jsii.String(separator), awscdk.Fn_GetStackOutput(jsii.String(place.plan.Name), jsii.String(name), jsii.String(s.Place.Region), nil), jsii.Number(len(values)))
	get := func(i int) *string { return (*read)[i] }
	out = sitealarms.Connection{Name: c.Name, VpnConnectionId: get(0), TunnelOutsideIps: [2]*string{get(1), get(2)},
		TransitGatewayAttachmentId: get(3), TransitGatewayId: get(4)}
	if len(values) > 5 {
		table = get(5)
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
