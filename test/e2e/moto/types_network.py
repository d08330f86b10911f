"""VPCs and what is in them."""
from registry import EC2Type, Type
from template import Refused


class VPC(EC2Type):
    name = "AWS::EC2::VPC"
    properties = "CidrBlock EnableDnsHostnames EnableDnsSupport"
    mutable = "EnableDnsHostnames EnableDnsSupport"

    def create(self, c, p):
        pid = c.ec2.create_vpc(CidrBlock=p["CidrBlock"])["Vpc"]["VpcId"]
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        for name in self.mutable.split():
            if name in new:
                c.ec2.modify_vpc_attribute(VpcId=pid, **{name: {"Value": new[name]}})

    def delete(self, c, pid, p):
        c.ec2.delete_vpc(VpcId=pid)


class VPCCidrBlock(Type):
    name = "AWS::EC2::VPCCidrBlock"
    properties = "CidrBlock VpcId"
    tagged = False

    def create(self, c, p):
        return c.ec2.associate_vpc_cidr_block(VpcId=p["VpcId"], CidrBlock=p["CidrBlock"])["CidrBlockAssociation"]["AssociationId"]

    def delete(self, c, pid, p):
        c.ec2.disassociate_vpc_cidr_block(AssociationId=pid)


class Subnet(EC2Type):
    name = "AWS::EC2::Subnet"
    properties = "AvailabilityZoneId CidrBlock MapPublicIpOnLaunch VpcId"
    mutable = "MapPublicIpOnLaunch"

    def create(self, c, p):
        pid = c.ec2.create_subnet(VpcId=p["VpcId"], CidrBlock=p["CidrBlock"], AvailabilityZoneId=p["AvailabilityZoneId"])["Subnet"]["SubnetId"]
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        c.ec2.modify_subnet_attribute(SubnetId=pid, MapPublicIpOnLaunch={"Value": new.get("MapPublicIpOnLaunch", False)})

    def delete(self, c, pid, p):
        c.ec2.delete_subnet(SubnetId=pid)

    def attribute(self, c, pid, p, name):
        if name in ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId"):
            return c.ec2.describe_subnets(SubnetIds=[pid])["Subnets"][0][name]
        return super().attribute(c, pid, p, name)


class RouteTable(EC2Type):
    name = "AWS::EC2::RouteTable"
    properties = "VpcId"

    def create(self, c, p):
        return c.ec2.create_route_table(VpcId=p["VpcId"])["RouteTable"]["RouteTableId"]

    def delete(self, c, pid, p):
        c.ec2.delete_route_table(RouteTableId=pid)


class SubnetRouteTableAssociation(EC2Type):
    name = "AWS::EC2::SubnetRouteTableAssociation"
    properties = "RouteTableId SubnetId"
    tagged = False

    def create(self, c, p):
        held = c.ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [p["SubnetId"]]}])["RouteTables"]
        if held:
            raise Refused(f"Resource.AlreadyAssociated: {p['SubnetId']} is associated with {held[0]['RouteTableId']}")
        return c.ec2.associate_route_table(RouteTableId=p["RouteTableId"], SubnetId=p["SubnetId"])["AssociationId"]

    def delete(self, c, pid, p):
        c.ec2.disassociate_route_table(AssociationId=pid)


class Route(Type):
    name = "AWS::EC2::Route"
    properties = "DestinationCidrBlock GatewayId NatGatewayId RouteTableId TransitGatewayId VpcPeeringConnectionId"
    mutable = "GatewayId NatGatewayId TransitGatewayId VpcPeeringConnectionId"
    tagged = False

    def create(self, c, p):
        c.ec2.create_route(**p)
        return f"{p['RouteTableId']}|{p['DestinationCidrBlock']}"

    def update(self, c, pid, old, new):
        c.ec2.replace_route(**new)

    def delete(self, c, pid, p):
        c.ec2.delete_route(RouteTableId=p["RouteTableId"], DestinationCidrBlock=p["DestinationCidrBlock"])


class InternetGateway(EC2Type):
    name = "AWS::EC2::InternetGateway"

    def create(self, c, p):
        return c.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]

    def delete(self, c, pid, p):
        c.ec2.delete_internet_gateway(InternetGatewayId=pid)


class VPCGatewayAttachment(Type):
    name = "AWS::EC2::VPCGatewayAttachment"
    properties = "InternetGatewayId VpcId"
    tagged = False

    def create(self, c, p):
        c.ec2.attach_internet_gateway(**p)
        return f"IGW|{p['VpcId']}"

    def delete(self, c, pid, p):
        c.ec2.detach_internet_gateway(**p)


class EIP(EC2Type):
    name = "AWS::EC2::EIP"
    properties = "Domain"

    def create(self, c, p):
        return c.ec2.allocate_address(Domain=p["Domain"])["AllocationId"]

    def delete(self, c, pid, p):
        c.ec2.release_address(AllocationId=pid)

    def attribute(self, c, pid, p, name):
        if name == "PublicIp":
            return c.ec2.describe_addresses(AllocationIds=[pid])["Addresses"][0]["PublicIp"]
        return pid if name == "AllocationId" else super().attribute(c, pid, p, name)


class NatGateway(EC2Type):
    name = "AWS::EC2::NatGateway"
    properties = "AllocationId SubnetId"

    def create(self, c, p):
        return c.ec2.create_nat_gateway(**p)["NatGateway"]["NatGatewayId"]

    def delete(self, c, pid, p):
        c.ec2.delete_nat_gateway(NatGatewayId=pid)


class VPCEndpoint(EC2Type):
    name = "AWS::EC2::VPCEndpoint"
    properties = "RouteTableIds ServiceName VpcEndpointType VpcId"
    mutable = "RouteTableIds"

    def create(self, c, p):
        return c.ec2.create_vpc_endpoint(**p)["VpcEndpoint"]["VpcEndpointId"]

    def update(self, c, pid, old, new):
        before, after = set(old["RouteTableIds"]), set(new["RouteTableIds"])
        c.ec2.modify_vpc_endpoint(VpcEndpointId=pid, AddRouteTableIds=sorted(after - before), RemoveRouteTableIds=sorted(before - after))

    def delete(self, c, pid, p):
        c.ec2.delete_vpc_endpoints(VpcEndpointIds=[pid])


class FlowLog(EC2Type):
    name = "AWS::EC2::FlowLog"
    properties = "LogDestination LogDestinationType ResourceId ResourceType TrafficType"

    def create(self, c, p):
        rest = {k: v for k, v in p.items() if k != "ResourceId"}
        made = c.ec2.create_flow_logs(ResourceIds=[p["ResourceId"]], **rest)
        if made.get("Unsuccessful"):
            raise Refused(str(made["Unsuccessful"]))
        return made["FlowLogIds"][0]

    def delete(self, c, pid, p):
        c.ec2.delete_flow_logs(FlowLogIds=[pid])


class SecurityGroup(EC2Type):
    name = "AWS::EC2::SecurityGroup"
    properties = "GroupDescription SecurityGroupEgress SecurityGroupIngress VpcId"
    mutable = "SecurityGroupEgress SecurityGroupIngress"
    anywhere = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}

    def create(self, c, p):
        pid = c.ec2.create_security_group(GroupName=c.name(255), Description=p["GroupDescription"], VpcId=p["VpcId"])["GroupId"]
        self.update(c, pid, {"SecurityGroupEgress": [self.anywhere]}, {"SecurityGroupEgress": [self.anywhere], **p})
        return pid

    def update(self, c, pid, old, new):
        for key, side in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
            before, after = old.get(key, []), new.get(key, [])
            for verb, rules in (("revoke", [r for r in before if r not in after]), ("authorize", [r for r in after if r not in before])):
                if rules:
                    getattr(c.ec2, f"{verb}_security_group_{side}")(GroupId=pid, IpPermissions=[self.permission(r) for r in rules])

    def permission(self, rule):
        """A rule as the API wants it: to a block, to another group, or to a prefix list."""
        peers = {"CidrIp": ("IpRanges", "CidrIp"), "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"), "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
                 "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"), "SourcePrefixListId": ("PrefixListIds", "PrefixListId")}
        unknown = set(rule) - {"Description", "FromPort", "IpProtocol", "ToPort", *peers}
        if unknown:
            raise Refused(f"{self.name}: the emulation does not know rules with {sorted(unknown)}")
        (name,), text = [k for k in rule if k in peers], {k: rule[k] for k in ("Description",) if k in rule}
        field, key = peers[name]
        return {**{k: rule[k] for k in ("IpProtocol", "FromPort", "ToPort") if k in rule}, field: [{key: rule[name], **text}]}

    def delete(self, c, pid, p):
        c.ec2.delete_security_group(GroupId=pid)

    def attribute(self, c, pid, p, name):
        return pid if name == "GroupId" else super().attribute(c, pid, p, name)
