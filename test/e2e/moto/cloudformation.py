"""CloudFormation's API as the CDK CLI uses it, in place of moto's. Other actions are refused.

Changes run inside the call that asks for them: the CLI finds them done when it looks for the first time.
"""
import traceback
import urllib.parse

import yaml
from moto.cloudformation import urls
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.utils import yaml_tag_constructor
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.utils import camelcase_to_underscores
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.s3.models import s3_backends

import custom
import engine
from template import Refused

yaml.SafeLoader.add_multi_constructor("!", lambda loader, tag, node: yaml_tag_constructor(loader, tag, node))

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


class ChangeSet:
    def __init__(self, name, stack, kind, body, parameters, tags):
        self.name, self.stack, self.kind, self.body, self.tags = name, stack, kind, body, tags
        self.id = stack.id.replace(":stack/", ":changeSet/").replace(stack.name, name)
        self.status, self.execution, self.reason = "CREATE_COMPLETE", "AVAILABLE", None
        self.template = yaml.load(body, Loader=yaml.SafeLoader)
        self.parameters = {n: parameters.get(n, p.get("Default")) for n, p in self.template.get("Parameters", {}).items()}
        if kind == "UPDATE" and (self.template, self.parameters, tags) == (stack.template, stack.parameters, stack.tags):
            self.fail(NO_CHANGES)
            return
        try:
            self.deployment().check()
        except Refused as e:
            self.fail(str(e))

    def fail(self, reason):
        self.status, self.execution, self.reason = "FAILED", "UNAVAILABLE", reason

    def deployment(self):
        return engine.Deployment(self.stack, self.template, self.body, self.parameters, self.tags)

    def changes(self):
        old, new = self.stack.template["Resources"], self.template["Resources"]
        for name in [*new, *(n for n in old if n not in new)]:
            if old.get(name) != new.get(name):
                action = "Add" if name not in old else "Modify" if name in new else "Remove"
                yield {"Type": "Resource", "ResourceChange": {"Action": action, "LogicalResourceId": name, "ResourceType": (new.get(name) or old[name])["Type"]}}


class CloudFormation(BaseResponse):
    change_sets = {}  # by (stack id, name)

    def __init__(self):
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def call_action(self):
        """Answers what is unknown, or goes wrong here, as an error that clients do not try again."""
        action = camelcase_to_underscores(self._get_action())
        method = getattr(self, action, None)
        if method is None:
            return self.serialized(ActionResult(ValidationError(message=f"the emulation does not know the action {self._get_action()}")))

        def guarded():
            try:
                return method()
            except ServiceException:
                raise
            except Exception as e:
                traceback.print_exc()
                raise ValidationError(message=f"the emulation failed: {e!r}") from e
        setattr(self, action, guarded)
        return super().call_action()

    def find(self, name=None):
        name = name or self._get_param("StackName")
        for s in [*engine.stacks.values(), *engine.deleted.values()]:
            if s.region == self.region and (s.id == name or s.name == name and s.status != "DELETE_COMPLETE"):
                return s
        raise ValidationError(name)

    def change_set(self):
        name = self._get_param("ChangeSetName")
        for c in self.change_sets.values():
            if name == c.id or name == c.name and c.stack is self.find():
                return c
        raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")

    def create_change_set(self):
        name, kind = self._get_param("StackName"), self._get_param("ChangeSetType")
        if kind == "CREATE":
            stack = engine.stacks.setdefault((self.region, name), engine.Stack(name, self.current_account, self.region))
            if stack.status != "REVIEW_IN_PROGRESS":
                raise ValidationError(message=f"Stack [{name}] already exists and cannot be created again with the changeSet.")
        elif kind == "UPDATE":
            stack = self.find()
        else:
            raise ValidationError(message=f"the emulation does not know change sets of type {kind}")
        c = ChangeSet(self._get_param("ChangeSetName"), stack, kind, self.template_text(), self.given_parameters(stack), {t["Key"]: t["Value"] for t in self._get_param("Tags", [])})
        self.change_sets[stack.id, c.name] = c
        return ActionResult({"Id": c.id, "StackId": stack.id})

    def template_text(self):
        if self._get_param("TemplateBody"):
            return self._get_param("TemplateBody")
        bucket, key = urllib.parse.urlparse(self._get_param("TemplateURL")).path.strip("/").split("/", 1)
        return s3_backends[self.current_account]["aws"].get_object(bucket, key).value.decode()

    def given_parameters(self, stack):
        return {p["ParameterKey"]: stack.parameters[p["ParameterKey"]] if p.get("UsePreviousValue") else p["ParameterValue"] for p in self._get_param("Parameters", [])}

    def describe_change_set(self):
        c = self.change_set()
        return ActionResult({"ChangeSetId": c.id, "ChangeSetName": c.name, "StackId": c.stack.id, "StackName": c.stack.name, "Status": c.status,
                             "StatusReason": c.reason, "ExecutionStatus": c.execution, "CreationTime": c.stack.created, "Changes": list(c.changes())})

    def execute_change_set(self):
        c = self.change_set()
        if c.execution != "AVAILABLE":
            raise ValidationError(message=f"ChangeSet [{c.id}] cannot be executed in its current status of [{c.status}]")
        c.execution = "EXECUTE_COMPLETE"
        c.deployment().run()
        return EmptyResult()

    def delete_change_set(self):
        self.change_sets.pop((self.find().id, self._get_param("ChangeSetName")), None)  # as AWS, no error for one that is not there
        return EmptyResult()

    def describe_stacks(self):
        found = [self.find()] if self._get_param("StackName") else [s for s in engine.stacks.values() if s.region == self.region]
        return ActionResult({"Stacks": [{
            "StackId": s.id, "StackName": s.name, "Description": s.template.get("Description"), "CreationTime": s.created, "LastUpdatedTime": s.updated,
            "StackStatus": s.status, "StackStatusReason": s.reason, "EnableTerminationProtection": s.protected, "Capabilities": [], "NotificationARNs": [],
            "DisableRollback": True, "Tags": [{"Key": k, "Value": v} for k, v in sorted(s.tags.items())],
            "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in s.parameters.items()],
            "Outputs": [{"OutputKey": k, "OutputValue": v, "ExportName": e, "Description": d} for k, (v, e, d) in s.outputs.items()]} for s in found]})

    def describe_stack_resources(self):
        s = self.find()
        return ActionResult({"StackResources": [{
            "StackId": s.id, "StackName": s.name, "LogicalResourceId": n, "PhysicalResourceId": r.pid, "ResourceType": r.type.name,
            "ResourceStatus": "CREATE_COMPLETE", "Timestamp": s.updated or s.created} for n, r in s.resources.items()]})

    def describe_stack_events(self):
        return ActionResult({"StackEvents": self.find().events[::-1]})

    def get_template(self):
        return ActionResult({"TemplateBody": self.find().body, "StagesAvailable": ["Original"]})

    def list_exports(self):
        return ActionResult({"Exports": [{"Name": n, "Value": v, "ExportingStackId": s.id} for s in engine.stacks.values() if s.region == self.region
                                         for n, v in s.exports.items()]})

    def update_termination_protection(self):
        s = self.find()
        s.protected = str(self._get_param("EnableTerminationProtection")).lower() == "true"
        return ActionResult({"StackId": s.id})

    def delete_stack(self):
        try:
            s = self.find()
        except ValidationError:
            return EmptyResult()
        if s.protected:
            raise ValidationError(message=f"Stack [{s.name}] cannot be deleted while TerminationProtection is enabled")
        if s.status != "DELETE_COMPLETE":
            engine.delete(s)
        return EmptyResult()


def answer(request, full_url, headers):
    """The signed URL of a custom resource's answer."""
    status = custom.answered(request.args.get("token", ""), request.headers.get("Content-Type", ""), request.get_data())
    return status, {}, ""


def install():
    assert DEFAULT_ACCOUNT_ID == "123456789012"
    urls.url_paths.clear()
    urls.url_paths["{0}/$"] = CloudFormation.dispatch
    urls.url_paths["{0}/cloudformation_(?P<region>[^/]+)/cfnresponse$"] = answer
