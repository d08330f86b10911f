package topology

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/naming"
)

// networkStack plans a network's own stack: the VPC with all that is in it, its attachments to transit gateways and its
// routes to them.
func (pl *planner) networkStack(n *Network) {
	id, name := naming.Network(n.Name), "network/"+n.Key
	if n.ID == "" {
		pl.vpc(n, id, name)
	}
	for _, t := range n.RouteTables {
		for _, r := range t.Routes {
			of := name
			switch r.Target.Kind {
			case TargetTransitGateway:
				of += "/attachment/" + r.Target.Name
			case TargetInternetGateway, TargetNATGateway:
			case TargetOpenVPN:
				of = "openvpn/" + r.Target.Name
			default:
				continue
			}
			pl.route(n, t, r, of+"/route/"+t.Key+"/"+r.Destination.String(), id, t.Key, naming.Route(r.Destination))
		}
	}
	for _, g := range n.SecurityGroups {
		gid, title := groupID(g), g.Title(n)
		pl.export("GroupId", "AWS::EC2::SecurityGroup", name+"/securityGroup/"+title, props{"VpcId": pl.vpcRef(n), "GroupDescription": "Security group " + title}, id, gid)
	}
	for _, t := range pl.plan.TransitGateways {
		if s, a := t.Segment(TargetNetwork, n.Key); s != nil {
			pl.attachment(n, t, s, a)
			pl.poolRoutes(n, t)
		}
	}
	pl.waysOf(n)
}

// poolRoutes plans the static routes of segments to routed servers of a network: AWS propagates only its blocks.
func (pl *planner) poolRoutes(n *Network, t *TransitGateway) {
	id, ns := naming.TransitGateway(t.Name), naming.Attachment(string(TargetNetwork), n.Name)
	for _, s := range t.Segments {
		for _, r := range s.Routes {
			if r.Static && r.Target == (Target{TargetNetwork, n.Key}) {
				pl.segmentRoute(t, s, r, "network/"+n.Key, pl.ref(id, ns, naming.Resource), id, ns, naming.Segment(s.Key())+"-"+naming.Route(r.Destination))
			}
		}
	}
}

// Title names a security group in its description.
func (g *SecurityGroup) Title(n *Network) string {
	if key := g.Key(); key != "" {
		return n.Name + "-" + strings.ReplaceAll(key, "/", "-")
	}
	return n.Name
}

// route plans a route of a VPC route table, in the network's own stack or in a routes stack.
func (pl *planner) route(n *Network, t *RouteTable, r *Route, name string, path ...string) *Resource {
	planned := pl.add("AWS::EC2::Route", name, props{"RouteTableId": pl.tableRef(n, t), "DestinationCidrBlock": r.Destination.String()}, path...)
	if gateway := pl.plan.TransitGateway(r.Target.Name); r.Target.Kind == TargetTransitGateway && gateway.ID == "" {
		planned.use(pl.gatewayRef(gateway))
	}
	return planned
}

func (pl *planner) vpc(n *Network, id, name string) {
	vpc := pl.vpcRef(n)
	pl.export("", "AWS::EC2::VPC", name, props{"CidrBlock": n.CIDR.String()}, id, naming.Resource)
	for _, block := range n.Blocks[1:] {
		pl.add("AWS::EC2::VPCCidrBlock", name+"/block/"+block.String(), props{"VpcId": vpc, "CidrBlock": block.String()}, id, naming.SecondaryBlock(block))
	}
	for _, s := range n.Subnets {
		pl.subnet(n, s, id, name)
	}
	if n.hasInternetGateway() {
		pl.add("AWS::EC2::InternetGateway", name+"/internetGateway", nil, id, naming.InternetGateway)
		pl.add("AWS::EC2::VPCGatewayAttachment", name+"/internetGateway/attachment",
			props{"VpcId": vpc, "InternetGatewayId": pl.ref(id, naming.InternetGateway)}, id, naming.InternetGatewayAttachment)
	}
	for _, zone := range n.natZones() {
		ns := naming.Subnet(TierPublic, zone)
		pl.add("AWS::EC2::EIP", name+"/address/"+ns, nil, id, ns, naming.NatAddress)
		pl.add("AWS::EC2::NatGateway", name+"/natGateway/"+ns, props{"SubnetId": pl.ref(id, ns, naming.Resource),
			"AllocationId": attribute(pl.ref(id, ns, naming.NatAddress), "AllocationId")}, id, ns, naming.NatGateway)
	}
	for _, service := range n.GatewayEndpoints {
		pl.add("AWS::EC2::VPCEndpoint", name+"/endpoint/"+service, props{"VpcId": vpc, "VpcEndpointType": "Gateway",
			"ServiceName": "com.amazonaws." + n.Place.Region + "." + service, "RouteTableIds": compact(pl.tables(n, id))}, id, naming.GatewayEndpoint(service))
	}
	if n.FlowLogs != nil {
		pl.flowLogs(n, id, name)
	}
}

// tables lists the route tables of a network's workload subnets.
func (pl *planner) tables(n *Network, id string) []string {
	var out []string
	for _, s := range n.workloads() {
		out = append(out, pl.ref(id, naming.Subnet(s.Tier, s.ZoneID), naming.RouteTable))
	}
	return out
}

func (pl *planner) subnet(n *Network, s *Subnet, id, name string) {
	ns := naming.Subnet(s.Tier, s.ZoneID)
	r := pl.add("AWS::EC2::Subnet", name+"/subnet/"+ns, props{"VpcId": pl.vpcRef(n), "CidrBlock": s.CIDR.String(), "AvailabilityZoneId": s.ZoneID},
		id, ns, naming.Resource)
	if s.Tier != TierAttach {
		pl.exportID(r.LogicalID, "")
	}
	pl.export("", "AWS::EC2::RouteTable", name+"/routeTable/"+ns, props{"VpcId": pl.vpcRef(n)}, id, ns, naming.RouteTable)
	pl.add("AWS::EC2::SubnetRouteTableAssociation", name+"/subnet/"+ns+"/routeTable", props{"SubnetId": pl.ref(id, ns, naming.Resource),
		"RouteTableId": pl.ref(id, ns, naming.RouteTable)}, id, ns, naming.RouteTableAssociation)
}

func (pl *planner) flowLogs(n *Network, id, name string) {
	bucket := pl.ref(id, naming.FlowLogBucket, naming.Resource)
	pl.add("AWS::EC2::FlowLog", name+"/flowLogs", props{"ResourceId": pl.vpcRef(n), "ResourceType": "VPC", "LogDestinationType": "s3",
		"LogDestination": attribute(bucket, "Arn"), "TrafficType": strings.ToUpper(string(n.FlowLogs.Traffic))}, id, naming.FlowLog)
	pl.add("AWS::S3::Bucket", name+"/flowLogs/bucket", nil, id, naming.FlowLogBucket, naming.Resource)
}

// attachment plans a network's attachment to a transit gateway and what routes it there.
func (pl *planner) attachment(n *Network, t *TransitGateway, s *Segment, a *Attachment) {
	id, ns, name := naming.TransitGateway(t.Name), naming.Attachment(string(TargetNetwork), n.Name), "network/"+n.Key+"/attachment/"+t.Name
	pl.add("AWS::EC2::TransitGatewayAttachment", name, props{"TransitGatewayId": pl.gatewayRef(t), "VpcId": pl.vpcRef(n)}, id, ns, naming.Resource)
	pl.associate(t, s, a, name, pl.ref(id, ns, naming.Resource), pl.plan.StackName(LayerNetwork, t.Place), id, ns)
}

// associate plans what ties an attachment to route tables: one association, and a propagation per segment that learns
// its routes. provider is the stack of the function that associates.
func (pl *planner) associate(t *TransitGateway, s *Segment, a *Attachment, name, attachment, provider string, path ...string) {
	association := pl.add("Custom::PathproofTgwAssociation", name+"/association", props{"TransitGatewayAttachmentId": attachment,
		"TransitGatewayRouteTableId": pl.segmentRef(t, s)}, append(slices.Clone(path), naming.Association, naming.Resource)...)
	if provider != pl.stack.Name {
		association.use(pl.function(provider))
	}
	for _, to := range t.Segments {
		if slices.Contains(a.PropagateTo, to.Name) {
			pl.add("AWS::EC2::TransitGatewayRouteTablePropagation", name+"/propagation/"+to.Key(), props{"TransitGatewayAttachmentId": attachment,
				"TransitGatewayRouteTableId": pl.segmentRef(t, to)}, append(slices.Clone(path), naming.Propagation(to.Key()))...)
		}
	}
}
