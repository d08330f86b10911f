"""AWS Global Accelerator's API, which moto does not have: what these templates use of it, with the rules that it documents.

It answers where it does in AWS, in us-west-2 alone.
"""
import random
import uuid

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from service import Fault, Service, account_of

MAX_PORTS = 10  # port ranges of a listener


class Accelerators(Service):
    name, target = "globalaccelerator", "GlobalAccelerator_V20180706"

    def __init__(self):
        self.accelerators, self.listeners, self.groups, self.tags = {}, {}, {}, {}

    def found(self, held, arn, kind):
        if arn not in held:
            raise Fault(f"{kind}NotFoundException", f"{arn} does not exist")
        return held[arn]

    # Accelerators.

    def create_accelerator(self, q):
        arn = f"arn:aws:globalaccelerator::{account_of(q)}:accelerator/{uuid.uuid4()}"
        self.accelerators[arn] = {
            "AcceleratorArn": arn, "Name": q["Name"], "IpAddressType": q.get("IpAddressType", "IPV4"), "Enabled": q.get("Enabled", True), "Status": "DEPLOYED",
            "DnsName": "a%016x.awsglobalaccelerator.com" % random.getrandbits(64),
            "IpSets": [{"IpFamily": "IPv4", "IpAddresses": ["198.51.100.%d" % (2 * len(self.accelerators) + n) for n in (1, 2)]}]}
        self.tags[arn] = {t["Key"]: t["Value"] for t in q.get("Tags", [])}
        return {"Accelerator": self.accelerators[arn]}

    def describe_accelerator(self, q):
        return {"Accelerator": self.found(self.accelerators, q["AcceleratorArn"], "Accelerator")}

    def list_accelerators(self, q):
        return {"Accelerators": list(self.accelerators.values())}

    def update_accelerator(self, q):
        a = self.found(self.accelerators, q["AcceleratorArn"], "Accelerator")
        a.update({k: q[k] for k in ("Name", "Enabled", "IpAddressType") if k in q})
        return {"Accelerator": a}

    def delete_accelerator(self, q):
        a = self.found(self.accelerators, q["AcceleratorArn"], "Accelerator")
        if a["Enabled"]:
            raise Fault("AcceleratorNotDisabledException", f"{a['AcceleratorArn']} is enabled")
        self.unused(a["AcceleratorArn"], self.listeners, "AssociatedListenerFoundException")
        del self.accelerators[a["AcceleratorArn"]]
        return {}

    def unused(self, arn, held, code):
        inner = [other for other in held if other.startswith(arn + "/")]
        if inner:
            raise Fault(code, f"{arn} has {inner}")

    def tag_resource(self, q):
        self.found(self.accelerators, q["ResourceArn"], "Accelerator")
        self.tags[q["ResourceArn"]].update({t["Key"]: t["Value"] for t in q["Tags"]})
        return {}

    def untag_resource(self, q):
        for key in q["TagKeys"]:
            self.tags[q["ResourceArn"]].pop(key, None)
        return {}

    def list_tags_for_resource(self, q):
        return {"Tags": [{"Key": k, "Value": v} for k, v in self.tags[q["ResourceArn"]].items()]}

    # Listeners.

    def create_listener(self, q):
        self.found(self.accelerators, q["AcceleratorArn"], "Accelerator")
        arn = f"{q['AcceleratorArn']}/listener/{random.getrandbits(32):08x}"
        self.listeners[arn] = self.listener(arn, {"ClientAffinity": "NONE", **q})
        return {"Listener": self.listeners[arn]}

    def update_listener(self, q):
        listener = self.found(self.listeners, q["ListenerArn"], "Listener")
        self.listeners[q["ListenerArn"]] = self.listener(q["ListenerArn"], {**listener, **q})
        return {"Listener": self.listeners[q["ListenerArn"]]}

    def listener(self, arn, q):
        """A listener whose ports no other one of the accelerator has for the protocol."""
        ranges = q["PortRanges"]
        if not 0 < len(ranges) <= MAX_PORTS or any(not 1 <= r["FromPort"] <= r["ToPort"] <= 65535 for r in ranges):
            raise Fault("InvalidPortRangeException", f"{ranges}")
        for other in self.listeners.values():
            same = other["ListenerArn"] != arn and other["ListenerArn"].startswith(arn.split("/listener/")[0] + "/") and other["Protocol"] == q["Protocol"]
            if same and any(x["FromPort"] <= y["ToPort"] and y["FromPort"] <= x["ToPort"] for x in ranges for y in other["PortRanges"]):
                raise Fault("InvalidPortRangeException", f"{ranges} overlap those of {other['ListenerArn']}")
        return {"ListenerArn": arn, **{k: q[k] for k in ("PortRanges", "Protocol", "ClientAffinity")}}

    def describe_listener(self, q):
        return {"Listener": self.found(self.listeners, q["ListenerArn"], "Listener")}

    def delete_listener(self, q):
        self.found(self.listeners, q["ListenerArn"], "Listener")
        self.unused(q["ListenerArn"], self.groups, "AssociatedEndpointGroupFoundException")
        del self.listeners[q["ListenerArn"]]
        return {}

    # Endpoint groups.

    fields = ("EndpointGroupRegion", "TrafficDialPercentage", "HealthCheckPort", "HealthCheckProtocol", "HealthCheckPath", "HealthCheckIntervalSeconds", "ThresholdCount", "PortOverrides")

    def create_endpoint_group(self, q):
        self.found(self.listeners, q["ListenerArn"], "Listener")
        if any(arn.startswith(q["ListenerArn"] + "/") and g["EndpointGroupRegion"] == q["EndpointGroupRegion"] for arn, g in self.groups.items()):
            raise Fault("EndpointGroupAlreadyExistsException", f"{q['ListenerArn']} has one in {q['EndpointGroupRegion']}")
        arn = f"{q['ListenerArn']}/endpoint-group/{random.getrandbits(48):012x}"
        self.groups[arn] = self.group(arn, q, account_of(q))
        return {"EndpointGroup": self.groups[arn]}

    def update_endpoint_group(self, q):
        g = self.found(self.groups, q["EndpointGroupArn"], "EndpointGroup")
        old = [{k: v for k, v in e.items() if k != "HealthState"} for e in g["EndpointDescriptions"]]
        self.groups[q["EndpointGroupArn"]] = self.group(q["EndpointGroupArn"], {"EndpointConfigurations": old, **g, **q}, account_of(q))
        return {"EndpointGroup": self.groups[q["EndpointGroupArn"]]}

    def group(self, arn, q, account):
        endpoints = [self.endpoint(e, account, q["EndpointGroupRegion"]) for e in q.get("EndpointConfigurations", [])]
        return {"EndpointGroupArn": arn, "EndpointDescriptions": endpoints, **{k: q[k] for k in self.fields if k in q}}

    def endpoint(self, e, account, region):
        """An address, instance or load balancer that is there, in a VPC with an Internet gateway unless it is an address without a place."""
        pid, ec2, vpc = e["EndpointId"], ec2_backends[account][region], None
        keeps = e.get("ClientIPPreservationEnabled", False)
        if pid.startswith("eipalloc-"):
            self.there(any(a.allocation_id == pid for a in ec2.addresses), pid, region)
            if keeps:
                raise Fault("InvalidArgumentException", f"{pid}: an Elastic IP address cannot preserve client addresses")
        elif pid.startswith("arn:"):
            balancer = elbv2_backends[account][region].load_balancers.get(pid)
            self.there(balancer, pid, region)
            vpc = balancer.vpc_id
            if keeps and balancer.type == "network" and not balancer.security_groups:
                raise Fault("InvalidArgumentException", f"{pid}: a network load balancer without security groups cannot preserve client addresses")
        else:
            instance = next((i for r in ec2.reservations.values() for i in r.instances if i.id == pid), None)
            self.there(instance, pid, region)
            vpc = instance.vpc_id
        if vpc and not any(g.vpc and g.vpc.id == vpc for g in ec2.internet_gateways.values()):
            raise Fault("InvalidArgumentException", f"{pid}: {vpc} has no internet gateway")
        return {"EndpointId": pid, "Weight": e.get("Weight", 128), "ClientIPPreservationEnabled": keeps, "HealthState": "INITIAL"}

    def there(self, found, pid, region):
        if not found:
            raise Fault("EndpointNotFoundException", f"{pid} does not exist in {region}")

    def describe_endpoint_group(self, q):
        return {"EndpointGroup": self.found(self.groups, q["EndpointGroupArn"], "EndpointGroup")}

    def delete_endpoint_group(self, q):
        self.found(self.groups, q["EndpointGroupArn"], "EndpointGroup")
        del self.groups[q["EndpointGroupArn"]]
        return {}
