"""Transit gateways, Site-to-Site VPN and peerings."""
from registry import EC2Type, Type, client
from template import Refused


class TransitGateway(EC2Type):
    name = "AWS::EC2::TransitGateway"
    properties = ("AmazonSideAsn AutoAcceptSharedAttachments DefaultRouteTableAssociation DefaultRouteTablePropagation "
                  "DnsSupport VpnEcmpSupport")
    mutable = ("AutoAcceptSharedAttachments DefaultRouteTableAssociation DefaultRouteTablePropagation DnsSupport "
               "VpnEcmpSupport")

    def create(self, c, p):
        return c.ec2.create_transit_gateway(Options=p)["TransitGateway"]["TransitGatewayId"]

    def update(self, c, pid, old, new):
        c.ec2.modify_transit_gateway(TransitGatewayId=pid, Options={k: new[k] for k in self.mutable.split() if k in new})

    def delete(self, c, pid, p):
        c.ec2.delete_transit_gateway(TransitGatewayId=pid)


class TransitGatewayAttachment(EC2Type):
    name = "AWS::EC2::TransitGatewayAttachment"
    properties = "SubnetIds TransitGatewayId VpcId"
    mutable = "SubnetIds"

    def create(self, c, p):
        return c.ec2.create_transit_gateway_vpc_attachment(**p)["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]

    def update(self, c, pid, old, new):
        before, after = set(old["SubnetIds"]), set(new["SubnetIds"])
        c.ec2.modify_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=pid, AddSubnetIds=sorted(after - before),
                                                    RemoveSubnetIds=sorted(before - after))

    def delete(self, c, pid, p):
        c.ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=pid)


class TransitGatewayRouteTable(EC2Type):
    name = "AWS::EC2::TransitGatewayRouteTable"
    properties = "TransitGatewayId"

    def create(self, c, p):
        return c.ec2.create_transit_gateway_route_table(**p)["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]

    def delete(self, c, pid, p):
        c.ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=pid)


class TransitGatewayRoute(Type):
    name = "AWS::EC2::TransitGatewayRoute"
    properties = "DestinationCidrBlock TransitGatewayAttachmentId TransitGatewayRouteTableId"
    tagged = False

    def create(self, c, p):
        c.ec2.create_transit_gateway_route(**p)
        return f"{p['TransitGatewayRouteTableId']}|{p['DestinationCidrBlock']}"

    def delete(self, c, pid, p):
        c.ec2.delete_transit_gateway_route(TransitGatewayRouteTableId=p["TransitGatewayRouteTableId"], DestinationCidrBlock=p["DestinationCidrBlock"])


class TransitGatewayRouteTablePropagation(Type):
    name = "AWS::EC2::TransitGatewayRouteTablePropagation"
    properties = "TransitGatewayAttachmentId TransitGatewayRouteTableId"
    tagged = False

    def create(self, c, p):
        c.ec2.enable_transit_gateway_route_table_propagation(**p)
        return f"{p['TransitGatewayRouteTableId']}|{p['TransitGatewayAttachmentId']}"

    def delete(self, c, pid, p):
        c.ec2.disable_transit_gateway_route_table_propagation(**p)


class TransitGatewayPeeringAttachment(EC2Type):
    name = "AWS::EC2::TransitGatewayPeeringAttachment"
    properties = "PeerAccountId PeerRegion PeerTransitGatewayId TransitGatewayId"

    def create(self, c, p):
        return c.ec2.create_transit_gateway_peering_attachment(**p)["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]

    def delete(self, c, pid, p):
        c.ec2.delete_transit_gateway_peering_attachment(TransitGatewayAttachmentId=pid)

    def attribute(self, c, pid, p, name):
        return pid if name == "TransitGatewayAttachmentId" else super().attribute(c, pid, p, name)


class CustomerGateway(EC2Type):
    name = "AWS::EC2::CustomerGateway"
    properties = "BgpAsn DeviceName IpAddress Type"

    def create(self, c, p):
        return c.ec2.create_customer_gateway(**{**p, "BgpAsn": int(p["BgpAsn"])})["CustomerGateway"]["CustomerGatewayId"]

    def delete(self, c, pid, p):
        c.ec2.delete_customer_gateway(CustomerGatewayId=pid)


class VPNConnection(EC2Type):
    name = "AWS::EC2::VPNConnection"
    properties = ("CustomerGatewayId EnableAcceleration PreSharedKeyStorage StaticRoutesOnly TransitGatewayId TunnelBandwidth Type "
                  "VpnTunnelOptionsSpecifications")

    def create(self, c, p):
        options = {k: p[k] for k in ("EnableAcceleration", "StaticRoutesOnly", "TunnelBandwidth") if k in p}
        options["TunnelOptions"] = [self.tunnel(t) for t in p["VpnTunnelOptionsSpecifications"]]
        made = c.ec2.create_vpn_connection(Type=p["Type"], CustomerGatewayId=p["CustomerGatewayId"], TransitGatewayId=p["TransitGatewayId"],
                                           PreSharedKeyStorage=p["PreSharedKeyStorage"], Options=options)
        return made["VpnConnection"]["VpnConnectionId"]

    def tunnel(self, t):
        """A tunnel's options under EC2's names. A name that neither side knows fails in the client."""
        logs = t.get("LogOptions", {}).get("CloudwatchLogOptions")
        rest = {k: v for k, v in t.items() if k != "LogOptions"}
        return {**rest, **({"LogOptions": {"CloudWatchLogOptions": logs}} if logs else {})}

    def delete(self, c, pid, p):
        c.ec2.delete_vpn_connection(VpnConnectionId=pid)


class VPCPeeringConnection(EC2Type):
    name = "AWS::EC2::VPCPeeringConnection"
    properties = "PeerRegion PeerVpcId VpcId"

    def create(self, c, p):
        """CloudFormation accepts in the peer's Region by itself, as both ends are in one account."""
        pid = c.ec2.create_vpc_peering_connection(**p)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        client("ec2", p.get("PeerRegion", c.region)).accept_vpc_peering_connection(VpcPeeringConnectionId=pid)
        status = c.ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[pid])["VpcPeeringConnections"][0]["Status"]
        if status["Code"] != "active":
            raise Refused(f"{pid} is {status['Code']}: {status['Message']}")
        return pid

    def delete(self, c, pid, p):
        c.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=pid)
