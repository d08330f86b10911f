package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// planner collects the resources of one stack. A test compares what it says with the synthesized templates, so that a
// plan cannot drift from what is deployed.
type planner struct {
	plan *Plan
	list []*Resource
}

func planResources(p *Plan, s *Stack) []*Resource {
	pl := &planner{plan: p}
	switch s.Layer {
	case LayerNetwork:
		pl.marker()
		pl.networkStack(s.Place)
	case LayerPeer:
		x := p.Peering(s.Peering)
		typ := "AWS::EC2::VPCPeeringConnection"
		if x.Mode == config.ModeTransitGateway {
			typ = "AWS::EC2::TransitGatewayPeeringAttachment"
		}
		pl.add(typ, naming.Peering(x.Name), naming.Resource)
	case LayerRoutes:
		pl.marker()
		pl.routesStack(s.Place)
	case LayerOps:
		pl.marker()
		if a := p.Alerts; a != nil && a.Place == s.Place {
			pl.add("AWS::SNS::Topic", naming.Alerts, naming.Resource)
		}
	}
	return pl.list
}

func (pl *planner) add(typ string, path ...string) *Resource {
	r := &Resource{LogicalID: naming.LogicalID(path...), Type: typ}
	pl.list = append(pl.list, r)
	return r
}

func (pl *planner) slot(slot, typ string, path ...string) { pl.add(typ, path...).Slot = slot }

func (pl *planner) marker() { pl.add("AWS::SSM::Parameter", naming.Marker) }

func (pl *planner) networkStack(at Place) {
	for _, n := range pl.plan.Networks {
		if n.Place == at {
			pl.network(n)
		}
	}
	for _, t := range pl.plan.TransitGateways {
		if t.Place == at {
			pl.gateway(t)
		}
	}
	for _, s := range pl.plan.Sites {
		if s.Place == at {
			pl.site(s)
		}
	}
	if a := pl.plan.Alerts; a != nil && a.Place == at {
		pl.add("AWS::KMS::Key", naming.Alerts, naming.Resource)
	}
}

func (pl *planner) network(n *Network) {
	id := naming.Network(n.Name)
	if n.ID == "" {
		pl.vpc(n, id)
	}
	for _, t := range n.RouteTables {
		for _, r := range t.Routes {
			switch r.Target.Kind {
			case TargetInternetGateway, TargetNATGateway, TargetTransitGateway:
				pl.slot(routeSlot(n, t, r), "AWS::EC2::Route", id, t.Key, naming.Route(r.Destination))
			}
		}
	}
	for _, g := range n.SecurityGroups {
		gid := naming.SecurityGroup
		if g.Host != "" {
			gid = naming.HostSecurityGroup(g.Host)
		}
		pl.add("AWS::EC2::SecurityGroup", id, gid)
	}
}

func routeSlot(n *Network, t *RouteTable, r *Route) string {
	return fmt.Sprintf("route %s in %s %s", r.Destination, n.Key, t.Key)
}

func (pl *planner) vpc(n *Network, id string) {
	pl.add("AWS::EC2::VPC", id, naming.Resource)
	for _, block := range n.Blocks[1:] {
		pl.slot(fmt.Sprintf("block %s of %s", block, n.Key), "AWS::EC2::VPCCidrBlock", id, naming.SecondaryBlock(block))
	}
	for _, s := range n.Subnets {
		ns := naming.Subnet(s.Tier, s.ZoneID)
		pl.slot(fmt.Sprintf("block %s of %s", s.CIDR, n.Key), "AWS::EC2::Subnet", id, ns, naming.Resource)
		pl.add("AWS::EC2::RouteTable", id, ns, naming.RouteTable)
		pl.slot(fmt.Sprintf("route table of %s %s", n.Key, ns), "AWS::EC2::SubnetRouteTableAssociation", id, ns, naming.RouteTableAssociation)
	}
	if n.hasInternetGateway() {
		pl.add("AWS::EC2::InternetGateway", id, naming.InternetGateway)
		pl.slot("Internet gateway of "+n.Key, "AWS::EC2::VPCGatewayAttachment", id, naming.InternetGatewayAttachment)
	}
	for _, zone := range n.natZones() {
		ns := naming.Subnet(TierPublic, zone)
		pl.add("AWS::EC2::EIP", id, ns, naming.NatAddress)
		pl.add("AWS::EC2::NatGateway", id, ns, naming.NatGateway)
	}
	for _, service := range n.GatewayEndpoints {
		pl.slot("endpoint "+service+" of "+n.Key, "AWS::EC2::VPCEndpoint", id, naming.GatewayEndpoint(service))
	}
	if n.FlowLogs != nil {
		pl.add("AWS::EC2::FlowLog", id, naming.FlowLog)
		pl.add("AWS::S3::Bucket", id, naming.FlowLogBucket, naming.Resource)
	}
}

func (pl *planner) gateway(t *TransitGateway) {
	id := naming.TransitGateway(t.Name)
	if t.ID == "" {
		pl.add("AWS::EC2::TransitGateway", id, naming.Resource)
	}
	for _, s := range t.Segments {
		if s.ID == "" {
			pl.add("AWS::EC2::TransitGatewayRouteTable", id, naming.Segment(s.Name), naming.Resource)
		}
		for _, a := range s.Attachments {
			if a.Kind == TargetNetwork {
				n := pl.plan.Network(a.Name)
				ns := naming.Attachment(string(TargetNetwork), n.Name)
				pl.add("AWS::EC2::TransitGatewayAttachment", id, ns, naming.Resource)
				pl.associate(t, a, id, ns)
			}
		}
		for _, r := range s.Routes {
			if r.Static && r.Target.Kind == TargetSite {
				pl.slot(segmentSlot(t, s, r), "AWS::EC2::TransitGatewayRoute", id, naming.Segment(s.Key()), naming.Route(r.Destination))
			}
		}
	}
}

func segmentSlot(t *TransitGateway, s *Segment, r *Route) string {
	return fmt.Sprintf("route %s in %s/%s", r.Destination, t.Name, s.Key())
}

// associate plans what ties an attachment to route tables: one association, and a propagation per segment that learns
// its routes.
func (pl *planner) associate(t *TransitGateway, a *Attachment, path ...string) {
	pl.slot(fmt.Sprintf("association of %s at %s", strings.Join(path, "/"), t.Name), "Custom::PathproofTgwAssociation",
		append(slices.Clone(path), naming.Association, naming.Resource)...)
	for _, s := range t.Segments {
		if slices.Contains(a.PropagateTo, s.Name) {
			pl.slot(fmt.Sprintf("propagation of %s into %s/%s", strings.Join(path, "/"), t.Name, s.Key()), "AWS::EC2::TransitGatewayRouteTablePropagation",
				append(slices.Clone(path), naming.Propagation(s.Key()))...)
		}
	}
}

func (pl *planner) site(s *Site) {
	id := naming.Site(s.Name)
	for _, g := range s.Gateways {
		if g.ID == "" {
			pl.add("AWS::EC2::CustomerGateway", id, naming.Gateway(g.Name))
		}
	}
	_, a := s.gateway.Segment(TargetSite, s.Name)
	for _, c := range s.Connections {
		ns := naming.Connection(c.Name)
		pl.add("AWS::EC2::VPNConnection", id, ns, naming.Resource)
		pl.add("Custom::PathproofVpnFacts", id, ns, naming.VPNFacts, naming.Resource)
		if a != nil {
			pl.associate(s.gateway, a, naming.TransitGateway(s.gateway.Name), naming.Attachment(string(TargetSite), s.Name), ns)
		}
	}
}

func (pl *planner) routesStack(at Place) {
	for _, x := range pl.plan.Peerings {
		for _, e := range x.EndsAt(at) {
			pl.peeringEnd(x, e)
		}
	}
	for _, z := range pl.plan.HostedZones {
		if z.Place != at {
			continue
		}
		id := naming.HostedZone(cmp.Or(z.ID, z.Domain))
		if z.ID == "" {
			pl.slot("private zone "+z.Domain, "AWS::Route53::HostedZone", id, naming.Resource)
		}
		for _, r := range z.Records {
			pl.slot("record "+r.Name, "AWS::Route53::RecordSet", id, naming.Record(r.Host))
		}
	}
}

func (pl *planner) peeringEnd(x *Peering, e *PeeringEnd) {
	id := naming.PeeringSide(x.Name, e == &x.Requester)
	if x.Mode == config.ModeVPC {
		n := pl.plan.Network(e.Name)
		for _, r := range pl.plan.PeeringRoutes(x, e) {
			pl.slot(routeSlot(n, r.Table, r.Route), "AWS::EC2::Route", naming.RoutesOf(n.Name, r.Table.Key), naming.Route(r.Route.Destination))
		}
		if e.DNS {
			pl.add("Custom::PathproofVpcPeeringDns", id, naming.PeeringDNS, naming.Resource)
		}
		return
	}
	t := pl.plan.TransitGateway(e.Name)
	pl.add("Custom::PathproofTgwPeeringAcceptance", id, naming.PeeringAccept, naming.Resource)
	pl.slot(fmt.Sprintf("association of peering/%s at %s", x.Name, t.Name), "Custom::PathproofTgwAssociation", id, naming.Association, naming.Resource)
	for _, r := range pl.plan.SegmentRoutes(x, e) {
		pl.slot(segmentSlot(t, r.Segment, r.Route), "AWS::EC2::TransitGatewayRoute",
			naming.SegmentRoutesOf(t.Name, r.Segment.Key()), naming.Route(r.Route.Destination))
	}
}
