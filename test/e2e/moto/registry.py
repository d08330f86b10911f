"""The resource types that the emulation knows. A type or property that is not declared here is refused."""
import functools
import json
import os
import pathlib
import random
import string

import boto3
import botocore.config

from template import Refused

TYPES = {}

# The product's extract of CloudFormation's resource schemas says what replaces a resource.
SCHEMAS = json.loads((pathlib.Path(__file__).parents[3] / "internal" / "cfn" / "schemas.json").read_text())["types"]


@functools.cache
def client(service, region):
    """A client of this very server: resources are made through the API, and so are real objects of moto's back ends."""
    return boto3.client(service, region_name=region, endpoint_url=os.environ["AWS_ENDPOINT_URL"],
                        config=botocore.config.Config(retries={"max_attempts": 1}, read_timeout=60))


class Context:
    """Where a resource lives."""

    def __init__(self, stack, logical):
        self.account, self.region, self.stack, self.stack_id, self.logical = stack.account, stack.region, stack.name, stack.id, logical
        self.data = {}  # attributes, if the resource is a custom one

    def client(self, service):
        return client(service, self.region)

    @property
    def ec2(self):
        return self.client("ec2")

    def name(self, limit=64):
        """A generated physical name, as CloudFormation makes one: stack, logical id and something random."""
        tail = "-" + "".join(random.choices(string.ascii_lowercase + string.digits, k=12))
        return f"{self.stack}-{self.logical}"[:limit - len(tail)] + tail


class Type:
    """A resource type. Subclasses name their properties (without Tags) and what of it can change in place."""
    name = ""
    properties = ""
    mutable = ""
    tagged = True

    def __init_subclass__(cls):
        if cls.name:
            TYPES[cls.name] = cls()

    def check(self, names):
        """Refuses properties that would be ignored."""
        unknown = set(names) - set(self.properties.split()) - ({"Tags"} if self.tagged else set())
        if unknown:
            raise Refused(f"{self.name}: the emulation does not know {', '.join(sorted(unknown))}")

    def create_only(self, changed):
        fixed = SCHEMAS.get(self.name, {}).get("createOnly", [])
        return set(changed) & {path.split(".")[0] for path in fixed}

    def create(self, c, p):
        raise NotImplementedError

    def update(self, c, pid, old, new):
        pass

    def delete(self, c, pid, p):
        raise NotImplementedError

    def tag(self, c, pid, old, new):
        raise NotImplementedError

    def attribute(self, c, pid, p, name):
        raise Refused(f"{self.name} has no attribute {name} in the emulation")


def pairs(tags):
    return [{"Key": k, "Value": v} for k, v in sorted(tags.items())]


def gone(old, new):
    return sorted(set(old) - set(new))


class EC2Type(Type):
    """A type whose physical id is an EC2 id."""

    def tag(self, c, pid, old, new):
        if new:
            c.ec2.create_tags(Resources=[pid], Tags=pairs(new))
        if gone(old, new):
            c.ec2.delete_tags(Resources=[pid], Tags=[{"Key": k} for k in gone(old, new)])

    def attribute(self, c, pid, p, name):
        if name in ("Id", self.name.rsplit("::")[-1] + "Id"):
            return pid
        return super().attribute(c, pid, p, name)
