"""CloudFormation's rules for one stack: order, update in place or replacement, clean-up, exports, protection.

There is no rollback: a failure leaves everything as it is and the stack in CREATE_FAILED or UPDATE_FAILED.
"""
import datetime
import uuid

import journal
from custom import type_of
from registry import Context, client
from template import Refused, Resolver, in_order

KEEP = ("Retain", "RetainExceptOnCreate")

stacks = {}  # all living stacks, by (Region, name)
deleted = {}  # by id


class Resource:
    """A resource that exists."""

    def __init__(self, typ, context, declared):
        self.type, self.context, self.declared = typ, context, declared
        self.pid, self.properties, self.tags = None, {}, {}


class Stack:
    def __init__(self, name, account, region):
        self.name, self.account, self.region = name, account, region
        self.id = f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
        self.template, self.body, self.parameters, self.tags = {"Resources": {}}, "{}", {}, {}
        self.resources, self.outputs, self.exports, self.imports = {}, {}, {}, set()
        self.protected, self.status, self.reason, self.events = False, "REVIEW_IN_PROGRESS", None, []
        self.created, self.updated = now(), None

    def note(self, status, reason=None, logical=None, resource=None):
        """Records an event; without a resource it is the stack's, and its new status."""
        if resource is None:
            self.status, self.reason = status, reason
        self.events.append({
            "EventId": str(uuid.uuid4()), "StackId": self.id, "StackName": self.name, "Timestamp": now(),
            "LogicalResourceId": logical or self.name, "PhysicalResourceId": (resource.pid or "") if resource else self.id,
            "ResourceType": resource.type.name if resource else "AWS::CloudFormation::Stack",
            "ResourceStatus": status, "ResourceStatusReason": reason})

    def users(self, export):
        return [s.name for s in stacks.values() if s is not self and s.region == self.region and export in s.imports]


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Deployment:
    """One execution of a change set. It is also the world in which the template's references are resolved."""

    def __init__(self, stack, template, body, parameters, tags):
        self.stack, self.template, self.body, self.parameters, self.tags = stack, template, body, parameters, tags
        self.resolver = Resolver(template, {**resolved(stack.region, template, parameters), **self.pseudo()}, self)
        self.wanted = {n: d for n, d in template["Resources"].items() if self.resolver.holds(d.get("Condition"))}
        self.imports, self.doomed = set(), []
        self.outputs = {k: v for k, v in template.get("Outputs", {}).items() if self.resolver.holds(v.get("Condition"))}

    def pseudo(self):
        return {"AWS::AccountId": self.stack.account, "AWS::Region": self.stack.region, "AWS::StackName": self.stack.name,
                "AWS::StackId": self.stack.id, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

    def check(self):
        """Refuses, before anything changes, what the emulation cannot do."""
        for declared in self.wanted.values():
            type_of(declared["Type"]).check([k for k, v in declared.get("Properties", {}).items() if self.resolver.present(v)])
        in_order(self.wanted)
        for name, rule in self.template.get("Rules", {}).items():
            for a in rule["Assertions"]:
                if not self.resolver.condition(a["Assert"]):
                    raise Refused(f"rule {name}: {a['AssertDescription']}")
        kept = {self.resolver.resolve(o["Export"]["Name"]) for o in self.outputs.values() if "Export" in o}
        for name in set(self.stack.exports) - kept:
            self.unused(name, "deleted")

    def unused(self, export, verb):
        users = self.stack.users(export)
        if users:
            raise Refused(f"Export {export} cannot be {verb} as it is in use by {', '.join(users)}")

    def run(self):
        verb = "UPDATE" if self.stack.updated or self.stack.resources else "CREATE"
        self.stack.note(f"{verb}_IN_PROGRESS", "User Initiated")
        try:
            self.check()
            for name in in_order(self.wanted):
                self.apply(name, self.wanted[name])
            self.conclude()
            self.clean_up()
        except Exception as e:  # whatever it is, it is the stack's failure and not this server's
            self.stack.note(f"{verb}_FAILED", f"{type(e).__name__}: {e} (no rollback is emulated)")
            return
        if verb == "UPDATE":
            self.stack.updated = now()
        self.stack.note(f"{verb}_COMPLETE")

    def apply(self, name, declared):
        """Creates, updates, replaces or leaves alone one resource."""
        there, typ = self.stack.resources.get(name), type_of(declared["Type"])
        properties = self.resolver.resolve(declared.get("Properties", {}))
        tags = {**self.tags, **{t["Key"]: t["Value"] for t in properties.pop("Tags", [])}} if typ.tagged else {}
        if there is None:
            self.create(name, typ, declared, properties, tags)
            return
        if there.type.name != typ.name:
            raise Refused(f"{name}: Update of resource type is not permitted")
        there.declared = declared
        changed = {k for k in {*properties, *there.properties} if properties.get(k) != there.properties.get(k)}
        if not changed and tags == there.tags:
            return
        if typ.create_only(changed):
            self.create(name, typ, declared, properties, tags)
            self.doomed.append((name, there, "UpdateReplacePolicy"))
            journal.write("replacement", stack=self.stack.name, logical=name, properties=sorted(typ.create_only(changed)))
            return
        self.update(name, there, changed, properties, tags)

    def create(self, name, typ, declared, properties, tags):
        c = Context(self.stack, name)
        r = Resource(typ, c, declared)
        self.stack.note("CREATE_IN_PROGRESS", None, name, r)
        with Failing(self.stack, "CREATE_FAILED", name, r):
            r.pid = typ.create(c, properties)
            r.properties, r.tags = properties, tags
            if tags:
                typ.tag(c, r.pid, {}, tags)
        self.stack.resources[name] = r
        self.stack.note("CREATE_COMPLETE", None, name, r)

    def update(self, name, r, changed, properties, tags):
        self.stack.note("UPDATE_IN_PROGRESS", None, name, r)
        with Failing(self.stack, "UPDATE_FAILED", name, r):
            fixed = changed - set(r.type.mutable.split()) if not r.type.name.startswith("Custom::") else set()
            if fixed:
                raise Refused(f"the emulation cannot change {sorted(fixed)} of {r.type.name} in place")
            if changed:
                pid = r.type.update(r.context, r.pid, r.properties, properties) or r.pid
                if pid != r.pid:  # a custom resource says so when it has become another one
                    old = Resource(r.type, r.context, r.declared)
                    old.pid, old.properties = r.pid, r.properties
                    self.doomed.append((name, old, "UpdateReplacePolicy"))
                r.pid = pid
            if tags != r.tags:
                r.type.tag(r.context, r.pid, r.tags, tags)
            r.properties, r.tags = properties, tags
        self.stack.note("UPDATE_COMPLETE", None, name, r)

    def conclude(self):
        """The template's outputs, and with them the exports, become the stack's."""
        outputs, exports = {}, {}
        for key, o in self.outputs.items():
            outputs[key] = (self.resolver.resolve(o["Value"]), self.resolver.resolve(o.get("Export", {}).get("Name")), o.get("Description"))
            if outputs[key][1]:
                exports[outputs[key][1]] = outputs[key][0]
        for name, value in self.stack.exports.items():
            if exports.get(name) != value:
                self.unused(name, "updated")
        before = self.stack.template
        self.stack.outputs, self.stack.exports, self.stack.imports = outputs, exports, self.imports
        self.stack.template, self.stack.body = self.template, self.body
        self.stack.parameters, self.stack.tags = self.parameters, self.tags
        removed = [n for n in in_order(before["Resources"]) if n in self.stack.resources and n not in self.wanted]
        self.doomed = [(n, self.stack.resources.pop(n), "DeletionPolicy") for n in removed] + self.doomed
        order = in_order(before["Resources"])
        self.doomed.sort(key=lambda d: order.index(d[0]))

    def clean_up(self):
        """Deletes what was removed or replaced, users before what they use. Unlike AWS, which leaves it, a failure fails."""
        for name, r, policy in reversed(self.doomed):
            remove(self.stack, name, r, policy)

    # The world of the resolver.

    def ref(self, name):
        return self.stack.resources[name].pid

    def get_att(self, name, attribute):
        r = self.stack.resources[name]
        return r.type.attribute(r.context, r.pid, r.properties, attribute)

    def import_value(self, name):
        for s in stacks.values():
            if s.region == self.stack.region and name in s.exports:
                self.imports.add(name)
                return s.exports[name]
        raise Refused(f"No export named {name} found.")

    def stack_output(self, asked):
        """Fn::GetStackOutput. The role is recorded, not assumed: there is one account."""
        journal.write("stack output", reader=self.stack.name, **asked)
        producer = stacks.get((asked.get("Region", self.stack.region), asked["StackName"].split("/")[-1]))
        if producer is None or asked["OutputName"] not in producer.outputs:
            raise Refused(f"no output {asked['OutputName']} of stack {asked['StackName']} in {asked.get('Region', self.stack.region)}")
        return producer.outputs[asked["OutputName"]][0]


class Failing:
    """Names the resource in a failure."""

    def __init__(self, stack, status, name, resource):
        self.stack, self.status, self.name, self.resource = stack, status, name, resource

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if error is not None:
            self.stack.note(self.status, str(error), self.name, self.resource)
            raise Refused(f"{self.name} ({self.resource.type.name}): {error}") from error


def remove(stack, name, r, policy):
    if r.declared.get(policy) in KEEP:
        stack.note("DELETE_SKIPPED", None, name, r)
        return
    stack.note("DELETE_IN_PROGRESS", None, name, r)
    with Failing(stack, "DELETE_FAILED", name, r):
        r.type.delete(r.context, r.pid, r.properties)
    stack.note("DELETE_COMPLETE", None, name, r)


def delete(stack):
    """Deletes a stack, users before what they use."""
    stack.note("DELETE_IN_PROGRESS", "User Initiated")
    try:
        for export in stack.exports:
            users = stack.users(export)
            if users:
                raise Refused(f"Export {export} cannot be deleted as it is in use by {', '.join(users)}")
        for name in reversed(in_order(stack.template["Resources"])):
            if name in stack.resources:
                remove(stack, name, stack.resources[name], "DeletionPolicy")
                del stack.resources[name]
    except Exception as e:
        stack.note("DELETE_FAILED", f"{type(e).__name__}: {e}")
        return
    stack.note("DELETE_COMPLETE")
    deleted[stack.id] = stacks.pop((stack.region, stack.name))


def resolved(region, template, parameters):
    """Parameters as the template sees them: those that name an SSM parameter have its value."""
    values = {}
    for name, declared in template.get("Parameters", {}).items():
        value = parameters[name]
        if value is None:
            raise Refused(f"Parameters: [{name}] must have values")
        if declared["Type"].startswith("AWS::SSM::Parameter::Value"):
            value = client("ssm", region).get_parameter(Name=value)["Parameter"]["Value"]
        values[name] = value.split(",") if declared["Type"] == "CommaDelimitedList" and value else value
    return values
