"""What moto lacks for ways in: Amazon's images and AWS's prefix lists that are looked up by name, what blocks a deletion, and the
values that it takes and does not tell."""
import ipaddress
import os
import random

from moto.autoscaling.responses import AutoScalingResponse
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami
from moto.ec2.models.instances import Instance
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.elbv2.models import AvailabilityZone, ELBv2Backend, FakeLoadBalancer, elbv2_backends

from gaps import patch, require

LISTS = ("route53-healthchecks", "global-accelerator")


@patch(EC2Backend)
def _load_amis(original, self):
    """The images that the harness names, with another id in each Region, and nothing else of Amazon's."""
    for name in filter(None, os.environ.get("E2E_IMAGES", "").split(",")):
        pid = "ami-%017x" % random.getrandbits(68)
        self.amis[pid] = Ami(self, pid, name=name, owner_id="137112412989", owner_alias="amazon", public=True, virtualization_type="hvm", architecture="arm64",
                             root_device_type="ebs", root_device_name="/dev/xvda", region_name=self.region_name)


@patch(EC2Backend)
def create_default_pls(original, self):
    original(self)
    for name in LISTS:
        self.create_managed_prefix_list(address_family="IPv4", entry=[{"Cidr": "192.0.2.0/24", "Description": ""}], prefix_list_name=f"com.amazonaws.{self.region_name}.{name}",
                                        owner_id="AWS")


@patch(SecurityGroupRule)
def __init__(original, self, *a, **k):
    """A rule with a prefix list or a group keeps its description."""
    original(self, *a, **k)
    given = [x for x in (*a, *k.values()) if isinstance(x, dict) and "PrefixListId" in x]
    self.of_list = given[0] if given else None


SecurityGroupRule.description = property(lambda self: (self.of_list or self.source_group or self.ip_range).get("Description"))


@patch(SecurityGroup)
def _flattened_rules(original, self, rules):
    views, told = original(self, rules), {r.prefix_list_id: r.of_list for r in rules if r.prefix_list_id}
    for view in views:
        view.prefix_list_ids = [told[x["PrefixListId"]] for x in view.prefix_list_ids]
    return views


def balancers(backend):
    return elbv2_backends[backend.account_id][backend.region_name].load_balancers.values()


@patch(EC2Backend)
def delete_subnet(original, self, subnet_id):
    standing = [b.name for b in balancers(self) if subnet_id in [s.id for s in b.subnets]]
    standing += [i.id for r in self.reservations.values() for i in r.instances if i.subnet_id == subnet_id and i.state != "terminated"]
    require(not standing, "DependencyViolation", f"The subnet '{subnet_id}' has dependencies {standing} and cannot be deleted.")
    return original(self, subnet_id)


@patch(EC2Backend)
def delete_security_group(original, self, name=None, group_id=None):
    using = [b.name for b in balancers(self) if group_id in (b.security_groups or [])]
    for other in self.groups.values():
        for g in other.values():
            rules = g.ingress_rules + g.egress_rules
            if g.id != group_id and any(rule.source_group.get("GroupId") == group_id for rule in rules):
                using.append(g.id)
    require(not using, "DependencyViolation", f"resource {group_id} has a dependent object {using}")
    return original(self, name, group_id)


@patch(ELBv2Backend)
def create_load_balancer(original, self, name, security_groups, subnet_ids, subnet_mappings=None, scheme="internet-facing", loadbalancer_type=None,
                         ip_address_type="ipv4", tags=None):
    """One subnet of each zone, two at least for applications, an Internet gateway for what faces the Internet; fixed addresses lie in their subnet."""
    ids = list(subnet_ids) or [m["SubnetId"] for m in subnet_mappings or []]
    subnets = [self.ec2_backend.get_subnet(s) for s in ids]
    zones = [s.availability_zone for s in subnets]
    require(len(zones) == len(set(zones)), "InvalidConfigurationRequest", f"{ids} are not in different zones")
    require(loadbalancer_type == "network" or len(zones) > 1, "InvalidConfigurationRequest", "At least two subnets in two different Availability Zones must be specified")
    vpc = subnets[0].vpc_id
    require(all(s.vpc_id == vpc for s in subnets), "InvalidSubnet", f"{ids} are not of one VPC")
    for pid in security_groups or []:
        group = self.ec2_backend.get_security_group_from_id(pid)
        require(group and group.vpc_id == vpc, "InvalidSecurityGroup", f"{pid} is no group of {vpc}")
    if scheme == "internet-facing":
        require(any(g.vpc and g.vpc.id == vpc for g in self.ec2_backend.internet_gateways.values()), "InvalidSubnet", f"VPC {vpc} has no internet gateway")
    made = original(self, name, security_groups, subnet_ids, subnet_mappings, scheme, loadbalancer_type, ip_address_type, tags)
    for m in subnet_mappings or []:
        if "PrivateIPv4Address" in m:
            block = ipaddress.ip_network(self.ec2_backend.get_subnet(m["SubnetId"]).cidr_block)
            require(ipaddress.ip_address(m["PrivateIPv4Address"]) in block, "InvalidConfigurationRequest", f"{m['PrivateIPv4Address']} is not in {block}")
    made.mappings = {m["SubnetId"]: m for m in subnet_mappings or []}
    return made


def zones_with_addresses(balancer):
    """The zones of a load balancer, with the addresses that were asked for; moto forgets them."""
    zones = [AvailabilityZone(s) for s in balancer.subnets]
    for z in zones:
        m = getattr(balancer, "mappings", {}).get(z.subnet_id, {})
        z.load_balancer_addresses = [{k: m[k] for k in ("PrivateIPv4Address", "AllocationId") if k in m}] if len(m) > 1 else []
    return zones


FakeLoadBalancer.availability_zones = property(zones_with_addresses)


def keep_policy(original, self):
    """moto has no instance maintenance policy: who asks for one is told it."""
    out = original(self)
    asked = self._get_params().get("InstanceMaintenancePolicy")
    if asked:
        self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")].instance_maintenance_policy = asked
    return out


@patch(AutoScalingResponse)
def create_auto_scaling_group(original, self):
    return keep_policy(original, self)


@patch(AutoScalingResponse)
def update_auto_scaling_group(original, self):
    return keep_policy(original, self)


@patch(Instance)
def add_block_device(original, self, size, device_path, *a, **k):
    """A volume that names no size has that of the image's snapshot: 8 GB, as Amazon Linux 2023's."""
    return original(self, size or 8, device_path, *a, **k)
