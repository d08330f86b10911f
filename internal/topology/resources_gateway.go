package topology

import (
	"fmt"
	"strconv"

	"github.com/pathproof/pathproof/internal/naming"
)

// placeStack plans what the networks of a place share: transit gateways with their segments, sites, and the alerts key.
func (pl *planner) placeStack(at Place) {
	shared := false
	for _, t := range pl.plan.TransitGateways {
		if t.Place == at {
			pl.gateway(t)
			shared = true
		}
	}
	if shared { // the function behind associations, which networks import
		pl.exportID(naming.LogicalID(naming.ResourcesLambda, naming.Function, naming.Resource), "Arn")
	}
	for _, s := range pl.plan.Sites {
		if s.Place == at {
			pl.site(s)
		}
	}
	for _, v := range pl.plan.ClientVPNs {
		if v.gateway != nil && v.Place == at {
			pl.clientVPN(v, naming.ClientVPN(v.Name))
		}
	}
	pl.pki(at)
	if pl.plan.HasTopic(at) {
		pl.export("Arn", "AWS::KMS::Key", pl.plan.alertsName(at)+"/key", nil, naming.Alerts, naming.Resource)
	}
	if m := pl.plan.Measurement; m != nil && m.Home == at {
		pl.export("", "AWS::S3::Bucket", "gate/reports", nil, naming.ReportBucket, naming.Resource)
	}
}

func (pl *planner) gateway(t *TransitGateway) {
	id, name := naming.TransitGateway(t.Name), "transitGateway/"+t.Name
	if t.ID == "" {
		pl.export("", "AWS::EC2::TransitGateway", name, props{"AmazonSideAsn": strconv.FormatInt(t.ASN, 10)}, id, naming.Resource)
	}
	for _, s := range t.Segments {
		if s.ID == "" {
			pl.export("", "AWS::EC2::TransitGatewayRouteTable", name+"/segment/"+s.Name, props{"TransitGatewayId": pl.gatewayRef(t)},
				id, naming.Segment(s.Name), naming.Resource)
		}
		for _, r := range s.Routes {
			if r.Static && r.Target.Kind == TargetSite {
				pl.siteRoute(t, s, r)
			}
		}
	}
}

// siteRoute plans a static route of a segment to a site's one VPN connection.
func (pl *planner) siteRoute(t *TransitGateway, s *Segment, r *Route) {
	site := pl.plan.Site(r.Target.Name)
	pl.segmentRoute(t, s, r, "site/"+site.Name, pl.vpnAttachment(site, site.Connections[0]), naming.TransitGateway(t.Name), naming.Segment(s.Key()), naming.Route(r.Destination))
}

// segmentRoute plans a static route of a segment, which belongs to what it leads to.
func (pl *planner) segmentRoute(t *TransitGateway, s *Segment, r *Route, of, attachment string, path ...string) {
	pl.add("AWS::EC2::TransitGatewayRoute", fmt.Sprintf("%s/route/%s/%s/%s", of, t.Name, s.Name, r.Destination), props{
		"TransitGatewayRouteTableId": pl.segmentRef(t, s), "DestinationCidrBlock": r.Destination.String(), "TransitGatewayAttachmentId": attachment}, path...)
}

// vpnAttachment is the id of the attachment that AWS makes for a VPN connection.
func (pl *planner) vpnAttachment(s *Site, c Connection) string {
	return attribute(pl.ref(naming.Site(s.Name), naming.Connection(c.Name), naming.VPNFacts, naming.Resource), "TransitGatewayAttachmentId")
}

func (pl *planner) site(s *Site) {
	id, name := naming.Site(s.Name), "site/"+s.Name
	for _, g := range s.Gateways {
		if g.ID == "" {
			pl.customerGateway(s, g, name)
		}
	}
	pl.logFilters(s)
	segment, a := s.gateway.Segment(TargetSite, s.Name)
	for _, c := range s.Connections {
		ns, cname := naming.Connection(c.Name), name+"/vpnConnection/"+c.Name
		pl.add("AWS::EC2::VPNConnection", cname, props{"Type": "ipsec.1", "EnableAcceleration": strconv.FormatBool(s.Acceleration),
			"StaticRoutesOnly": strconv.FormatBool(s.Static), "PreSharedKeyStorage": "SecretsManager", "TunnelBandwidth": string(s.Bandwidth)}, id, ns, naming.Resource)
		pl.add("Custom::PathproofVpnFacts", cname+"/facts", props{"VpnConnectionId": pl.ref(id, ns, naming.Resource),
			"TransitGatewayId": pl.gatewayRef(s.gateway)}, id, ns, naming.VPNFacts, naming.Resource)
		if a != nil {
			pl.associate(s.gateway, segment, a, cname+"/attachment", pl.vpnAttachment(s, c), pl.stack.Name,
				naming.TransitGateway(s.gateway.Name), naming.Attachment(string(TargetSite), s.Name), ns)
		}
	}
}

func (pl *planner) customerGateway(s *Site, g Gateway, name string) {
	asn := "BgpAsn"
	if g.ASN > 2147483647 {
		asn = "BgpAsnExtended"
	}
	pl.add("AWS::EC2::CustomerGateway", name+"/gateway/"+g.Name, props{"Type": "ipsec.1", "IpAddress": g.IP.String(), asn: strconv.FormatInt(g.ASN, 10),
		"DeviceName": naming.DeviceName(pl.stack.Name, s.Name, g.Name)}, naming.Site(s.Name), naming.Gateway(g.Name))
}
