package topology

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
)

// routesStack plans what needs values of other stacks: a place's side of every peering, and hosted zones.
func (pl *planner) routesStack(at Place) {
	for _, x := range pl.plan.Peerings {
		for _, e := range x.EndsAt(at) {
			if x.Mode == config.ModeVPC {
				pl.vpcSide(x, e)
			} else {
				pl.gatewaySide(x, e)
			}
		}
	}
	for _, z := range pl.plan.HostedZones {
		if z.Place == at {
			pl.hostedZone(z)
		}
	}
}

// connection is the id of a peering, made in its own stack.
func (pl *planner) connection(x *Peering) string {
	id := resourceRef(pl.plan.PeerStackName(x.Name), naming.Peering(x.Name), naming.Resource)
	if x.Mode == config.ModeTransitGateway {
		return attribute(id, "TransitGatewayAttachmentId")
	}
	return id
}

func (pl *planner) vpcSide(x *Peering, e *PeeringEnd) {
	n, connection := e.network, pl.connection(x)
	for _, r := range pl.plan.PeeringRoutes(x, e) {
		name := "peering/" + x.Name + "/route/" + n.Key + "/" + r.Table.Key + "/" + r.Route.Destination.String()
		pl.route(n, r.Table, r.Route, name, naming.RoutesOf(n.Name, r.Table.Key), naming.Route(r.Route.Destination)).use(connection)
	}
	if e.DNS {
		pl.add("Custom::PathproofVpcPeeringDns", "peering/"+x.Name+"/dns/"+side(x, e), props{"VpcPeeringConnectionId": connection, "Side": side(x, e)},
			naming.PeeringSide(x.Name, e == &x.Requester), naming.PeeringDNS, naming.Resource)
	}
}

func side(x *Peering, e *PeeringEnd) string {
	if e == &x.Requester {
		return "requester"
	}
	return "accepter"
}

func (pl *planner) gatewaySide(x *Peering, e *PeeringEnd) {
	t, id, name := e.gateway, naming.PeeringSide(x.Name, e == &x.Requester), "peering/"+x.Name+"/"+e.Name
	accepted := pl.add("Custom::PathproofTgwPeeringAcceptance", name+"/acceptance", props{"TransitGatewayAttachmentId": pl.connection(x)},
		id, naming.PeeringAccept, naming.Resource)
	attachment := attribute("{"+pl.stack.Name+"/"+accepted.LogicalID+"}", "TransitGatewayAttachmentId")
	if s, a := t.Segment(TargetPeering, x.Name); s != nil {
		pl.associate(t, s, a, name, attachment, pl.stack.Name, id)
	}
	for _, r := range pl.plan.SegmentRoutes(x, e) {
		pl.segmentRoute(t, r.Segment, r.Route, "peering/"+x.Name, attachment, naming.SegmentRoutesOf(t.Name, r.Segment.Key()), naming.Route(r.Route.Destination))
	}
}

func (pl *planner) hostedZone(z *HostedZone) {
	id, name, zone := naming.HostedZone(cmp.Or(z.ID, z.Domain)), "hostedZone/"+z.Name, z.ID
	if z.Service != "" {
		name = "zonalService/" + z.Service + "/zone"
	}
	if z.ID == "" {
		type vpc struct{ VPCId, VPCRegion string }
		var vpcs []vpc
		for _, key := range z.Networks {
			n := pl.plan.Network(key)
			vpcs = append(vpcs, vpc{pl.vpcRef(n), n.Place.Region})
		}
		planned := pl.add("AWS::Route53::HostedZone", name, props{"Name": z.Domain, "VPCs": compact(vpcs)}, id, naming.Resource)
		for _, v := range vpcs {
			if strings.HasPrefix(v.VPCId, "{") {
				planned.use(v.VPCId)
			}
		}
		zone = pl.ref(id, naming.Resource)
	}
	for _, r := range z.Records {
		p := props{"HostedZoneId": zone, "Name": r.Name, "Type": "A"}
		if r.Alias && r.ZoneID != "" {
			p["SetIdentifier"] = r.ZoneID
		}
		planned := pl.add("AWS::Route53::RecordSet", name+"/record/"+cmp.Or(r.Host, strings.TrimPrefix(r.ID(z), naming.Record(""))), p, id, r.ID(z))
		if r.Alias {
			planned.use(pl.aliasUses(z, r)...)
		}
	}
}

// compact writes a value as JSON in one line, keys in the order of the fields, which is that of the alphabet.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only texts and lists of texts come here
	}
	return string(text)
}
