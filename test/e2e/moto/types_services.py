"""What is not EC2: roles, keys, logs, topics, buckets, DNS and the function behind custom resources."""
import json

from registry import Type, gone, pairs
from template import Refused


class Role(Type):
    name = "AWS::IAM::Role"
    properties = "AssumeRolePolicyDocument Description ManagedPolicyArns Policies RoleName"
    mutable = "AssumeRolePolicyDocument ManagedPolicyArns Policies"

    def create(self, c, p):
        name = p.get("RoleName") or c.name()
        c.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(p["AssumeRolePolicyDocument"]), Description=p.get("Description", ""))
        self.apply(c, name, {}, p)
        return name

    def update(self, c, pid, old, new):
        c.client("iam").update_assume_role_policy(RoleName=pid, PolicyDocument=json.dumps(new["AssumeRolePolicyDocument"]))
        self.apply(c, pid, old, new)

    def apply(self, c, name, old, new):
        iam = c.client("iam")
        for policy in new.get("Policies", []):
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"]))
        for policy in gone([x["PolicyName"] for x in old.get("Policies", [])], [x["PolicyName"] for x in new.get("Policies", [])]):
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for arn in gone(new.get("ManagedPolicyArns", []), old.get("ManagedPolicyArns", [])):
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in gone(old.get("ManagedPolicyArns", []), new.get("ManagedPolicyArns", [])):
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)

    def delete(self, c, pid, p):
        self.apply(c, pid, p, {})
        c.client("iam").delete_role(RoleName=pid)

    def tag(self, c, pid, old, new):
        c.client("iam").tag_role(RoleName=pid, Tags=pairs(new))
        c.client("iam").untag_role(RoleName=pid, TagKeys=gone(old, new))

    def attribute(self, c, pid, p, name):
        return c.client("iam").get_role(RoleName=pid)["Role"][name]


class Policy(Type):
    name = "AWS::IAM::Policy"
    properties = "PolicyDocument PolicyName Roles"
    mutable = "PolicyDocument"
    tagged = False

    def create(self, c, p):
        self.update(c, "", {}, p)
        return c.name()

    def update(self, c, pid, old, new):
        for role in new["Roles"]:
            c.client("iam").put_role_policy(RoleName=role, PolicyName=new["PolicyName"], PolicyDocument=json.dumps(new["PolicyDocument"]))

    def delete(self, c, pid, p):
        for role in p["Roles"]:
            c.client("iam").delete_role_policy(RoleName=role, PolicyName=p["PolicyName"])


class Key(Type):
    name = "AWS::KMS::Key"
    properties = "Description EnableKeyRotation KeyPolicy KeySpec KeyUsage"
    mutable = "Description EnableKeyRotation KeyPolicy"

    def create(self, c, p):
        kind = {k: p[k] for k in ("KeySpec", "KeyUsage") if k in p}
        pid = c.client("kms").create_key(Policy=json.dumps(p["KeyPolicy"]), Description=p.get("Description", ""), **kind)["KeyMetadata"]["KeyId"]
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        kms = c.client("kms")
        kms.put_key_policy(KeyId=pid, PolicyName="default", Policy=json.dumps(new["KeyPolicy"]))
        kms.update_key_description(KeyId=pid, Description=new.get("Description", ""))
        if new.get("KeyUsage") == "SIGN_VERIFY":
            return  # cannot rotate
        (kms.enable_key_rotation if new.get("EnableKeyRotation") else kms.disable_key_rotation)(KeyId=pid)

    def delete(self, c, pid, p):
        c.client("kms").schedule_key_deletion(KeyId=pid)

    def tag(self, c, pid, old, new):
        c.client("kms").tag_resource(KeyId=pid, Tags=[{"TagKey": k, "TagValue": v} for k, v in new.items()])
        c.client("kms").untag_resource(KeyId=pid, TagKeys=gone(old, new))

    def attribute(self, c, pid, p, name):
        return c.client("kms").describe_key(KeyId=pid)["KeyMetadata"][name]


class Function(Type):
    name = "AWS::Lambda::Function"
    properties = "Architectures Code Description Environment FunctionName Handler LoggingConfig MemorySize Role Runtime Timeout VpcConfig"
    mutable = "Code Description Environment LoggingConfig MemorySize Timeout VpcConfig"

    def create(self, c, p):
        return c.client("lambda").create_function(**{"FunctionName": c.name(), **p})["FunctionName"]

    def update(self, c, pid, old, new):
        if new["Code"] != old["Code"]:
            c.client("lambda").update_function_code(FunctionName=pid, **new["Code"])
        settings = {k: new[k] for k in self.mutable.split() if k in new and k != "Code"}
        c.client("lambda").update_function_configuration(FunctionName=pid, **settings)

    def delete(self, c, pid, p):
        c.client("lambda").delete_function(FunctionName=pid)

    def tag(self, c, pid, old, new):
        arn = self.attribute(c, pid, {}, "Arn")
        c.client("lambda").tag_resource(Resource=arn, Tags=new)
        if gone(old, new):
            c.client("lambda").untag_resource(Resource=arn, TagKeys=gone(old, new))

    def attribute(self, c, pid, p, name):
        return c.client("lambda").get_function(FunctionName=pid)["Configuration"]["Function" + name]


class EventInvokeConfig(Type):
    name = "AWS::Lambda::EventInvokeConfig"
    properties = "FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier"
    mutable = "MaximumEventAgeInSeconds MaximumRetryAttempts"
    tagged = False

    def create(self, c, p):
        self.update(c, "", {}, p)
        return f"{p['FunctionName']}|{p['Qualifier']}"

    def update(self, c, pid, old, new):
        if new["Qualifier"] != "$LATEST":
            raise Refused(f"{self.name}: the emulation knows $LATEST only")
        c.client("lambda").put_function_event_invoke_config(**{k: v for k, v in new.items() if k != "Qualifier"})

    def delete(self, c, pid, p):
        c.client("lambda").delete_function_event_invoke_config(FunctionName=p["FunctionName"])


class LogGroup(Type):
    name = "AWS::Logs::LogGroup"
    properties = "LogGroupName RetentionInDays"
    mutable = "RetentionInDays"

    def create(self, c, p):
        pid = p.get("LogGroupName") or c.name(512)
        c.client("logs").create_log_group(logGroupName=pid)
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        c.client("logs").put_retention_policy(logGroupName=pid, retentionInDays=int(new["RetentionInDays"]))

    def delete(self, c, pid, p):
        c.client("logs").delete_log_group(logGroupName=pid)

    def tag(self, c, pid, old, new):
        c.client("logs").tag_log_group(logGroupName=pid, tags=new)
        if gone(old, new):
            c.client("logs").untag_log_group(logGroupName=pid, tags=gone(old, new))

    def attribute(self, c, pid, p, name):
        return f"arn:aws:logs:{c.region}:{c.account}:log-group:{pid}:*" if name == "Arn" else super().attribute(c, pid, p, name)


class Topic(Type):
    name = "AWS::SNS::Topic"
    properties = "DisplayName KmsMasterKeyId"
    mutable = "DisplayName KmsMasterKeyId"

    def create(self, c, p):
        pid = c.client("sns").create_topic(Name=c.name(256))["TopicArn"]
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        for name in self.mutable.split():
            c.client("sns").set_topic_attributes(TopicArn=pid, AttributeName=name, AttributeValue=new.get(name, ""))

    def delete(self, c, pid, p):
        c.client("sns").delete_topic(TopicArn=pid)

    def tag(self, c, pid, old, new):
        c.client("sns").tag_resource(ResourceArn=pid, Tags=pairs(new))
        c.client("sns").untag_resource(ResourceArn=pid, TagKeys=gone(old, new))


class TopicPolicy(Type):
    name = "AWS::SNS::TopicPolicy"
    properties = "PolicyDocument Topics"
    mutable = "PolicyDocument"
    tagged = False

    def create(self, c, p):
        self.update(c, "", {}, p)
        return c.name()

    def update(self, c, pid, old, new):
        for arn in new["Topics"]:
            c.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(new["PolicyDocument"]))

    def delete(self, c, pid, p):
        pass  # the topic goes back to its default policy, which SNS does not name


class Parameter(Type):
    name = "AWS::SSM::Parameter"
    properties = "Description Name Type Value"
    mutable = "Description Value"

    def create(self, c, p):
        return self.put(c, p.get("Name") or "CFN-" + c.name(100), p, overwrite=False)

    def update(self, c, pid, old, new):
        self.put(c, pid, new, overwrite=True)

    def put(self, c, name, p, overwrite):
        c.client("ssm").put_parameter(Name=name, Type=p["Type"], Value=p["Value"], Description=p.get("Description", ""), Overwrite=overwrite)
        return name

    def delete(self, c, pid, p):
        c.client("ssm").delete_parameter(Name=pid)

    def tag(self, c, pid, old, new):
        c.client("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=pid, Tags=pairs(new))
        c.client("ssm").remove_tags_from_resource(ResourceType="Parameter", ResourceId=pid, TagKeys=gone(old, new))


class HostedZone(Type):
    name = "AWS::Route53::HostedZone"
    properties = "HostedZoneConfig Name VPCs"
    mutable = "VPCs HostedZoneConfig"
    tagged = False

    def create(self, c, p):
        route53, (first, *rest) = c.client("route53"), [self.vpc(v) for v in p["VPCs"]]
        pid = route53.create_hosted_zone(Name=p["Name"], CallerReference=c.name(), VPC=first,
                                         HostedZoneConfig={**p.get("HostedZoneConfig", {}), "PrivateZone": True})["HostedZone"]["Id"].split("/")[-1]
        for vpc in rest:
            route53.associate_vpc_with_hosted_zone(HostedZoneId=pid, VPC=vpc)
        return pid

    def update(self, c, pid, old, new):
        route53 = c.client("route53")
        if new.get("HostedZoneConfig") != old.get("HostedZoneConfig"):
            route53.update_hosted_zone_comment(Id=pid, Comment=new.get("HostedZoneConfig", {}).get("Comment", ""))
        for vpc in (v for v in new["VPCs"] if v not in old["VPCs"]):
            route53.associate_vpc_with_hosted_zone(HostedZoneId=pid, VPC=self.vpc(vpc))
        for vpc in (v for v in old["VPCs"] if v not in new["VPCs"]):
            route53.disassociate_vpc_from_hosted_zone(HostedZoneId=pid, VPC=self.vpc(vpc))

    def vpc(self, v):
        return {"VPCId": v["VPCId"], "VPCRegion": v["VPCRegion"]}

    def delete(self, c, pid, p):
        c.client("route53").delete_hosted_zone(Id=pid)


class RecordSet(Type):
    name = "AWS::Route53::RecordSet"
    mutable = "AliasTarget HealthCheckId MultiValueAnswer Region ResourceRecords SetIdentifier TTL Weight"
    properties = mutable + " HostedZoneId Name Type"
    tagged = False

    def create(self, c, p):
        return self.change(c, "CREATE", p)

    def update(self, c, pid, old, new):
        self.change(c, "UPSERT", new)

    def delete(self, c, pid, p):
        self.change(c, "DELETE", p)

    def change(self, c, action, p):
        record = {k: v for k, v in p.items() if k != "HostedZoneId"}
        if "ResourceRecords" in p:
            record.update(TTL=int(p["TTL"]), ResourceRecords=[{"Value": v} for v in p["ResourceRecords"]])
        if "Weight" in p:
            record["Weight"] = int(p["Weight"])
        c.client("route53").change_resource_record_sets(HostedZoneId=p["HostedZoneId"], ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]})
        return p["Name"]
