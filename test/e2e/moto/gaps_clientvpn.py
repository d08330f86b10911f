"""AWS Client VPN, which moto's EC2 does not have: endpoints with their associations, authorization rules and routes, and the rules
that EC2 documents for them. Answers are written by botocore's model, as moto writes its own."""
import ipaddress
import random

from moto.acm.models import acm_backends
from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends

from gaps import require

ENDPOINTS = {}  # (account, Region) -> id -> Endpoint
KEPT = ("AuthenticationOptions", "ClientCidrBlock", "ClientConnectOptions", "ClientLoginBannerOptions", "ConnectionLogOptions", "Description",
        "DisconnectOnSessionTimeout", "DnsServers", "SecurityGroupIds", "ServerCertificateArn", "SessionTimeoutHours", "SplitTunnel",
        "TransportProtocol", "VpcId", "VpnPort")


class Endpoint:
    def __init__(self, pid, options):
        self.pid, self.options, self.associations, self.rules, self.routes, self.revoked = pid, options, {}, {}, {}, None

    def state(self):
        return {"Code": "available" if self.associations else "pending-associate"}

    def described(self):
        tags = [t for s in self.options.get("TagSpecifications", []) for t in s["Tags"]]
        connect = [{"Type": o["Type"], **authentication(o)} for o in self.options["AuthenticationOptions"]]
        return {**{k: self.options[k] for k in KEPT if k in self.options}, "AuthenticationOptions": connect, "ClientVpnEndpointId": self.pid,
                "Status": self.state(), "DnsName": f"*.{self.pid}.prod.clientvpn.amazonaws.com", "VpnProtocol": "openvpn", "Tags": tags}


def authentication(o):
    """An option of authentication as answers name it."""
    if "FederatedAuthentication" in o:
        return {"FederatedAuthentication": {"SamlProviderArn": o["FederatedAuthentication"]["SAMLProviderArn"]}}
    if "MutualAuthentication" in o:
        return {"MutualAuthentication": {"ClientRootCertificateChain": o["MutualAuthentication"]["ClientRootCertificateChainArn"]}}
    return {}


def held(response):
    return ENDPOINTS.setdefault((response.current_account, response.region), {})


def endpoint(response):
    pid = response._get_param("ClientVpnEndpointId")
    require(pid in held(response), "InvalidClientVpnEndpointId.NotFound", f"Endpoint {pid} does not exist")
    return held(response)[pid]


def action(f):
    setattr(EC2Response, f.__name__, lambda self: ActionResult(f(self)))
    return f


def certificate(response, arn):
    require(arn in acm_backends[response.current_account][response.region]._certificates, "InvalidParameterValue", f"Certificate {arn} does not exist")


def check(response, options):
    """What an endpoint names has to be there; its pool lies in no block of its VPC."""
    backend, account = response.ec2_backend, response.current_account
    certificate(response, options["ServerCertificateArn"])
    for o in options["AuthenticationOptions"]:
        if "MutualAuthentication" in o:
            certificate(response, o["MutualAuthentication"]["ClientRootCertificateChainArn"])
        if "FederatedAuthentication" in o:
            arn = o["FederatedAuthentication"]["SAMLProviderArn"]
            require(any(p.arn == arn for p in iam_backends[account]["aws"].saml_providers.values()), "InvalidParameterValue", f"SAML provider {arn} does not exist")
    log = options.get("ConnectionLogOptions", {})
    if log.get("Enabled"):
        require(log["CloudwatchLogGroup"] in logs_backends[account][response.region].groups, "InvalidParameterValue", f"log group {log['CloudwatchLogGroup']} does not exist")
    if "VpcId" in options:
        vpc, pool = backend.get_vpc(options["VpcId"]), ipaddress.ip_network(options["ClientCidrBlock"])
        require(12 <= pool.prefixlen <= 22, "InvalidParameterValue", f"{pool} is not between /12 and /22")
        require(not pool.overlaps(ipaddress.ip_network(vpc.cidr_block)), "InvalidParameterValue", f"{pool} overlaps {vpc.cidr_block} of {vpc.id}")
        for pid in options.get("SecurityGroupIds", []):
            group = backend.get_security_group_from_id(pid)
            require(group and group.vpc_id == vpc.id, "InvalidGroup.NotFound", f"{pid} is no group of {vpc.id}")


@action
def create_client_vpn_endpoint(response):
    options = dict(response._get_params())
    check(response, options)
    pid = "cvpn-endpoint-%017x" % random.getrandbits(68)
    held(response)[pid] = Endpoint(pid, options)
    return {"ClientVpnEndpointId": pid, "Status": held(response)[pid].state(), "DnsName": held(response)[pid].described()["DnsName"]}


@action
def modify_client_vpn_endpoint(response):
    e = endpoint(response)
    options = {**e.options, **{k: v for k, v in response._get_params().items() if k not in ("Action", "Version", "ClientVpnEndpointId")}}
    check(response, options)
    e.options = options
    return {"Return": True}


@action
def describe_client_vpn_endpoints(response):
    asked = response._get_param("ClientVpnEndpointIds", [])
    return {"ClientVpnEndpoints": [e.described() for pid, e in held(response).items() if not asked or pid in asked]}


@action
def delete_client_vpn_endpoint(response):
    e = endpoint(response)
    require(not e.associations, "DependencyViolation", f"{e.pid} has associated target networks {sorted(e.associations)}")
    del held(response)[e.pid]
    return {"Status": {"Code": "deleting"}}


@action
def associate_client_vpn_target_network(response):
    e, subnet = endpoint(response), response.ec2_backend.get_subnet(response._get_param("SubnetId"))
    require(subnet.vpc_id == e.options.get("VpcId", subnet.vpc_id), "InvalidParameterValue", f"{subnet.id} is in another VPC than {e.pid}")
    for other in e.associations.values():
        require(response.ec2_backend.get_subnet(other).availability_zone != subnet.availability_zone, "InvalidClientVpnDuplicateAssociationException",
                f"{e.pid} is associated with {other} of the same zone")
    pid = "cvpn-assoc-%017x" % random.getrandbits(68)
    e.associations[pid] = subnet.id
    block = response.ec2_backend.get_vpc(subnet.vpc_id).cidr_block
    e.routes[block, subnet.id] = {"Origin": "associate"}
    return {"AssociationId": pid, "Status": {"Code": "associated"}}


@action
def disassociate_client_vpn_target_network(response):
    e, pid = endpoint(response), response._get_param("AssociationId")
    require(pid in e.associations, "InvalidClientVpnAssociationId.NotFound", f"{pid} does not exist")
    subnet = e.associations.pop(pid)
    e.routes = {key: r for key, r in e.routes.items() if key[1] != subnet}
    return {"AssociationId": pid, "Status": {"Code": "disassociating"}}


@action
def describe_client_vpn_target_networks(response):
    e = endpoint(response)
    return {"ClientVpnTargetNetworks": [
        {"AssociationId": pid, "TargetNetworkId": subnet, "ClientVpnEndpointId": e.pid, "Status": {"Code": "associated"},
         "VpcId": response.ec2_backend.get_subnet(subnet).vpc_id, "SecurityGroups": e.options.get("SecurityGroupIds", [])} for pid, subnet in e.associations.items()]}


@action
def authorize_client_vpn_ingress(response):
    e, q = endpoint(response), response._get_params()
    key = q["TargetNetworkCidr"], q.get("AccessGroupId")
    require(bool(q.get("AuthorizeAllGroups")) != bool(key[1]), "InvalidParameterCombination", "one of all groups and a group")
    require(key not in e.rules, "InvalidClientVpnDuplicateAuthorizationRule", f"{key} is authorized already")
    e.rules[key] = q.get("Description")
    return {"Status": {"Code": "active"}}


@action
def revoke_client_vpn_ingress(response):
    e, q = endpoint(response), response._get_params()
    key = q["TargetNetworkCidr"], q.get("AccessGroupId")
    require(key in e.rules, "InvalidClientVpnEndpointAuthorizationRuleNotFound", f"{key} is not authorized")
    del e.rules[key]
    return {"Status": {"Code": "revoking"}}


@action
def describe_client_vpn_authorization_rules(response):
    e = endpoint(response)
    return {"AuthorizationRules": [{"ClientVpnEndpointId": e.pid, "DestinationCidr": block, "GroupId": group, "AccessAll": not group, "Description": text,
                                    "Status": {"Code": "active"}} for (block, group), text in e.rules.items()]}


@action
def create_client_vpn_route(response):
    e, q = endpoint(response), response._get_params()
    key = q["DestinationCidrBlock"], q["TargetVpcSubnetId"]
    require(key[1] in e.associations.values(), "InvalidClientVpnSubnetId.NotAssociated", f"{key[1]} is not associated with {e.pid}")
    require(key not in e.routes, "InvalidClientVpnDuplicateRoute", f"{key} is there already")
    e.routes[key] = {"Origin": "add-route", "Description": q.get("Description")}
    return {"Status": {"Code": "active"}}


@action
def delete_client_vpn_route(response):
    e, q = endpoint(response), response._get_params()
    key = q["DestinationCidrBlock"], q["TargetVpcSubnetId"]
    require(e.routes.get(key, {}).get("Origin") == "add-route", "InvalidClientVpnRouteNotFound", f"{key} was not added")
    del e.routes[key]
    return {"Status": {"Code": "deleting"}}


@action
def describe_client_vpn_routes(response):
    e = endpoint(response)
    return {"Routes": [{"ClientVpnEndpointId": e.pid, "DestinationCidr": block, "TargetSubnet": subnet, "Type": "Nat", "Status": {"Code": "active"}, **r}
                       for (block, subnet), r in e.routes.items()]}


@action
def import_client_vpn_client_certificate_revocation_list(response):
    e = endpoint(response)
    e.revoked = response._get_param("CertificateRevocationList")
    return {"Return": True}


@action
def export_client_vpn_client_certificate_revocation_list(response):
    e = endpoint(response)
    return {"CertificateRevocationList": e.revoked or "", "Status": {"Code": "active" if e.revoked else "pending"}}
