package topology

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/naming"
)

// alerts plans the topic of a place, who is told, and what watches the place's sites.
func (pl *planner) alerts(at Place) {
	if !pl.plan.HasTopic(at) {
		return
	}
	name := pl.plan.alertsName(at)
	key := resourceRef(pl.plan.StackName(LayerNetwork, at), naming.Alerts, naming.Resource)
	pl.add("AWS::SNS::Topic", name+"/topic", nil, naming.Alerts, naming.Resource).use(attribute(key, "Arn"))
	if pl.plan.Alerts.Webhook != "" {
		pl.add("AWS::SQS::Queue", name+"/webhook/queue", nil, naming.Webhook, naming.Queue)
		pl.add("AWS::SNS::Subscription", name+"/webhook", props{"Protocol": "lambda", "TopicArn": pl.ref(naming.Alerts, naming.Resource),
			"Endpoint": attribute(pl.ref(naming.Webhook, naming.Function), "Arn")}, naming.Webhook, naming.Subscription)
	}
	if topics := pl.plan.SlackTopics(at); len(topics) > 0 {
		r := pl.add("AWS::Chatbot::SlackChannelConfiguration", name+"/slack", props{"ConfigurationName": naming.SlackConfiguration(pl.plan.Name),
			"SlackWorkspaceId": pl.plan.Alerts.Slack.WorkspaceID}, naming.Slack, naming.Resource)
		for _, other := range topics {
			if other != at {
				r.use(resourceRef(pl.plan.StackName(LayerOps, other), naming.Alerts, naming.Resource))
			}
		}
	}
	sites := pl.plan.WatchedSites(at)
	if len(sites) > 0 {
		pl.add("AWS::Events::Rule", name+"/health", nil, naming.VPNHealth, naming.Resource)
	}
	for _, s := range sites {
		pl.siteAlarms(s)
	}
}

// alertsName is how a place's topic and what serves it begin: alerts at home, alerts/REGION elsewhere.
func (p *Plan) alertsName(at Place) string {
	switch {
	case at == p.Alerts.Place:
		return "alerts"
	case at.Account == "":
		return "alerts/" + at.Region
	}
	return "alerts/" + at.Account + "/" + at.Region
}

// siteAlarms plans what watches a site. All of it looks up what the site's stack says of its VPN connections when it is
// deployed: nothing there has to wait until an alarm lets go of it.
func (pl *planner) siteAlarms(s *Site) {
	id, name, w := naming.SiteAlarms(s.Name), "site/"+s.Name, pl.plan.Watch(s)
	alarm := func(of, alarm string, reads ...string) {
		pl.add("AWS::CloudWatch::Alarm", of+"/alarm/"+alarm, nil, id, alarm).reads(reads...)
	}
	var connections, shown []string
	for _, c := range s.Connections {
		v, of := pl.vpnValues(s, c), name+"/vpnConnection/"+c.Name
		connections, shown = append(connections, v.id), append(shown, v.id, v.outside[0], v.outside[1], v.attachment, v.gateway)
		for tunnel := 1; tunnel <= 2; tunnel++ {
			alarm(of, naming.TunnelDownAlarm(c.Name, tunnel), v.id, v.outside[tunnel-1])
			alarm(of, naming.TunnelTrafficAlarm(c.Name, tunnel), v.id, v.outside[tunnel-1])
			if w.BGP {
				alarm(of, naming.BGPDownAlarm(c.Name, tunnel), v.id, v.outside[tunnel-1])
			}
		}
		alarm(of, naming.AnyDownAlarm(c.Name), v.id)
		alarm(of, naming.AllDownAlarm(c.Name), v.id)
		if w.Headroom > 0 {
			alarm(of, naming.HeadroomAlarm(c.Name), v.id)
		}
		if w.Packets > 0 {
			alarm(of, naming.PacketsAlarm(c.Name), v.gateway, v.attachment)
		}
	}
	if w.AllDown {
		pl.add("AWS::CloudWatch::CompositeAlarm", name+"/alarm/"+naming.SiteDownAlarm, nil, id, naming.SiteDownAlarm)
	}
	if w.IKE {
		alarm(name, naming.IKEAlarm)
	}
	if w.Prefixes {
		alarm(name, naming.UnexpectedAlarm)
		alarm(name, naming.MissingAlarm)
		pl.add("AWS::Events::Rule", name+"/prefixCheck", nil, id, naming.PrefixCheck).reads(append(connections, pl.segmentRef(s.gateway, pl.plan.Learning(s)))...)
	}
	pl.add("AWS::CloudWatch::Dashboard", name+"/dashboard", props{"DashboardName": naming.SiteDashboardName(pl.plan.Name, s.Name)},
		id, naming.Dashboard).reads(shown...)
}

// vpnValues are references to what a site's stack knows of a VPN connection.
type vpnValues struct {
	id, attachment, gateway string
	outside                 [2]string
}

func (pl *planner) vpnValues(s *Site, c Connection) vpnValues {
	stack, id, ns := pl.plan.StackName(LayerNetwork, s.Place), naming.Site(s.Name), naming.Connection(c.Name)
	facts := resourceRef(stack, id, ns, naming.VPNFacts, naming.Resource)
	return vpnValues{resourceRef(stack, id, ns, naming.Resource), attribute(facts, "TransitGatewayAttachmentId"), pl.gatewayRef(s.gateway),
		[2]string{attribute(facts, "Tunnel1OutsideIp"), attribute(facts, "Tunnel2OutsideIp")}}
}

// reads notes values that a resource looks up. An adopted id is plain text.
func (r *Resource) reads(refs ...string) {
	for _, ref := range refs {
		if strings.HasPrefix(ref, "{") {
			r.Reads = append(r.Reads, strings.Trim(ref, "{}"))
		}
	}
	slices.Sort(r.Reads)
	r.Reads = slices.Compact(r.Reads)
}

// Learning is the first of the segments that learn what a site announces; nil if none does.
func (p *Plan) Learning(s *Site) *Segment {
	toward := p.SegmentsToward(s)
	if len(toward) == 0 {
		return nil
	}
	return find(p.TransitGateway(s.TransitGateway).Segments, func(x *Segment) bool { return x.Name == toward[0] })
}

// logFilters plans the metrics that are made of a site's logs.
func (pl *planner) logFilters(s *Site) {
	if pl.plan.Alerts == nil || !pl.plan.Alerts.Sites {
		return
	}
	id, name, w := naming.Site(s.Name), "site/"+s.Name, pl.plan.Watch(s)
	if w.BGP {
		pl.add("AWS::Logs::MetricFilter", name+"/logs/bgp", props{"LogGroupName": pl.ref(id, naming.BGPLog)}, id, naming.BGPDownFilter)
	}
	if w.IKE {
		pl.add("AWS::Logs::MetricFilter", name+"/logs/activity", props{"LogGroupName": pl.ref(id, naming.ActivityLog)}, id, naming.IKEDownFilter)
	}
}
