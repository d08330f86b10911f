package topology

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// Alerts is where alarms go.
type Alerts struct {
	Place Place `json:"place"` // home: of the gate's alarms
	// Slack or Webhook says who is told; neither: whoever subscribes.
	Slack   *Slack `json:"slack,omitempty"`
	Webhook string `json:"webhook,omitempty"` // name or ARN of the secret with the address
	// Sites says that every site has alarms and a dashboard.
	Sites       bool            `json:"sites,omitempty"`
	PrefixCheck config.Duration `json:"prefixCheck,omitempty"`
}

// Slack is a channel of a workspace.
type Slack struct {
	WorkspaceID string `json:"workspaceId"`
	ChannelID   string `json:"channelId"`
}

func (b *builder) alerts() {
	c := b.f.Alerts
	if c == nil {
		return
	}
	if r := b.region("alerts.home", c.Home); r != nil {
		b.plan.Alerts = &Alerts{Place: r.Place, Sites: c.Sites}
		if c.Sites {
			b.plan.Alerts.PrefixCheck = c.PrefixCheck
		}
	}
	switch {
	case c.Slack != nil && c.Webhook != nil:
		b.addf(problem.Conflict, "alerts.webhook", "slack and webhook exclude each other: everybody would be told twice; keep one")
	case c.Slack == nil && c.Webhook == nil:
		b.addf(problem.AlertsUnheard, "alerts", "nobody is told of alarms; add slack or webhook, or subscribe to the topics yourself")
	}
	if every := time.Duration(c.PrefixCheck); every < time.Minute || every > time.Hour || every%time.Minute != 0 {
		b.addf(problem.BadValue, "alerts.prefixCheck", "not in whole minutes from 1m to 1h, got %s; EventBridge counts minutes", c.PrefixCheck)
	}
	if b.plan.Alerts == nil {
		return
	}
	if c.Slack != nil {
		b.plan.Alerts.Slack = &Slack{string(c.Slack.WorkspaceID), string(c.Slack.ChannelID)}
	}
	if c.Webhook != nil {
		b.plan.Alerts.Webhook = string(c.Webhook.Secret)
	}
}

// prefixChecks refuses contracts that do not fit into the event that asks for them.
func (b *builder) prefixChecks() {
	const ids = 200 // of a route table, and for each connection
	for _, s := range b.plan.Sites {
		if !b.plan.Watch(s).Prefixes {
			continue
		}
		text, err := json.Marshal(vpnwatch.Check{Network: b.plan.Name, Site: s.Name, Prefixes: s.Prefixes})
		if err != nil {
			panic(err) // texts only
		}
		if n := len(text) + ids + 30*len(s.Connections); n > vpnwatch.MaxEvent {
			b.addf(problem.StackLimit, fmt.Sprintf("sites[%s].prefixes", s.Name), "too many prefixes to check them, got %d, which take %d characters of the %d that an event of EventBridge has; have the site announce fewer, larger ones, or set sites: false in alerts",
				len(s.Prefixes), n, vpnwatch.MaxEvent)
		}
	}
}

// HasTopic reports whether a place has an SNS topic for alarms: the home of alerts, and places with sites, servers, proxies,
// zonal services or the metrics of accelerators. An alarm reaches topics of its own Region and account only.
func (p *Plan) HasTopic(at Place) bool {
	return p.Alerts != nil && (p.Alerts.Place == at || len(p.WatchedSites(at)) > 0 || p.hasMachines(at) ||
		slices.ContainsFunc(p.Accelerators, func(a *Accelerator) bool { return a.Place == at }))
}

// hasMachines reports whether OpenVPN servers, edge proxies, Client VPN endpoints with a certificate that is renewed or zonal services
// with alarms stand in a place.
func (p *Plan) hasMachines(at Place) bool {
	return slices.ContainsFunc(p.OpenVPNs, func(s *OpenVPN) bool { return s.Place == at }) ||
		slices.ContainsFunc(p.EdgeProxies, func(e *EdgeProxy) bool { return e.Place == at }) ||
		slices.ContainsFunc(p.ClientVPNs, func(v *ClientVPN) bool { return v.Place == at && v.PKI != "" }) ||
		slices.ContainsFunc(p.ZonalServices, func(z *ZonalService) bool { return z.Place == at && z.operated() })
}

// WatchedSites lists the sites of a place that have alarms and a dashboard.
func (p *Plan) WatchedSites(at Place) []*Site {
	var out []*Site
	for _, s := range p.Sites {
		if p.Alerts != nil && p.Alerts.Sites && s.Place == at {
			out = append(out, s)
		}
	}
	return out
}

// SlackTopics lists the places whose topics a Slack channel is configured for in a place; none if the configuration is
// elsewhere. A channel is configured once in an account: at home or, in an account that is not home's, in the last place.
func (p *Plan) SlackTopics(at Place) []Place {
	if p.Alerts == nil || p.Alerts.Slack == nil {
		return nil
	}
	var topics []Place
	for _, other := range p.Places() {
		if other.Account == at.Account && p.HasTopic(other) {
			topics = append(topics, other)
		}
	}
	switch {
	case len(topics) == 0:
	case p.Alerts.Place.Account == at.Account && p.Alerts.Place != at, p.Alerts.Place.Account != at.Account && topics[len(topics)-1] != at:
		return nil
	}
	return topics
}

// Watch is what an alarm of a site asks, and which alarms it has. Limits are those above which an alarm goes off.
type Watch struct {
	Tunnel   int64 // bits a second of one tunnel, in each direction
	Headroom int64 // bits a second of one VPN connection, in each direction; 0: one tunnel carries everything anyway
	Packets  int64 // packets a second of one VPN connection, in each direction; 0: AWS documents no limit
	BGP      bool  // alarms from the log of BGP
	IKE      bool  // an alarm from the log of IKE
	AllDown  bool  // an alarm of all VPN connections together
	Prefixes bool  // a check of what the site announces
}

// watchPercent is the share of a limit above which an alarm goes off. Figures are means of minutes, and what comes in bursts is
// dropped below a mean at the limit.
const watchPercent = 80

// Watch returns the alarms of a site. A connection's share of what is left while one tunnel is down is the site's by the
// number of connections: ECMP spreads flows evenly.
func (p *Plan) Watch(s *Site) Watch {
	w := Watch{BGP: s.Logs.BGP && !s.Static, IKE: s.Logs.Activity, AllDown: len(s.Connections) > 1}
	if p.Alerts == nil || !p.Alerts.Sites {
		return Watch{}
	}
	w.Prefixes = !s.Static && len(p.SegmentsToward(s)) > 0
	z, connections := s.Sizing, int64(max(len(s.Connections), 1))
	w.Tunnel = int64(z.PerTunnel) * watchPercent / 100
	left := int64(1)
	if z.Usable > 1 {
		left = int64(z.Usable - 1)
		w.Headroom = int64(z.OneTunnelDown) * watchPercent / 100 / connections
	}
	if _, pps := tunnelLimits(s); pps > 0 {
		w.Packets = pps * left * watchPercent / 100 / connections
	}
	return w
}

// Topics lists the places that have a topic.
func (p *Plan) Topics() []Place {
	return slices.DeleteFunc(p.Places(), func(at Place) bool { return !p.HasTopic(at) })
}
