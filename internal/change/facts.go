package change

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// A fact is one thing that a plan says about the network, as a network person would say it: what it is about and how it is.
// Two plans differ where their facts do.
type fact struct {
	section section
	subject string
	value   string
}

// section is the heading under which a difference is shown. They are shown in this order.
type section int

const (
	networks section = iota
	addresses
	attachments
	routes
	segmentRoutes
	vpn
	peerings
	ways
	services
	names
	securityGroups
	paths
	measurements
	capacity
	billed
	settings
)

var titles = [...]string{"networks", "addresses", "attachments", "routes of networks", "routes of segments", "VPN", "peerings", "ways in", "zonal services", "DNS",
	"security groups", "paths", "measurement", "capacity", "billed by AWS", "settings"}

func (s section) String() string { return titles[s] }

// facts lists everything that a plan says, in no particular order. Only what a written plan holds is used.
type facts []fact

func (f *facts) add(s section, subject, format string, args ...any) {
	*f = append(*f, fact{s, subject, fmt.Sprintf(format, args...)})
}

func factsOf(p *topology.Plan, renamed []renaming) facts {
	var f facts
	for _, n := range p.Networks {
		f.network(n)
	}
	for _, t := range p.TransitGateways {
		f.gateway(t)
	}
	for _, s := range p.Sites {
		f.site(s)
	}
	for _, x := range p.Peerings {
		f.peering(x)
	}
	f.ways(p)
	for _, z := range p.HostedZones {
		f.hostedZone(z)
	}
	for _, x := range p.Paths {
		f.path(x)
	}
	for _, b := range p.Billed {
		f.add(billed, b.Item, "%d", b.Count)
	}
	f.measurement(p.Measurement)
	f.settings(p)
	f.regions(p, renamed)
	return f
}

func (f *facts) network(n *topology.Network) {
	details := []string{n.CIDR.String(), "egress " + string(n.Egress), n.Place.String()}
	if n.ID != "" {
		details = append(details, "adopted "+n.ID)
	}
	if len(n.GatewayEndpoints) > 0 {
		details = append(details, "gateway endpoints "+strings.Join(n.GatewayEndpoints, ", "))
	}
	if l := n.FlowLogs; l != nil {
		details = append(details, fmt.Sprintf("flow logs %s kept %s", l.Traffic, l.Expire))
	}
	f.add(networks, n.Key, "%s", strings.Join(details, ", "))
	for _, b := range n.Blocks[1:] {
		f.add(addresses, n.Key+" block "+b.String(), "secondary")
	}
	for _, s := range n.Subnets {
		f.add(addresses, n.Key+" "+s.Tier+" "+s.ZoneID, "%s%s", s.CIDR, adopted(s.ID))
	}
	f.routes(n)
	for _, g := range n.SecurityGroups {
		f.group(n, g)
	}
}

// routes adds one fact for each destination and target: a route that all workload subnets have is one thing to people.
func (f *facts) routes(n *topology.Network) {
	type way struct {
		destination netip.Prefix
		target      topology.Target
	}
	tables, used := map[way][]string{}, 0
	for _, t := range n.RouteTables {
		any := false
		for _, r := range t.Routes {
			if r.Target.Kind != topology.TargetLocal {
				w := way{r.Destination, r.Target}
				tables[w], any = append(tables[w], t.Key), true
			}
		}
		if any {
			used++
		}
	}
	for w, keys := range tables {
		in := ""
		if len(keys) < used {
			slices.Sort(keys)
			in = " in " + strings.Join(keys, ", ")
		}
		f.add(routes, fmt.Sprintf("%s to %s%s", n.Key, w.destination, in), "%s", w.target)
	}
}

func adopted(id string) string {
	if id == "" {
		return ""
	}
	return " (adopted " + id + ")"
}

func (f *facts) group(n *topology.Network, g *topology.SecurityGroup) {
	name := n.Key
	switch {
	case g.Of != "":
		name = g.Of
	case g.Host != "":
		name = "host/" + g.Host
	}
	for _, r := range g.Ingress {
		f.add(securityGroups, fmt.Sprintf("%s in from %s", name, rule(r)), "open")
	}
	for _, r := range g.Egress {
		f.add(securityGroups, fmt.Sprintf("%s out to %s", name, rule(r)), "open")
	}
}

func rule(r topology.Rule) string {
	peer := r.PrefixList + r.Group
	if r.Peer.IsValid() {
		peer = r.Peer.String()
	}
	if r.Protocol == "icmp" {
		return fmt.Sprintf("%s icmp %d/%d", peer, r.From, r.To)
	}
	return fmt.Sprintf("%s %s %s", peer, r.Protocol, config.PortRange{First: config.Port(r.From), Last: config.Port(r.To)})
}

func (f *facts) gateway(t *topology.TransitGateway) {
	f.add(networks, "transit gateway "+t.Name, "ASN %d, ECMP %t, %s%s", t.ASN, t.ECMP, t.Place, adopted(t.ID))
	for _, p := range t.CIDRBlocks {
		f.add(addresses, "transit gateway "+t.Name+" block "+p.String(), "its own")
	}
	for _, s := range t.Segments {
		f.add(attachments, "segment "+t.Name+"/"+s.Name, "reaches %s%s", list(s.Reaches), adopted(s.ID))
		for _, a := range s.Attachments {
			f.add(attachments, topology.Target{Kind: a.Kind, Name: a.Name}.String()+" at "+t.Name, "segment %s, seen from %s%s", s.Name, list(a.PropagateTo), subnets(a))
		}
		for _, r := range s.Routes {
			f.add(segmentRoutes, t.Name+"/"+s.Name+" to "+r.Destination.String(), "%s", r.Target)
		}
	}
}

func subnets(a *topology.Attachment) string {
	if len(a.Subnets) == 0 {
		return ""
	}
	return ", in subnets " + strings.Join(a.Subnets, ", ")
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

func (f *facts) site(s *topology.Site) {
	prefixes := make([]string, len(s.Prefixes))
	for i, p := range s.Prefixes {
		prefixes[i] = p.String()
	}
	routing := "BGP"
	if s.Static {
		routing = "static routes"
	}
	f.add(vpn, "site "+s.Name, "%s, to %s by %s", strings.Join(prefixes, ", "), s.TransitGateway, routing)
	for _, g := range s.Gateways {
		f.add(vpn, "gateway "+s.Name+"/"+g.Name, "%s, ASN %d%s", g.IP, g.ASN, adopted(g.ID))
	}
	for _, c := range s.Connections {
		f.add(vpn, "connection "+s.Name+"/"+c.Name, "to %s, inside %s and %s", c.Gateway, c.Inside[0], c.Inside[1])
	}
	f.add(vpn, s.Name+" tunnelBandwidth", "%s", s.Bandwidth)
	f.add(vpn, s.Name+" acceleration", "%t", s.Acceleration)
	f.add(vpn, s.Name+" lifecycleControl", "%t", s.Lifecycle)
	f.options(s.Name+" tunnel.", s.Tunnel)
	f.options(s.Name+" logs.", s.Logs)
	if z := s.Sizing; z != nil {
		f.add(capacity, s.Name+" with all tunnels", "%s", z.Normal)
		f.add(capacity, s.Name+" with one tunnel down", "%s", z.OneTunnelDown)
		f.add(capacity, s.Name+" asked", "%s, %s with one tunnel down", z.AskedNormal, z.AskedDown)
	}
	if o := s.Failover; o != nil {
		f.add(capacity, s.Name+" failover", "at most %s, target %s", o.Worst, o.Target)
	}
}

// options adds one fact for each field of a struct of the configuration, by its name in the file.
func (f *facts) options(prefix string, of any) {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		f.add(vpn, prefix+v.Type().Field(i).Tag.Get("yaml"), "%v", v.Field(i).Interface())
	}
}

func (f *facts) peering(x *topology.Peering) {
	dns := map[[2]bool]string{{false, false}: "off", {true, true}: "both ways", {true, false}: "of " + x.Requester.Name,
		{false, true}: "of " + x.Accepter.Name}[[2]bool{x.Requester.DNS, x.Accepter.DNS}]
	value := fmt.Sprintf("%s (%s) and %s (%s), mode %s", x.Requester.Name, x.Requester.Place, x.Accepter.Name, x.Accepter.Place, x.Mode)
	if x.Mode == config.ModeVPC {
		value += ", private DNS " + dns
	}
	f.add(peerings, x.Name, "%s", value)
}

func (f *facts) hostedZone(z *topology.HostedZone) {
	f.add(names, "zone "+z.Domain, "in %s, resolved by %s%s", z.Place, list(z.Networks), adopted(z.ID))
	for _, r := range z.Records {
		name := r.Name
		if r.Alias && r.ZoneID != "" {
			name += " in " + r.ZoneID
		}
		f.add(names, name, "%s", r.Value())
	}
}

func (f *facts) path(x *topology.Path) {
	state := "proven"
	if !x.Proven {
		state = "NOT proven"
	}
	var hops []string
	for _, h := range x.Forward {
		hops = append(hops, topology.Target{Kind: h.Kind, Name: h.Name}.String())
	}
	value := fmt.Sprintf("%s to %s TCP %d, %s %s", x.From, x.To, x.Port, x.Expect, state)
	if len(hops) > 0 {
		value += ": " + strings.Join(hops, " > ")
	}
	f.add(paths, x.Name, "%s", value)
	if x.SLO != "" {
		f.add(measurements, "objective of "+x.Name, "%s", x.SLO)
	}
	if x.Vantage != "" {
		f.add(measurements, "vantage of "+x.Name, "%s", x.VantageNote)
	}
}

func (f *facts) measurement(m *topology.Measurement) {
	if m == nil {
		return
	}
	every := "after each deployment and on demand"
	if m.Every > 0 {
		every += ", and every " + m.Every.String()
	}
	f.add(measurements, "gate", "in %s, %s", m.Home, every)
	f.add(measurements, "probes", "%d of each path, every %s, timeout %s, after up to %s of waiting, functions of %d MiB", m.Count, m.Interval, m.Timeout, m.Ready, m.Memory)
	f.add(measurements, "reports", "kept %d days", m.ReportDays)
	f.add(measurements, "pipeline", "%s on failure, %s when inconclusive", m.Pipeline, m.Inconclusive)
	for _, v := range m.Vantages {
		f.add(measurements, "function in "+v.Key, "%s", v.Function)
	}
	for _, c := range m.Comparisons {
		f.add(measurements, "comparison of "+strings.Join(c.Paths, ", "), "%s, margin %s", c.Phase, c.Margin)
	}
}

func (f *facts) settings(p *topology.Plan) {
	f.add(settings, "protect", "%t", p.Protect)
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		f.add(settings, "tag "+key, "%s", p.Tags[key])
	}
	for _, at := range p.Places() {
		if at.Account != "" && !slices.Contains(*f, fact{settings, "account " + at.Account, at.AccountID}) {
			f.add(settings, "account "+at.Account, "%s", at.AccountID)
		}
	}
	if p.Alerts != nil {
		f.alerts(p.Alerts)
	}
}

func (f *facts) alerts(a *topology.Alerts) {
	told := "nobody"
	switch {
	case a.Slack != nil:
		told = "Slack channel " + a.Slack.ChannelID + " of workspace " + a.Slack.WorkspaceID
	case a.Webhook != "":
		told = "webhook of secret " + a.Webhook
	}
	f.add(settings, "alerts", "in %s", a.Place)
	f.add(settings, "alerts to", "%s", told)
	if a.Sites {
		f.add(settings, "alarms of sites", "prefixes checked every %s", a.PrefixCheck)
	}
}
