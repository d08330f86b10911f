package stacks

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/constructs/alerts"
	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/transitvpn"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// placeStack defines what the networks of a place share: transit gateways with their segments, sites, and the alerts key.
// What others may import is exported at once, whether or not somebody does: a reader that goes away must not change the
// producer, which is deployed before it.
func (b *builder) placeStack(st *stack) {
	at := st.plan.Place
	for _, t := range b.plan.TransitGateways {
		if t.Place == at {
			b.gateway(st, t)
		}
	}
	for _, s := range b.plan.Sites {
		if s.Place == at {
			b.site(st, s)
		}
	}
	b.pkis(st)
	b.clientVPNs(st)
	if b.plan.HasTopic(at) {
		b.keys[at] = alerts.NewKey(st.Stack, naming.Alerts, &alerts.KeyProps{Name: b.plan.Name + "-alerts"})
		st.export(b.keys[at].KeyArn())
	}
	if m := b.plan.Measurement; m != nil && m.Home == at {
		b.reportBucket(st)
	}
}

// networkStack defines a network, attaches it to the transit gateways of its place and routes it there.
func (b *builder) networkStack(st *stack, p *topology.Network) {
	n := b.defineNetwork(st, p)
	b.networks[p.Key] = n
	if !n.Adopted() {
		st.export(n.VpcId())
		for _, s := range p.Subnets {
			if s.Tier != topology.TierAttach {
				st.export(n.SubnetId(s.Tier, s.ZoneID))
			}
			st.export(n.RouteTableId(s.Tier, s.ZoneID))
		}
	}
	for _, g := range p.SecurityGroups {
		st.export(n.SecurityGroupId(g.Key()))
	}
	for _, t := range b.plan.TransitGateways {
		if s, a := t.Segment(topology.TargetNetwork, p.Key); s != nil {
			b.attach(st, p, t, s, a)
		}
	}
	b.waysOf(st, p)
}

func (b *builder) defineNetwork(st *stack, n *topology.Network) *network.Network {
	id := naming.Network(n.Name)
	if n.ID != "" {
		return adoptNetwork(st, id, n, b.lists(st, n))
	}
	props := &network.NetworkProps{Name: n.Name, CIDR: n.CIDR, SecondaryCIDRs: n.Blocks[1:], Egress: network.Egress(n.Egress),
		GatewayEndpoints: n.GatewayEndpoints, SecurityGroups: securityGroups(n), Provider: b.lists(st, n)}
	for _, s := range n.Subnets {
		props.Subnets = append(props.Subnets, subnetProps(n, s))
	}
	if f := n.FlowLogs; f != nil {
		props.FlowLogs = &network.FlowLogsProps{Traffic: strings.ToUpper(string(f.Traffic)), ExpireDays: f.Expire.Days()}
	}
	return network.NewNetwork(st.Stack, id, props)
}

// lists returns what finds the ids of prefix lists; nil if no rule of a network names one.
func (b *builder) lists(st *stack, n *topology.Network) *customresource.Provider {
	for _, g := range n.SecurityGroups {
		for _, r := range g.Ingress {
			if r.PrefixList != "" {
				return b.resources(st)
			}
		}
	}
	return nil
}

func adoptNetwork(st *stack, id string, n *topology.Network, lists *customresource.Provider) *network.Network {
	attrs := &network.NetworkAttributes{Name: n.Name, VpcID: n.ID, CIDRs: n.Blocks, SecurityGroups: securityGroups(n), Provider: lists}
	for _, s := range n.Subnets {
		attrs.Subnets = append(attrs.Subnets, network.SubnetAttributes{SubnetProps: subnetProps(n, s), SubnetID: s.ID, RouteTableID: s.Table})
	}
	return network.FromAttributes(st.Stack, id, attrs)
}

func subnetProps(n *topology.Network, s *topology.Subnet) network.SubnetProps {
	public := s.Tier == topology.TierPublic && n.Egress != config.EgressNone
	return network.SubnetProps{Tier: s.Tier, ZoneID: s.ZoneID, CIDR: s.CIDR, Public: public}
}

func securityGroups(n *topology.Network) []network.SecurityGroupProps {
	var out []network.SecurityGroupProps
	for _, g := range n.SecurityGroups {
		out = append(out, network.SecurityGroupProps{Name: g.Key(), Ingress: rules(g.Ingress), Egress: rules(g.Egress)})
	}
	return out
}

func rules(in []topology.Rule) []network.RuleProps {
	var out []network.RuleProps
	for _, r := range in {
		out = append(out, network.RuleProps{Peer: r.Peer, PrefixList: r.PrefixList, Group: r.Group, Protocol: r.Protocol, FromPort: r.From, ToPort: r.To, Description: r.Description})
	}
	return out
}

// gateway defines a transit gateway and its segments.
func (b *builder) gateway(st *stack, t *topology.TransitGateway) {
	props := &transitvpn.TransitGatewayProps{Name: t.Name, AmazonSideASN: t.ASN, ECMP: t.ECMP, TransitGatewayID: t.ID, Provider: b.resources(st)}
	for _, s := range t.Segments {
		props.Segments = append(props.Segments, transitvpn.SegmentProps{Name: s.Name, RouteTableID: s.ID})
	}
	gateway := transitvpn.NewTransitGateway(st.Stack, naming.TransitGateway(t.Name), props)
	b.gateways[t.Name] = gateway
	props.Provider.AllowTgwAssociations() // for the networks' own stacks
	st.export(props.Provider.FunctionArn())
	if t.ID == "" {
		st.export(gateway.TransitGatewayId())
		for _, s := range t.Segments {
			st.export(gateway.SegmentRouteTableId(s.Name))
		}
	}
}

// attach attaches a network to a transit gateway of its place and routes it there.
func (b *builder) attach(st *stack, p *topology.Network, t *topology.TransitGateway, s *topology.Segment, a *topology.Attachment) {
	n, place := b.networks[p.Key], b.placeStackOf(t.Place)
	gateway := transitvpn.FromAttributes(st.Stack, naming.TransitGateway(t.Name), b.gatewayAttributes(st, place, t))
	attached := gateway.AttachNetwork(&transitvpn.NetworkAttachmentProps{Network: n, SubnetIds: attachSubnets(p, n, a), Segment: s.Name, PropagateTo: a.PropagateTo,
		Routes: poolRoutes(p, t)})
	for _, r := range p.GatewayRoutes() {
		if r.Route.Target.Name == t.Name {
			n.AddRoute(r.Table.Tier, r.Table.ZoneID, r.Route.Destination, network.RouteTarget{TransitGatewayId: gateway.TransitGatewayId()}, attached)
		}
	}
}

// poolRoutes are the routes of segments to people of routed servers in a network.
func poolRoutes(p *topology.Network, t *topology.TransitGateway) []transitvpn.SegmentRoute {
	var out []transitvpn.SegmentRoute
	for _, s := range t.Segments {
		for _, r := range s.Routes {
			if r.Static && r.Target == (topology.Target{Kind: topology.TargetNetwork, Name: p.Key}) {
				out = append(out, transitvpn.SegmentRoute{Segment: s.Name, Destination: r.Destination})
			}
		}
	}
	return out
}

func (b *builder) gatewayAttributes(st, place *stack, t *topology.TransitGateway) *transitvpn.TransitGatewayAttributes {
	value := func(v *string) *string { return b.value(st, place, "", "", v) }
	attrs := &transitvpn.TransitGatewayAttributes{Name: t.Name, TransitGatewayId: value(b.gateways[t.Name].TransitGatewayId()),
		Provider: customresource.ProviderOf(value(place.provider.FunctionArn()))}
	for _, s := range t.Segments {
		attrs.Segments = append(attrs.Segments, transitvpn.SegmentAttributes{Name: s.Name, Key: s.Key(),
			TransitGatewayRouteTableId: value(b.gateways[t.Name].SegmentRouteTableId(s.Name))})
	}
	return attrs
}

// attachSubnets resolves the planned attachment subnets, one per zone.
func attachSubnets(p *topology.Network, n *network.Network, a *topology.Attachment) []*string {
	var ids []*string
	for _, s := range p.Subnets {
		if slices.Contains(a.Subnets, naming.Subnet(s.Tier, s.ZoneID)) {
			ids = append(ids, n.SubnetId(s.Tier, s.ZoneID))
		}
	}
	return ids
}

func (b *builder) site(st *stack, s *topology.Site) {
	segment, _ := b.plan.TransitGateway(s.TransitGateway).Segment(topology.TargetSite, s.Name)
	props := &transitvpn.SiteProps{Name: s.Name, TransitGateway: b.gateways[s.TransitGateway], Segment: segment.Name,
		PropagateTo: b.plan.SegmentsToward(s), StaticRoutes: s.Static, Acceleration: s.Acceleration, TunnelBandwidth: string(s.Bandwidth),
		Tunnel: tunnelProps(s), Provider: b.resources(st),
		Logs: transitvpn.LogsProps{Activity: s.Logs.Activity, BGP: s.Logs.BGP, RetentionDays: s.Logs.Retention.Days()}}
	if s.Static {
		props.Prefixes = s.Prefixes
	}
	if a := b.plan.Alerts; a != nil && a.Sites {
		props.Logs.Metrics = b.plan.Name
	}
	for _, g := range s.Gateways {
		props.Gateways = append(props.Gateways, transitvpn.GatewayProps{Name: g.Name, IP: g.IP, ASN: g.ASN, CustomerGatewayID: g.ID})
	}
	for _, c := range s.Connections {
		props.Connections = append(props.Connections, transitvpn.ConnectionProps{Name: c.Name, Gateway: c.Gateway,
			Inside: [2]netip.Prefix{c.Inside[0], c.Inside[1]}})
	}
	b.sites[s.Name] = transitvpn.NewSite(st.Stack, naming.Site(s.Name), props)
}

func tunnelProps(s *topology.Site) transitvpn.TunnelProps {
	o := s.Tunnel
	return transitvpn.TunnelProps{
		DPDTimeoutAction: string(o.DPDAction), DPDTimeout: time.Duration(o.DPDTimeout), StartupAction: string(o.Startup),
		IKEVersions:                names(o.IKEVersions),
		Phase1EncryptionAlgorithms: names(o.Phase1Encryption), Phase2EncryptionAlgorithms: names(o.Phase2Encryption),
		Phase1IntegrityAlgorithms: names(o.Phase1Integrity), Phase2IntegrityAlgorithms: names(o.Phase2Integrity),
		Phase1DHGroupNumbers: o.Phase1DHGroups, Phase2DHGroupNumbers: o.Phase2DHGroups,
		Phase1Lifetime: time.Duration(o.Phase1Lifetime), Phase2Lifetime: time.Duration(o.Phase2Lifetime),
		RekeyMarginTime: time.Duration(o.RekeyMargin), RekeyFuzzPercentage: &o.RekeyFuzz, ReplayWindowSize: o.ReplayWindow,
		LifecycleControl: s.Lifecycle,
	}
}

func names[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}
