package e2e

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

const (
	attachmentSet = "transitGatewayAttachments"
	attachmentID  = "transitGatewayAttachmentId"
)

// vpnAttachment is the id of a VPN connection's attachment, which is no resource of CloudFormation.
func (d *deployed) vpnAttachment(t *testing.T, region, vpn string) string {
	t.Helper()
	for _, a := range d.describe(t, region, "DescribeTransitGatewayAttachments", attachmentSet) {
		if a.at("resourceId") == vpn && a.at("state") == "available" {
			return a.at(attachmentID)
		}
	}
	t.Errorf("%s has no attachment in %s", vpn, region)
	return ""
}

func readGateway(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeTransitGateways", "transitGatewaySet", "transitGatewayId", id)
	if !ok {
		return nil
	}
	return properties{"AmazonSideAsn": n.at("options/amazonSideAsn"), "VpnEcmpSupport": n.at("options/vpnEcmpSupport"),
		"DefaultRouteTableAssociation": n.at("options/defaultRouteTableAssociation"),
		"DefaultRouteTablePropagation": n.at("options/defaultRouteTablePropagation")}
}

func readSegment(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeTransitGatewayRouteTables", "transitGatewayRouteTables", "transitGatewayRouteTableId", id)
	if !ok || n.at("state") != "available" {
		return nil
	}
	var associated, propagated, routes []string
	for _, a := range d.server.query(t, "ec2", region, "GetTransitGatewayRouteTableAssociations", "TransitGatewayRouteTableId", id).list("associations") {
		associated = append(associated, a.at(attachmentID))
	}
	for _, p := range d.server.query(t, "ec2", region, "GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTableId", id).list("transitGatewayRouteTablePropagations") {
		propagated = append(propagated, p.at(attachmentID))
	}
	for _, r := range d.segmentRoutes(t, region, id) {
		route := fmt.Sprintf("%s %s %s", r.at("destinationCidrBlock"), via(r), r.at("type"))
		if state := r.at("state"); state != "active" {
			route += " " + state
		}
		routes = append(routes, route)
	}
	return properties{"TransitGatewayId": n.at("transitGatewayId"), "Associations": join(associated...), "Propagations": join(propagated...), "Routes": join(routes...)}
}

func (d *deployed) segmentRoutes(t *testing.T, region, table string) []node {
	t.Helper()
	return d.server.query(t, "ec2", region, "SearchTransitGatewayRoutes", "TransitGatewayRouteTableId", table,
		"Filter.1.Name", "type", "Filter.1.Value.1", "static", "Filter.1.Value.2", "propagated").list("routeSet")
}

func via(route node) string { return route.at("transitGatewayAttachments/item/" + attachmentID) }

func readSegmentRoute(t *testing.T, d *deployed, region, id string) properties {
	table, destination, _ := strings.Cut(id, "|")
	for _, r := range d.segmentRoutes(t, region, table) {
		if r.at("destinationCidrBlock") == destination {
			return properties{"TransitGatewayRouteTableId": table, "DestinationCidrBlock": destination, "TransitGatewayAttachmentId": via(r), "State": r.at("state")}
		}
	}
	return nil
}

func readPropagation(t *testing.T, d *deployed, region, id string) properties {
	table, attachment, _ := strings.Cut(id, "|")
	for _, p := range d.server.query(t, "ec2", region, "GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTableId", table).list("transitGatewayRouteTablePropagations") {
		if p.at(attachmentID) == attachment && p.at("state") == "enabled" {
			return properties{"TransitGatewayRouteTableId": table, "TransitGatewayAttachmentId": attachment}
		}
	}
	return nil
}

func readAttachment(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeTransitGatewayVpcAttachments", "transitGatewayVpcAttachments", attachmentID, id)
	if !ok {
		return nil
	}
	var subnets []string
	for _, s := range n.list("subnetIds") {
		subnets = append(subnets, strings.TrimSpace(s.Text))
	}
	return properties{"TransitGatewayId": n.at("transitGatewayId"), "VpcId": n.at("vpcId"), "State": n.at("state"), "SubnetIds": join(subnets...)}
}

// readAssociation reads what the custom resource did.
func readAssociation(t *testing.T, d *deployed, region, id string) properties {
	attachment := strings.TrimSuffix(id, "/association")
	n, ok := d.find(t, region, "DescribeTransitGatewayAttachments", attachmentSet, attachmentID, attachment)
	if !ok || n.at("association/state") != "associated" {
		return nil
	}
	return properties{"TransitGatewayAttachmentId": attachment, "TransitGatewayRouteTableId": n.at("association/transitGatewayRouteTableId")}
}

func readVPN(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeVpnConnections", "vpnConnectionSet", "vpnConnectionId", id)
	if !ok || n.at("state") != "available" {
		return nil
	}
	p := properties{"Type": n.at("type"), "CustomerGatewayId": n.at("customerGatewayId"), "TransitGatewayId": n.at("transitGatewayId"), "VpnConnectionId": id,
		"EnableAcceleration": n.at("options/enableAcceleration"), "StaticRoutesOnly": n.at("options/staticRoutesOnly"), "TunnelBandwidth": n.at("options/tunnelBandwidth")}
	if strings.HasPrefix(n.at("preSharedKeyArn"), "arn:aws:secretsmanager:") {
		p["PreSharedKeyStorage"] = "SecretsManager"
	}
	var inside []string
	for _, tunnel := range n.list("options/tunnelOptionSet") {
		if _, err := netip.ParseAddr(tunnel.at("outsideIpAddress")); err != nil {
			t.Errorf("%s: tunnel without outside address: %v", id, err)
		}
		inside = append(inside, tunnel.at("tunnelInsideCidr"))
	}
	p["Inside"] = join(inside...)
	return p
}

func readCustomerGateway(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeCustomerGateways", "customerGatewaySet", "customerGatewayId", id)
	if !ok || n.at("state") != "available" {
		return nil
	}
	return properties{"BgpAsn": n.at("bgpAsn"), "IpAddress": n.at("ipAddress"), "Type": n.at("type"), "DeviceName": n.at("deviceName")}
}

func readPeering(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeVpcPeeringConnections", "vpcPeeringConnectionSet", "vpcPeeringConnectionId", id)
	if !ok {
		return nil
	}
	return properties{"VpcId": n.at("requesterVpcInfo/vpcId"), "PeerVpcId": n.at("accepterVpcInfo/vpcId"), "PeerRegion": n.at("accepterVpcInfo/region"), "State": n.at("status/code")}
}

func readPeeringDNS(t *testing.T, d *deployed, region, id string) properties {
	peering, side, _ := strings.Cut(id, "/dns/")
	n, ok := d.find(t, region, "DescribeVpcPeeringConnections", "vpcPeeringConnectionSet", "vpcPeeringConnectionId", peering)
	if !ok {
		return nil
	}
	return properties{"VpcPeeringConnectionId": peering, "Side": side, "AllowRemoteDns": n.at(side + "VpcInfo/peeringOptions/allowDnsResolutionFromRemoteVpc")}
}

func readGatewayPeering(t *testing.T, d *deployed, region, id string) properties {
	id = strings.TrimSuffix(id, "/acceptance")
	n, ok := d.find(t, region, "DescribeTransitGatewayPeeringAttachments", "transitGatewayPeeringAttachments", attachmentID, id)
	if !ok {
		return nil
	}
	return properties{"TransitGatewayAttachmentId": id, "TransitGatewayId": n.at("requesterTgwInfo/transitGatewayId"), "State": n.at("state"),
		"PeerTransitGatewayId": n.at("accepterTgwInfo/transitGatewayId"), "PeerRegion": n.at("accepterTgwInfo/region"), "PeerAccountId": n.at("accepterTgwInfo/ownerId")}
}
