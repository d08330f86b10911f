"""Zonal services: Cloud Map, and zonal autoshift."""
from registry import Type, gone
from rows import Row


class CloudMap(Row):
    service, tagged, tags = "servicediscovery", True, "ARN"

    def tag(self, c, pid, old, new):
        super().tag(c, self.arn(c, pid), old, new)

    def arn(self, c, pid):
        raise NotImplementedError

    def attribute(self, c, pid, p, name):
        return {"Id": pid, "Arn": self.arn(c, pid)}.get(name) or super().attribute(c, pid, p, name)


class HttpNamespace(CloudMap):
    name = "AWS::ServiceDiscovery::HttpNamespace"
    properties, mutable = "Description Name", "Description"
    made_by = "create_http_namespace"

    def create(self, c, p):
        done = self.call(c, self.made_by, CreatorRequestId=c.name(), **p)["OperationId"]
        return self.call(c, "get_operation", OperationId=done)["Operation"]["Targets"]["NAMESPACE"]

    def update(self, c, pid, old, new):
        self.call(c, "update_http_namespace", Id=pid, Namespace={"Description": new.get("Description", "")})

    def delete(self, c, pid, p):
        self.call(c, "delete_namespace", Id=pid)

    def arn(self, c, pid):
        return self.call(c, "get_namespace", Id=pid)["Namespace"]["Arn"]


class PrivateDnsNamespace(HttpNamespace):
    name = "AWS::ServiceDiscovery::PrivateDnsNamespace"
    properties, mutable = "Name Vpc", ""
    made_by = "create_private_dns_namespace"


class DiscoveryService(CloudMap):
    name = "AWS::ServiceDiscovery::Service"
    properties, mutable = "Description DnsConfig HealthCheckCustomConfig Name NamespaceId Type", "Description DnsConfig"

    def create(self, c, p):
        return self.call(c, "create_service", CreatorRequestId=c.name(), **p)["Service"]["Id"]

    def update(self, c, pid, old, new):
        self.call(c, "update_service", Id=pid, Service={k: new[k] for k in self.mutable.split() if k in new})

    def delete(self, c, pid, p):
        self.call(c, "delete_service", Id=pid)

    def arn(self, c, pid):
        return self.call(c, "get_service", Id=pid)["Service"]["Arn"]

    def attribute(self, c, pid, p, name):
        return p["Name"] if name == "Name" else super().attribute(c, pid, p, name)


class DiscoveryInstance(Row):
    name, service = "AWS::ServiceDiscovery::Instance", "servicediscovery"
    properties, mutable = "InstanceAttributes InstanceId ServiceId", "InstanceAttributes"

    def create(self, c, p):
        pid = p.get("InstanceId") or c.name()
        self.update(c, pid, {}, p)
        return pid

    def update(self, c, pid, old, new):
        self.call(c, "register_instance", ServiceId=new["ServiceId"], InstanceId=pid, CreatorRequestId=c.name(), Attributes=new["InstanceAttributes"])

    def delete(self, c, pid, p):
        self.call(c, "deregister_instance", ServiceId=p["ServiceId"], InstanceId=pid)


class ZonalAutoshiftConfiguration(Row):
    name, service = "AWS::ARCZonalShift::ZonalAutoshiftConfiguration", "arc-zonal-shift"
    properties, mutable = "PracticeRunConfiguration ResourceIdentifier ZonalAutoshiftStatus", "PracticeRunConfiguration ZonalAutoshiftStatus"

    def practice(self, p):
        """The practice run under the API's names, which begin with a small letter."""
        def small(value):
            if isinstance(value, list):
                return [small(v) for v in value]
            return {k[0].lower() + k[1:]: small(v) for k, v in value.items()} if isinstance(value, dict) else value
        return small(p["PracticeRunConfiguration"])

    def create(self, c, p):
        pid = p["ResourceIdentifier"]
        self.call(c, "create_practice_run_configuration", resourceIdentifier=pid, **self.practice(p))
        self.call(c, "update_zonal_autoshift_configuration", resourceIdentifier=pid, zonalAutoshiftStatus=p["ZonalAutoshiftStatus"])
        return pid

    def update(self, c, pid, old, new):
        self.call(c, "update_practice_run_configuration", resourceIdentifier=pid, **self.practice(new))
        self.call(c, "update_zonal_autoshift_configuration", resourceIdentifier=pid, zonalAutoshiftStatus=new["ZonalAutoshiftStatus"])

    def delete(self, c, pid, p):
        self.call(c, "update_zonal_autoshift_configuration", resourceIdentifier=pid, zonalAutoshiftStatus="DISABLED")
        self.call(c, "delete_practice_run_configuration", resourceIdentifier=pid)


class StateMachine(Type):
    name = "AWS::StepFunctions::StateMachine"
    mutable = "DefinitionString LoggingConfiguration RoleArn TracingConfiguration"
    properties = mutable + " StateMachineName StateMachineType"

    def api(self, p):
        out = {"definition": p["DefinitionString"], "roleArn": p["RoleArn"]}
        if "LoggingConfiguration" in p:
            log = p["LoggingConfiguration"]
            out["loggingConfiguration"] = {"level": log["Level"], "includeExecutionData": log.get("IncludeExecutionData", False), "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn": d["CloudWatchLogsLogGroup"]["LogGroupArn"]}} for d in log["Destinations"]]}
        if "TracingConfiguration" in p:
            out["tracingConfiguration"] = {"enabled": p["TracingConfiguration"]["Enabled"]}
        return out

    def create(self, c, p):
        kind = {"type": p["StateMachineType"]} if "StateMachineType" in p else {}
        return c.client("stepfunctions").create_state_machine(name=p.get("StateMachineName") or c.name(80), **kind, **self.api(p))["stateMachineArn"]

    def update(self, c, pid, old, new):
        c.client("stepfunctions").update_state_machine(stateMachineArn=pid, **self.api(new))

    def delete(self, c, pid, p):
        c.client("stepfunctions").delete_state_machine(stateMachineArn=pid)

    def tag(self, c, pid, old, new):
        c.client("stepfunctions").tag_resource(resourceArn=pid, tags=[{"key": k, "value": v} for k, v in new.items()])
        if gone(old, new):
            c.client("stepfunctions").untag_resource(resourceArn=pid, tagKeys=gone(old, new))

    def attribute(self, c, pid, p, name):
        found = c.client("stepfunctions").describe_state_machine(stateMachineArn=pid)
        return {"Arn": pid, "Name": found["name"]}.get(name) or super().attribute(c, pid, p, name)
