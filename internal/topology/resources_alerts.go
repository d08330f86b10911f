package topology

import (
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

// siteAlarms plans what watches a site. All of it reads what the site's stack says of its VPN connections when it is
// deployed: nothing there has to wait until an alarm lets go of it.
func (pl *planner) siteAlarms(s *Site) {
	id, name, w := naming.SiteAlarms(s.Name), "site/"+s.Name, pl.plan.Watch(s)
	alarm := func(of, alarm string, reads ...string) *Resource {
		r := pl.add("AWS::CloudWatch::Alarm", of+"/alarm/"+alarm, nil, id, alarm)
		r.Reads = reads
		return r
	}
	var all []string
	for _, c := range s.Connections {
		facts, of := pl.vpnValues(s, c), name+"/vpnConnection/"+c.Name
		all = append(all, facts...)
		for tunnel := 1; tunnel <= 2; tunnel++ {
			alarm(of, naming.TunnelDownAlarm(c.Name, tunnel), facts...)
			alarm(of, naming.TunnelTrafficAlarm(c.Name, tunnel), facts...)
			if w.BGP {
				alarm(of, naming.BGPDownAlarm(c.Name, tunnel), facts...)
			}
		}
		alarm(of, naming.AnyDownAlarm(c.Name), facts...)
		alarm(of, naming.AllDownAlarm(c.Name), facts...)
		if w.Headroom > 0 {
			alarm(of, naming.HeadroomAlarm(c.Name), facts...)
		}
		if w.Packets > 0 {
			alarm(of, naming.PacketsAlarm(c.Name), facts...)
		}
	}
	all = distinct(all...)
	if w.AllDown {
		pl.add("AWS::CloudWatch::CompositeAlarm", name+"/alarm/"+naming.SiteDownAlarm, nil, id, naming.SiteDownAlarm)
	}
	if w.IKE {
		alarm(name, naming.IKEAlarm)
	}
	if w.Prefixes {
		alarm(name, naming.UnexpectedAlarm)
		alarm(name, naming.MissingAlarm)
		pl.add("AWS::Events::Rule", name+"/prefixCheck", nil, id, naming.PrefixCheck).Reads = all
	}
	pl.add("AWS::CloudWatch::Dashboard", name+"/dashboard", props{"DashboardName": naming.SiteDashboardName(pl.plan.Name, s.Name)},
		id, naming.Dashboard).Reads = all
}

// vpnValues are what the site's stack tells about a VPN connection, in one output.
func (pl *planner) vpnValues(s *Site, c Connection) []string {
	stack, id, ns := pl.plan.StackName(LayerNetwork, s.Place), naming.Site(s.Name), naming.Connection(c.Name)
	connection, facts := resourceRef(stack, id, ns, naming.Resource), resourceRef(stack, id, ns, naming.VPNFacts, naming.Resource)
	values := []string{connection, attribute(facts, "Tunnel1OutsideIp"), attribute(facts, "Tunnel2OutsideIp"), attribute(facts, "TransitGatewayAttachmentId")}
	if t := s.gateway; t.ID == "" {
		values = append(values, pl.gatewayRef(t))
	}
	if segment := pl.plan.Learning(s); segment != nil && segment.ID == "" {
		values = append(values, pl.segmentRef(s.gateway, segment))
	}
	for i, v := range values {
		values[i] = v[1 : len(v)-1]
	}
	return distinct(values...)
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
