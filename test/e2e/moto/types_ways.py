"""Ways in: secrets and keys, machines in groups, load balancers, Client VPN, Global Accelerator."""
from registry import EC2Type, Type, gone, pairs
from rows import Row
from template import Refused


class Alias(Row):
    name, service = "AWS::KMS::Alias", "kms"
    properties, mutable = "AliasName TargetKeyId", "TargetKeyId"
    create_, change, remove, keys = "create_alias", "update_alias", "delete_alias", "AliasName"


class Secret(Row):
    name, service, tagged = "AWS::SecretsManager::Secret", "secretsmanager", True
    properties, mutable = "Description Name", "Description"
    create_, change, remove, made, keys = "create_secret", "update_secret", "delete_secret", "ARN", "SecretId"

    def create(self, c, p):
        return super().create(c, {"Name": c.name(), **p})

    def tag(self, c, pid, old, new):
        self.call(c, "tag_resource", SecretId=pid, Tags=pairs(new))
        if gone(old, new):
            self.call(c, "untag_resource", SecretId=pid, TagKeys=gone(old, new))


class InstanceProfile(Type):
    name = "AWS::IAM::InstanceProfile"
    properties = "InstanceProfileName Roles"
    mutable = "Roles"
    tagged = False

    def create(self, c, p):
        pid = p.get("InstanceProfileName") or c.name(128)
        c.client("iam").create_instance_profile(InstanceProfileName=pid)
        self.update(c, pid, {"Roles": []}, p)
        return pid

    def update(self, c, pid, old, new):
        for role in gone(old["Roles"], new["Roles"]):
            c.client("iam").remove_role_from_instance_profile(InstanceProfileName=pid, RoleName=role)
        for role in gone(new["Roles"], old["Roles"]):
            c.client("iam").add_role_to_instance_profile(InstanceProfileName=pid, RoleName=role)

    def delete(self, c, pid, p):
        self.update(c, pid, p, {"Roles": []})
        c.client("iam").delete_instance_profile(InstanceProfileName=pid)

    def attribute(self, c, pid, p, name):
        return c.client("iam").get_instance_profile(InstanceProfileName=pid)["InstanceProfile"][name]


class LaunchTemplate(EC2Type):
    """A change is a new version, and the group that takes it names its number."""
    name = "AWS::EC2::LaunchTemplate"
    properties = "LaunchTemplateData LaunchTemplateName TagSpecifications"
    mutable = "LaunchTemplateData"
    tagged = False

    def create(self, c, p):
        made = c.ec2.create_launch_template(**{"LaunchTemplateName": c.name(128), **p})
        return made["LaunchTemplate"]["LaunchTemplateId"]

    def update(self, c, pid, old, new):
        c.ec2.create_launch_template_version(LaunchTemplateId=pid, LaunchTemplateData=new["LaunchTemplateData"])

    def delete(self, c, pid, p):
        c.ec2.delete_launch_template(LaunchTemplateId=pid)

    def attribute(self, c, pid, p, name):
        return str(c.ec2.describe_launch_templates(LaunchTemplateIds=[pid])["LaunchTemplates"][0][name])


class AutoScalingGroup(Type):
    """Instances are moto's: they stand in their subnets with their groups, and nothing boots. Signals are not waited for."""
    name = "AWS::AutoScaling::AutoScalingGroup"
    mutable = "DesiredCapacity HealthCheckGracePeriod HealthCheckType LaunchTemplate MaxSize MinSize TargetGroupARNs VPCZoneIdentifier MetricsCollection InstanceMaintenancePolicy"
    properties = mutable

    def api(self, p):
        out = {k: v for k, v in p.items() if k not in ("TargetGroupARNs", "VPCZoneIdentifier", "MetricsCollection")}
        out.update({k: int(out[k]) for k in ("DesiredCapacity", "HealthCheckGracePeriod", "MaxSize", "MinSize") if k in out})
        return {**out, "VPCZoneIdentifier": ",".join(p["VPCZoneIdentifier"])}

    def create(self, c, p):
        group, pid = c.client("autoscaling"), c.name(255)
        group.create_auto_scaling_group(AutoScalingGroupName=pid, TargetGroupARNs=p.get("TargetGroupARNs", []), **self.api(p))
        self.observe(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        group = c.client("autoscaling")
        group.update_auto_scaling_group(AutoScalingGroupName=pid, **self.api(new))
        before, after = old.get("TargetGroupARNs", []), new.get("TargetGroupARNs", [])
        if gone(after, before):
            group.attach_load_balancer_target_groups(AutoScalingGroupName=pid, TargetGroupARNs=gone(after, before))
        if gone(before, after):
            group.detach_load_balancer_target_groups(AutoScalingGroupName=pid, TargetGroupARNs=gone(before, after))
        self.observe(c, pid, old, new)

    def observe(self, c, pid, old, new):
        for x in new.get("MetricsCollection", []):
            c.client("autoscaling").enable_metrics_collection(AutoScalingGroupName=pid, **x)

    def delete(self, c, pid, p):
        c.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=pid, ForceDelete=True)

    def tag(self, c, pid, old, new):
        def these(tags, **more):
            return [{"ResourceId": pid, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True, **t, **more} for t in tags]
        c.client("autoscaling").create_or_update_tags(Tags=these(pairs(new)))
        if gone(old, new):
            c.client("autoscaling").delete_tags(Tags=these([{"Key": k} for k in gone(old, new)]))


class ScalingPolicy(Row):
    name, service = "AWS::AutoScaling::ScalingPolicy", "autoscaling"
    mutable = "AutoScalingGroupName Cooldown EstimatedInstanceWarmup PolicyType TargetTrackingConfiguration"
    properties = mutable
    create_, remove, made = "put_scaling_policy", "delete_policy", "PolicyARN"

    def more(self, c, p):
        return {"PolicyName": c.name()}

    def update(self, c, pid, old, new):
        self.call(c, self.create_, PolicyName=pid.rsplit("policyName/", 1)[-1], **new)

    def delete(self, c, pid, p):
        self.call(c, self.remove, PolicyName=pid.rsplit("policyName/", 1)[-1], AutoScalingGroupName=p["AutoScalingGroupName"])


class SecurityGroupRule(EC2Type):
    """A rule of its own, for groups that name each other."""
    tagged = False
    side, peers = "", {}

    def permission(self, p):
        text = {"Description": p["Description"]} if "Description" in p else {}
        out = {k: p[k] for k in ("IpProtocol", "FromPort", "ToPort") if k in p}
        for name, (field, key) in self.peers.items():
            if name in p:
                out[field] = [{key: p[name], **text}]
        return [out]

    def create(self, c, p):
        made = getattr(c.ec2, f"authorize_security_group_{self.side}")(GroupId=p["GroupId"], IpPermissions=self.permission(p))
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def delete(self, c, pid, p):
        getattr(c.ec2, f"revoke_security_group_{self.side}")(GroupId=p["GroupId"], SecurityGroupRuleIds=[pid])


class SecurityGroupEgress(SecurityGroupRule):
    name, side = "AWS::EC2::SecurityGroupEgress", "egress"
    properties = "CidrIp Description DestinationPrefixListId DestinationSecurityGroupId FromPort GroupId IpProtocol ToPort"
    peers = {"CidrIp": ("IpRanges", "CidrIp"), "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"), "DestinationPrefixListId": ("PrefixListIds", "PrefixListId")}


class SecurityGroupIngress(SecurityGroupRule):
    name, side = "AWS::EC2::SecurityGroupIngress", "ingress"
    properties = "CidrIp Description SourcePrefixListId SourceSecurityGroupId FromPort GroupId IpProtocol ToPort"
    peers = {"CidrIp": ("IpRanges", "CidrIp"), "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"), "SourcePrefixListId": ("PrefixListIds", "PrefixListId")}


# Load balancers.

class Balanced(Row):
    service, tagged = "elbv2", True

    def tag(self, c, pid, old, new):
        self.call(c, "add_tags", ResourceArns=[pid], Tags=pairs(new))
        if gone(old, new):
            self.call(c, "remove_tags", ResourceArns=[pid], TagKeys=gone(old, new))


class LoadBalancer(Balanced):
    name = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    properties = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic IpAddressType LoadBalancerAttributes Name Scheme SecurityGroups SubnetMappings Subnets Type"
    mutable = "LoadBalancerAttributes SecurityGroups Subnets"
    remove, made, keys = "delete_load_balancer", "LoadBalancers.0.LoadBalancerArn", "LoadBalancerArn"

    def create(self, c, p):
        asked = {"Name": c.name(32), **{k: v for k, v in p.items() if not k.startswith(("LoadBalancerAttr", "Enforce"))}}
        pid = self.call(c, "create_load_balancer", **asked)["LoadBalancers"][0]["LoadBalancerArn"]
        self.update(c, pid, p, p)
        return pid

    def update(self, c, pid, old, new):
        self.call(c, "modify_load_balancer_attributes", LoadBalancerArn=pid, Attributes=new.get("LoadBalancerAttributes", []))
        if new.get("SecurityGroups") != old.get("SecurityGroups"):
            self.call(c, "set_security_groups", LoadBalancerArn=pid, SecurityGroups=new["SecurityGroups"])
        if new.get("Subnets") != old.get("Subnets"):
            self.call(c, "set_subnets", LoadBalancerArn=pid, Subnets=new["Subnets"])

    def attribute(self, c, pid, p, name):
        found = self.call(c, "describe_load_balancers", LoadBalancerArns=[pid])["LoadBalancers"][0]
        known = {"DNSName": "DNSName", "CanonicalHostedZoneID": "CanonicalHostedZoneId", "LoadBalancerArn": "LoadBalancerArn"}
        if name == "LoadBalancerFullName":
            return pid.split(":loadbalancer/")[1]
        return found[known[name]] if name in known else super().attribute(c, pid, p, name)


class TargetGroup(Balanced):
    name = "AWS::ElasticLoadBalancingV2::TargetGroup"
    health = ("HealthCheckEnabled HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort HealthCheckProtocol HealthCheckTimeoutSeconds "
              "HealthyThresholdCount Matcher UnhealthyThresholdCount")
    mutable = health + " TargetGroupAttributes Targets"
    properties = mutable + " IpAddressType Name Port Protocol ProtocolVersion TargetType VpcId"
    remove, made, keys = "delete_target_group", "", "TargetGroupArn"

    def create(self, c, p):
        asked = {"Name": c.name(32), **{k: v for k, v in p.items() if k not in ("TargetGroupAttributes", "Targets")}}
        pid = self.call(c, "create_target_group", **asked)["TargetGroups"][0]["TargetGroupArn"]
        self.settle(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        self.call(c, "modify_target_group", TargetGroupArn=pid, **self.api(new, self.health.split()))
        self.settle(c, pid, old, new)

    def settle(self, c, pid, old, new):
        self.call(c, "modify_target_group_attributes", TargetGroupArn=pid, Attributes=new.get("TargetGroupAttributes", []))
        before, after = old.get("Targets", []), new.get("Targets", [])
        if [t for t in after if t not in before]:
            self.call(c, "register_targets", TargetGroupArn=pid, Targets=[t for t in after if t not in before])
        if [t for t in before if t not in after]:
            self.call(c, "deregister_targets", TargetGroupArn=pid, Targets=[t for t in before if t not in after])

    def delete(self, c, pid, p):
        self.call(c, self.remove, TargetGroupArn=pid)

    def attribute(self, c, pid, p, name):
        if name == "TargetGroupFullName":
            return pid.split(":")[-1]
        return pid if name == "TargetGroupArn" else super().attribute(c, pid, p, name)


class Listener(Balanced):
    name, tagged = "AWS::ElasticLoadBalancingV2::Listener", False
    mutable = "AlpnPolicy Certificates DefaultActions Port Protocol SslPolicy"
    properties = mutable + " LoadBalancerArn"
    create_, change, remove, made, keys = "create_listener", "modify_listener", "delete_listener", "Listeners.0.ListenerArn", "ListenerArn"


class ListenerRule(Balanced):
    name, tagged = "AWS::ElasticLoadBalancingV2::ListenerRule", False
    mutable, properties = "Actions Conditions", "Actions Conditions ListenerArn Priority"
    create_, change, remove, made, keys = "create_rule", "modify_rule", "delete_rule", "Rules.0.RuleArn", "RuleArn"


# Client VPN.

class ClientVpnEndpoint(EC2Type):
    name, tagged = "AWS::EC2::ClientVpnEndpoint", False
    mutable = ("ClientConnectOptions ClientLoginBannerOptions ConnectionLogOptions Description DisconnectOnSessionTimeout DnsServers SecurityGroupIds "
               "SelfServicePortal ServerCertificateArn SessionTimeoutHours SplitTunnel VpcId VpnPort")
    properties = mutable + " AuthenticationOptions ClientCidrBlock TagSpecifications TransportProtocol"

    def create(self, c, p):
        return c.ec2.create_client_vpn_endpoint(**p)["ClientVpnEndpointId"]

    def update(self, c, pid, old, new):
        c.ec2.modify_client_vpn_endpoint(ClientVpnEndpointId=pid, **{k: new[k] for k in self.mutable.split() if k in new})

    def delete(self, c, pid, p):
        c.ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=pid)


class ClientVpnTargetNetworkAssociation(Row):
    name, service = "AWS::EC2::ClientVpnTargetNetworkAssociation", "ec2"
    properties = "ClientVpnEndpointId SubnetId"
    create_, remove, made, keys = "associate_client_vpn_target_network", "disassociate_client_vpn_target_network", "AssociationId", "AssociationId ClientVpnEndpointId"


class ClientVpnRoute(Row):
    name, service = "AWS::EC2::ClientVpnRoute", "ec2"
    properties = "ClientVpnEndpointId Description DestinationCidrBlock TargetVpcSubnetId"
    create_, remove, keys = "create_client_vpn_route", "delete_client_vpn_route", "ClientVpnEndpointId DestinationCidrBlock TargetVpcSubnetId"


class ClientVpnAuthorizationRule(Row):
    name, service = "AWS::EC2::ClientVpnAuthorizationRule", "ec2"
    properties = "AccessGroupId AuthorizeAllGroups ClientVpnEndpointId Description TargetNetworkCidr"
    create_, remove, keys = "authorize_client_vpn_ingress", "revoke_client_vpn_ingress", "ClientVpnEndpointId TargetNetworkCidr"

    def key(self, pid, p):
        group = {"AccessGroupId": p["AccessGroupId"]} if "AccessGroupId" in p else {"RevokeAllGroups": True}
        return {**super().key(pid, p), **group}


# Global Accelerator, which answers in us-west-2.

class Accelerated(Row):
    service, region = "globalaccelerator", "us-west-2"


class Accelerator(Accelerated):
    name, tagged = "AWS::GlobalAccelerator::Accelerator", True
    mutable = "Enabled IpAddressType Name"
    properties = mutable
    create_, change, made, keys = "create_accelerator", "update_accelerator", "Accelerator.AcceleratorArn", "AcceleratorArn"
    look, attributes = "describe_accelerator", {"DnsName": "Accelerator.DnsName", "AcceleratorArn": "Accelerator.AcceleratorArn"}

    def more(self, c, p):
        return {"IdempotencyToken": c.name()}

    def delete(self, c, pid, p):
        self.call(c, "update_accelerator", AcceleratorArn=pid, Enabled=False)
        self.call(c, "delete_accelerator", AcceleratorArn=pid)


class AcceleratorListener(Accelerated):
    name = "AWS::GlobalAccelerator::Listener"
    mutable = "ClientAffinity PortRanges Protocol"
    properties = mutable + " AcceleratorArn"
    create_, change, remove, made, keys = "create_listener", "update_listener", "delete_listener", "Listener.ListenerArn", "ListenerArn"

    def more(self, c, p):
        return {"IdempotencyToken": c.name()}


class EndpointGroup(Accelerated):
    name = "AWS::GlobalAccelerator::EndpointGroup"
    mutable = ("EndpointConfigurations HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort HealthCheckProtocol PortOverrides ThresholdCount "
               "TrafficDialPercentage")
    properties = mutable + " EndpointGroupRegion ListenerArn"
    create_, change, remove, made, keys = "create_endpoint_group", "update_endpoint_group", "delete_endpoint_group", "EndpointGroup.EndpointGroupArn", "EndpointGroupArn"

    def more(self, c, p):
        return {"IdempotencyToken": c.name()}
