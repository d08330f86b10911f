package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// reader reads a resource of a Region by its physical id; nil if it is not there.
type reader func(t *testing.T, d *deployed, region, id string) properties

// describe calls EC2 without filters, once for each state that is read.
func (d *deployed) describe(t *testing.T, region, action, set string) []node {
	t.Helper()
	key := region + " " + action
	if _, ok := d.cache[key]; !ok {
		d.cache[key] = d.server.query(t, "ec2", region, action)
	}
	return d.cache[key].list(set)
}

func (d *deployed) find(t *testing.T, region, action, set, field, id string) (node, bool) {
	t.Helper()
	list := d.describe(t, region, action, set)
	i := slices.IndexFunc(list, func(n node) bool { return n.at(field) == id })
	if i < 0 {
		return node{}, false
	}
	return list[i], true
}

// simple reads properties from the fields of one item. fields are pairs of property and path.
func simple(action, set, idField string, fields ...string) reader {
	return func(t *testing.T, d *deployed, region, id string) properties {
		n, ok := d.find(t, region, action, set, idField, id)
		if !ok {
			return nil
		}
		p := properties{}
		for i := 0; i+1 < len(fields); i += 2 {
			p[fields[i]] = n.at(fields[i+1])
		}
		return p
	}
}

func readVPC(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeVpcs", "vpcSet", "vpcId", id)
	if !ok {
		return nil
	}
	p := properties{"CidrBlock": n.at("cidrBlock")}
	var blocks []string
	for _, b := range n.list("cidrBlockAssociationSet") {
		if b.at("cidrBlockState/state") == "associated" {
			blocks = append(blocks, b.at("cidrBlock"))
		}
	}
	p["Blocks"] = join(blocks...)
	for property, attribute := range map[string]string{"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"} {
		p[property] = d.server.query(t, "ec2", region, "DescribeVpcAttribute", "VpcId", id, "Attribute", attribute).at(attribute + "/value")
	}
	return p
}

func readBlock(t *testing.T, d *deployed, region, id string) properties {
	for _, vpc := range d.describe(t, region, "DescribeVpcs", "vpcSet") {
		for _, b := range vpc.list("cidrBlockAssociationSet") {
			if b.at("associationId") == id && b.at("cidrBlockState/state") == "associated" {
				return properties{"VpcId": vpc.at("vpcId"), "CidrBlock": b.at("cidrBlock")}
			}
		}
	}
	return nil
}

func readRouteTable(t *testing.T, d *deployed, region, id string) properties {
	return d.readRouteTable(t, region, id)
}

func (d *deployed) readRouteTable(t *testing.T, region, id string) properties {
	n, ok := d.find(t, region, "DescribeRouteTables", "routeTableSet", "routeTableId", id)
	if !ok {
		return nil
	}
	var routes, subnets []string
	for _, r := range n.list("routeSet") {
		if to := target(r); to != "endpoint" { // an endpoint's prefix list is no route of the plan
			routes = append(routes, r.at("destinationCidrBlock")+" "+to)
		}
	}
	for _, a := range n.list("associationSet") {
		if s := a.at("subnetId"); s != "" {
			subnets = append(subnets, s)
		}
	}
	return properties{"VpcId": n.at("vpcId"), "Routes": join(routes...), "Subnets": join(subnets...)}
}

// target is what a route points at. A route that is not active says so.
func target(r node) string {
	var found []string
	for _, field := range []string{"gatewayId", "natGatewayId", "transitGatewayId", "vpcPeeringConnectionId", "instanceId", "networkInterfaceId"} {
		if v := r.at(field); v != "" {
			found = append(found, v)
		}
	}
	to := strings.Join(found, "+")
	if strings.HasPrefix(to, "vpce-") {
		return "endpoint"
	}
	if state := r.at("state"); state != "active" {
		to += " " + state
	}
	return to
}

func readRoute(t *testing.T, d *deployed, region, id string) properties {
	table, destination, _ := strings.Cut(id, "|")
	n, ok := d.find(t, region, "DescribeRouteTables", "routeTableSet", "routeTableId", table)
	if !ok {
		return nil
	}
	for _, r := range n.list("routeSet") {
		if r.at("destinationCidrBlock") == destination {
			return properties{"RouteTableId": table, "DestinationCidrBlock": destination, "Target": target(r)}
		}
	}
	return nil
}

func readSubnetAssociation(t *testing.T, d *deployed, region, id string) properties {
	for _, table := range d.describe(t, region, "DescribeRouteTables", "routeTableSet") {
		for _, a := range table.list("associationSet") {
			if a.at("routeTableAssociationId") == id {
				return properties{"RouteTableId": table.at("routeTableId"), "SubnetId": a.at("subnetId")}
			}
		}
	}
	return nil
}

func readGatewayAttachment(t *testing.T, d *deployed, region, id string) properties {
	for _, g := range d.describe(t, region, "DescribeInternetGateways", "internetGatewaySet") {
		for _, a := range g.list("attachmentSet") {
			if vpc := a.at("vpcId"); "IGW|"+vpc == id {
				return properties{"VpcId": vpc, "InternetGatewayId": g.at("internetGatewayId")}
			}
		}
	}
	return nil
}

func readSecurityGroup(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeSecurityGroups", "securityGroupInfo", "groupId", id)
	if !ok {
		return nil
	}
	return properties{"VpcId": n.at("vpcId"), "GroupDescription": n.at("groupDescription"),
		"Ingress": permissions(n.list("ipPermissions")), "Egress": permissions(n.list("ipPermissionsEgress"))}
}

func permissions(list []node) string {
	var out []string
	for _, p := range list {
		for _, r := range p.list("ipRanges") {
			out = append(out, fmt.Sprintf("%s %s-%s %s %s", p.at("ipProtocol"), p.at("fromPort"), p.at("toPort"), r.at("cidrIp"), r.at("description")))
		}
		for set, field := range map[string]string{"groups": "groupId", "prefixListIds": "prefixListId"} {
			for _, r := range p.list(set) {
				out = append(out, fmt.Sprintf("%s %s-%s %s %s", p.at("ipProtocol"), p.at("fromPort"), p.at("toPort"), r.at(field), r.at("description")))
			}
		}
		for _, other := range []string{"ipv6Ranges"} {
			if len(p.list(other)) > 0 {
				out = append(out, p.at("ipProtocol")+" opens to "+other)
			}
		}
	}
	return join(out...)
}

func readNAT(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeNatGateways", "natGatewaySet", "natGatewayId", id)
	if !ok || n.at("state") == "deleted" {
		return nil
	}
	p := properties{"SubnetId": n.at("subnetId"), "State": n.at("state")}
	for _, a := range n.list("natGatewayAddressSet") {
		p["AllocationId"] = a.at("allocationId")
	}
	return p
}

func readEndpoint(t *testing.T, d *deployed, region, id string) properties {
	n, ok := d.find(t, region, "DescribeVpcEndpoints", "vpcEndpointSet", "vpcEndpointId", id)
	if !ok {
		return nil
	}
	var tables []string
	for _, r := range n.list("routeTableIdSet") {
		tables = append(tables, `"`+strings.TrimSpace(r.Text)+`"`)
	}
	return properties{"VpcId": n.at("vpcId"), "ServiceName": n.at("serviceName"), "VpcEndpointType": n.at("vpcEndpointType"),
		"RouteTableIds": "[" + strings.Join(tables, ",") + "]"}
}

// readFlowLog: EC2 tells the kind of the resource by its id only.
func readFlowLog(t *testing.T, d *deployed, region, id string) properties {
	p := simple("DescribeFlowLogs", "flowLogSet", "flowLogId", "ResourceId", "resourceId", "LogDestination", "logDestination",
		"LogDestinationType", "logDestinationType", "TrafficType", "trafficType")(t, d, region, id)
	if p != nil && strings.HasPrefix(p["ResourceId"], "vpc-") {
		p["ResourceType"] = "VPC"
	}
	return p
}
