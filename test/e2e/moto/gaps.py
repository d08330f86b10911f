"""What moto lacks or gets wrong for these templates, at the level of its back ends, with EC2's error codes.

Only rules that EC2 documents: who may be associated, what a route needs, what blocks a deletion. moto takes all of it.
"""
import copy
import random
import string

import moto.route53.models
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.transit_gateway_attachments import TransitGatewayAttachment
from moto.ec2.responses.customer_gateways import CustomerGateways
from moto.ec2.responses.vpn_connections import VPNConnections
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket


def patch(cls):
    """Replaces a method of moto; the function gets the one that it replaces as first argument."""
    def replace(f):
        original = getattr(cls, f.__name__)
        setattr(cls, f.__name__, lambda self, *a, **k: f(original, self, *a, **k))
        return f
    return replace


def require(ok, code, message):
    if not ok:
        error = EC2ClientError(message)
        error.code = code
        raise error


def attachment(backend, pid):
    found = backend.transit_gateway_attachments.get(pid)
    require(found and found.state != "deleted", "InvalidTransitGatewayAttachmentID.NotFound", f"Transit Gateway Attachment {pid} was deleted or does not exist.")
    return found


def table(backend, pid):
    found = backend.transit_gateways_route_tables.get(pid)
    require(found and found.state == "available", "InvalidRouteTableID.NotFound", f"Transit Gateway Route Table {pid} was deleted or does not exist.")
    return found


def live(backend, gateway):
    return [a for a in backend.transit_gateway_attachments.values() if a.transit_gateway_id == gateway and a.state not in ("deleted", "rejected")]


# Associations: one per attachment and Region, none by itself unless the transit gateway says so.

def association(self):
    held = self._association_data
    return {"State": "associated", "TransitGatewayRouteTableId": held["transitGatewayRouteTableId"]} if held else None


TransitGatewayAttachment.association = property(association)


def associate_by_default(backend, a):
    gateway = backend.transit_gateways[a.transit_gateway_id]
    if gateway.options["DefaultRouteTableAssociation"] == "enable":
        backend.associate_transit_gateway_route_table(a.id, gateway.default_route_table.id)
    if gateway.options["DefaultRouteTablePropagation"] == "enable":
        backend.enable_transit_gateway_route_table_propagation(a.id, gateway.default_route_table.id)


@patch(EC2Backend)
def associate_transit_gateway_route_table(original, self, transit_gateway_attachment_id, transit_gateway_route_table_id):
    a, t = attachment(self, transit_gateway_attachment_id), table(self, transit_gateway_route_table_id)
    require(a.state == "available", "IncorrectState", f"{a.id} is in invalid state {a.state}")
    require(not a.association, "Resource.AlreadyAssociated", f"Transit Gateway Attachment {a.id} is already associated to a route table.")
    require(t.transit_gateway_id == a.transit_gateway_id, "InvalidParameterValue", f"{t.id} and {a.id} are not of one transit gateway.")
    return original(self, a.id, t.id)


@patch(EC2Backend)
def disassociate_transit_gateway_route_table(original, self, tgw_attach_id, tgw_rt_id):
    held = attachment(self, tgw_attach_id).association
    require(held and held["TransitGatewayRouteTableId"] == tgw_rt_id, "InvalidAssociation.NotFound", f"{tgw_attach_id} is not associated with {tgw_rt_id}.")
    return original(self, tgw_attach_id, tgw_rt_id)


@patch(EC2Backend)
def enable_transit_gateway_route_table_propagation(original, self, transit_gateway_attachment_id, transit_gateway_route_table_id):
    a, t = attachment(self, transit_gateway_attachment_id), table(self, transit_gateway_route_table_id)
    require(a.resource_type != "peering", "InvalidParameterValue", f"{a.id}: peerings do not propagate.")
    require(all(p.transitGatewayAttachmentId != a.id for p in t.route_table_propagation), "TransitGatewayRouteTablePropagation.Duplicate", f"Propagation of {a.id} into {t.id} is enabled already.")
    return original(self, a.id, t.id)


@patch(EC2Backend)
def disable_transit_gateway_route_table_propagation(original, self, transit_gateway_attachment_id, transit_gateway_route_table_id):
    t = table(self, transit_gateway_route_table_id)
    held = [p for p in t.route_table_propagation if p.transitGatewayAttachmentId == transit_gateway_attachment_id]
    require(held, "TransitGatewayRouteTablePropagation.NotFound", f"{transit_gateway_attachment_id} does not propagate into {t.id}.")
    t.route_table_propagation = [p for p in t.route_table_propagation if p not in held]  # moto's own loses other tables
    relation = copy.copy(self.transit_gateway_propagations[transit_gateway_attachment_id])
    relation.transit_gateway_route_table_id, relation.state = t.id, "disabled"
    return relation


# Attachments.

@patch(EC2Backend)
def create_transit_gateway_vpc_attachment(original, self, transit_gateway_id, vpc_id, subnet_ids, tags=None, options=None):
    require(all(a.resource_id != vpc_id for a in live(self, transit_gateway_id)), "DuplicateTransitGatewayAttachment", f"{transit_gateway_id} has non-deleted attachments with same VPC ID.")
    zones_differ(self, subnet_ids)
    a = original(self, transit_gateway_id, vpc_id, subnet_ids, tags, options)
    # moto puts every attachment into the default route table, whatever the options say.
    self.unset_route_table_association(a.transit_gateway_route_table.id, a.id)
    associate_by_default(self, a)
    return a


def zones_differ(backend, subnet_ids):
    zones = [backend.get_subnet(s).availability_zone for s in subnet_ids]
    require(len(zones) == len(set(zones)), "DuplicateSubnetsInSameZone", f"{subnet_ids} are not in different zones.")


@patch(EC2Backend)
def modify_transit_gateway_vpc_attachment(original, self, transit_gateway_attachment_id, add_subnet_ids=None, options=None, remove_subnet_ids=None):
    a = attachment(self, transit_gateway_attachment_id)
    zones_differ(self, [s for s in a.subnet_ids if s not in (remove_subnet_ids or [])] + (add_subnet_ids or []))
    return original(self, a.id, add_subnet_ids, options, remove_subnet_ids)


def forget(backend, a):
    """An attachment goes: its association and propagations with it, static routes to it become blackholes."""
    for t in backend.transit_gateways_route_tables.values():
        t.route_table_associations.pop(a.id, None)
        t.route_table_propagation = [p for p in t.route_table_propagation if p.transitGatewayAttachmentId != a.id]
        for route in t.routes.values():
            if route.get("transitGatewayAttachments", {}).get("transitGatewayAttachmentId") == a.id:
                route["state"] = "blackhole"
    backend.transit_gateway_associations.pop(a.id, None)
    a._association_data = {}


@patch(EC2Backend)
def delete_transit_gateway_vpc_attachment(original, self, transit_gateway_attachment_id):
    a = attachment(self, transit_gateway_attachment_id)
    forget(self, a)
    return original(self, a.id)


# Peerings of transit gateways: each Region sees its own end, with an association of its own.

def ends(a):
    """(back end, attachment as seen there) of both Regions."""
    for info in (a.requester_tgw_info, a.accepter_tgw_info):
        backend = ec2_backends[info["OwnerId"]][info["Region"]]
        yield backend, backend.transit_gateway_attachments[a.id]


@patch(EC2Backend)
def create_transit_gateway_peering_attachment(original, self, transit_gateway_id, peer_transit_gateway_id, peer_region, peer_account_id, tags):
    peer = ec2_backends[peer_account_id][peer_region]
    require(peer_transit_gateway_id in peer.transit_gateways, "InvalidTransitGatewayID.NotFound", f"Transit Gateway {peer_transit_gateway_id} was deleted or does not exist in {peer_region}.")
    a = original(self, transit_gateway_id, peer_transit_gateway_id, peer_region, peer_account_id, tags)
    other = copy.copy(a)
    other.ec2_backend, other.transit_gateway_id, other.resource_id, other._association_data = peer, peer_transit_gateway_id, transit_gateway_id, {}
    peer.transit_gateway_attachments[a.id] = other
    return a


@patch(EC2Backend)
def accept_transit_gateway_peering_attachment(original, self, transit_gateway_attachment_id):
    a = attachment(self, transit_gateway_attachment_id)
    require(a.state == "pendingAcceptance", "IncorrectState", f"{a.id} is in invalid state {a.state}")
    original(self, a.id)
    for _, end in ends(a):
        end.state = "available"
    return a


@patch(EC2Backend)
def delete_transit_gateway_peering_attachment(original, self, transit_gateway_attachment_id):
    a = attachment(self, transit_gateway_attachment_id)
    for backend, end in ends(a):
        forget(backend, end)
        end.state = "deleted"
    return original(self, a.id)


@patch(EC2Backend)
def describe_transit_gateway_peering_attachments(original, self, transit_gateways_attachment_ids=None, filters=None):
    return [a for a in original(self, transit_gateways_attachment_ids, filters) if a.resource_type == "peering"]


# Route tables and routes of transit gateways.

@patch(EC2Backend)
def delete_transit_gateway_route_table(original, self, transit_gateway_route_table_id):
    t = table(self, transit_gateway_route_table_id)
    require(not t.route_table_associations, "IncorrectState", f"{t.id} has associated attachments {sorted(t.route_table_associations)}.")
    return original(self, t.id)


@patch(EC2Backend)
def delete_transit_gateway(original, self, transit_gateway_id):
    left = [a.id for a in live(self, transit_gateway_id)]
    require(not left, "IncorrectState", f"{transit_gateway_id} has non-deleted attachments {left}.")
    return original(self, transit_gateway_id)


@patch(EC2Backend)
def create_transit_gateway_route(original, self, transit_gateway_route_table_id, destination_cidr_block, transit_gateway_attachment_id=None, blackhole=False):
    t = table(self, transit_gateway_route_table_id)
    require(destination_cidr_block not in t.routes, "RouteAlreadyExists", f"Route {destination_cidr_block} already exists in {t.id}.")
    if not blackhole:
        a = attachment(self, transit_gateway_attachment_id)
        require(a.state == "available", "IncorrectState", f"{a.id} is in invalid state {a.state}")
    return original(self, t.id, destination_cidr_block, transit_gateway_attachment_id, blackhole)


@patch(EC2Backend)
def search_transit_gateway_routes(original, self, transit_gateway_route_table_id, filters, max_results=None):
    """Static routes, and those that VPC attachments propagate. There is no BGP peer, so a VPN propagates nothing."""
    t = table(self, transit_gateway_route_table_id)
    routes = [{**r, "transitGatewayAttachments": [a for a in [r.get("transitGatewayAttachments")] if a]} for r in t.routes.values()]
    for p in t.route_table_propagation:
        if p.resourceType == "vpc":
            via = {"resourceId": p.resourceId, "resourceType": "vpc", "transitGatewayAttachmentId": p.transitGatewayAttachmentId}
            routes += [{"destinationCidrBlock": block["cidr_block"], "prefixListId": None, "state": "active", "type": "propagated", "transitGatewayAttachments": [via]}
                       for block in self.get_vpc(p.resourceId).get_cidr_block_association_set(ipv6=False) if block["cidr_block_state"]["state"] == "associated"]
    return [r for r in routes if r["type"] in filters.get("type", [r["type"]]) and r["state"] in filters.get("state", [r["state"]])]


# Routes of VPCs: the target must be there, and in reach of the VPC.

def check_target(backend, route_table_id, gateway_id=None, nat_gateway_id=None, transit_gateway_id=None, vpc_peering_connection_id=None):
    vpc = backend.get_route_table(route_table_id).vpc_id
    if transit_gateway_id:
        require(any(a.resource_id == vpc for a in live(backend, transit_gateway_id)), "InvalidTransitGatewayID.NotFound", f"transitGateway ID '{transit_gateway_id}' does not exist or is not attached to {vpc}.")
    if gateway_id and gateway_id.startswith("igw-"):
        require(backend.get_internet_gateway(gateway_id).vpc and backend.get_internet_gateway(gateway_id).vpc.id == vpc, "InvalidGatewayID.NotFound", f"{gateway_id} is not attached to {vpc}.")
    if nat_gateway_id:
        require(nat_gateway_id in backend.nat_gateways, "InvalidNatGatewayID.NotFound", f"{nat_gateway_id} does not exist.")
    if vpc_peering_connection_id:
        peering = backend.get_vpc_peering_connection(vpc_peering_connection_id)
        require(vpc in (peering.vpc.id, peering.peer_vpc.id) and peering._status.code == "active", "InvalidVpcPeeringConnectionID.NotFound", f"{vpc_peering_connection_id} is {peering._status.code}, or not of {vpc}.")


TARGETS = ("gateway_id", "nat_gateway_id", "transit_gateway_id", "vpc_peering_connection_id")


@patch(EC2Backend)
def create_route(original, self, route_table_id, destination_cidr_block, *a, local=False, **k):
    if not local and destination_cidr_block:
        check_target(self, route_table_id, **{n: k[n] for n in TARGETS if k.get(n)})
        vpc = self.get_vpc(self.get_route_table(route_table_id).vpc_id)
        inside = [b["cidr_block"] for b in vpc.get_cidr_block_association_set(ipv6=False)]
        require(destination_cidr_block not in inside, "RouteAlreadyExists", f"The route identified by {destination_cidr_block} already exists.")
    return original(self, route_table_id, destination_cidr_block, *a, local=local, **k)


@patch(EC2Backend)
def replace_route(original, self, route_table_id, destination_cidr_block, *a, **k):
    check_target(self, route_table_id, **{n: k[n] for n in TARGETS if k.get(n)})
    return original(self, route_table_id, destination_cidr_block, *a, **k)


# Peerings of VPCs.

@patch(EC2Backend)
def modify_vpc_peering_connection_options(original, self, vpc_pcx_id, accepter_options=None, requester_options=None):
    peering = self.get_vpc_peering_connection(vpc_pcx_id)
    require(peering._status.code == "active", "InvalidStateTransition", f"{vpc_pcx_id} is {peering._status.code}.")
    for options, vpc in ((requester_options, peering.vpc), (accepter_options, peering.peer_vpc)):
        require(not options or vpc.region == self.region_name, "OperationNotPermitted", f"{vpc.id} is not in {self.region_name}: its options are changed in its own Region.")
    return original(self, vpc_pcx_id, *({k: str(v).lower() == "true" for k, v in (o or {}).items()} for o in (accepter_options, requester_options)))


# Customer gateways and VPN connections.

@patch(CustomerGateways)
def create_customer_gateway(original, self):
    """Equal type, address, ASN and device name are one customer gateway."""
    device = self._get_param("DeviceName")
    asked = (self._get_param("Type"), self._get_param("IpAddress"), str(self._get_param("BgpAsn")), device)
    for g in self.ec2_backend.customer_gateways.values():
        require(g.state == "deleted" or asked != (g.type, g.ip_address, str(g.bgp_asn), getattr(g, "device_name", None)), "InvalidParameterValue", f"{g.id} is the same customer gateway.")
    result = original(self)
    result.result["CustomerGateway"].device_name = device
    return result


@patch(EC2Backend)
def delete_customer_gateway(original, self, customer_gateway_id):
    used = [v.id for v in self.vpn_connections.values() if v.customer_gateway_id == customer_gateway_id and v.state != "deleted"]
    require(not used, "IncorrectState", f"The customer gateway is in use by {used}.")
    return original(self, customer_gateway_id)


@patch(VPNConnections)
def create_vpn_connection(original, self):
    """Keeps the options, gives each tunnel an outside address, and keys a place in Secrets Manager."""
    result = original(self)
    vpn, options = result.result["VpnConnection"], self._get_param("Options", {})
    number = len(self.ec2_backend.vpn_connections)
    tunnels = [{**t, "OutsideIpAddress": f"198.51.100.{2 * number + i}"} for i, t in enumerate(options.get("TunnelOptions", []))]
    vpn.options = {**options, "TunnelOptions": tunnels}
    if self._get_param("PreSharedKeyStorage") == "SecretsManager":
        vpn.pre_shared_key_arn = f"arn:aws:secretsmanager:{self.region}:{self.current_account}:secret:s2svpn!{vpn.id}"
    for a in self.ec2_backend.transit_gateway_attachments.values():
        if a.resource_id == vpn.id:
            associate_by_default(self.ec2_backend, a)
    return result


@patch(VPNConnections)
def delete_vpn_connection(original, self):
    for a in list(self.ec2_backend.transit_gateway_attachments.values()):
        if a.resource_id == self._get_param("VpnConnectionId"):
            forget(self.ec2_backend, a)
    return original(self)


# Buckets.

@patch(FakeBucket)
def get_permission(original, self, action, resource):
    """moto ignores conditions, so "deny what comes without TLS" would deny everything."""
    return PermissionResult.NEUTRAL


# Hosted zones.

def create_route53_zone_id(**_):
    """An id as Route 53's; moto's may begin with any letter."""
    return "Z" + "".join(random.choices(string.ascii_uppercase + string.digits, k=20))


moto.route53.models.create_route53_zone_id = create_route53_zone_id
