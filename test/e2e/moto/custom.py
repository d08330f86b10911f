"""Custom resources for real: the product's own functions run, and answer as CloudFormation demands, by a PUT to a signed URL."""
import json
import os
import queue
import secrets
import uuid

from moto.awslambda.models import lambda_backends

import functions
import journal
from registry import TYPES, Type
from template import Refused

answers = {}  # by token: where the answer to a request goes


def answered(token, content_type, body):
    """Takes the PUT of an answer. The URL is signed for an empty Content-Type, and for one use."""
    waiting = answers.pop(token, None)
    if waiting is None or content_type:
        return 403
    waiting.put(json.loads(body))
    return 200


def text(value):
    """CloudFormation sends every scalar as a string."""
    if isinstance(value, dict):
        return {k: text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [text(v) for v in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


class Custom(Type):
    """A custom resource of any type. Attributes are what the last answer said."""
    tagged = False

    def __init__(self, name):
        self.name = name

    def check(self, names):
        if "ServiceToken" not in names:
            raise Refused(f"{self.name}: no ServiceToken")

    def create_only(self, changed):
        if "ServiceToken" in changed:
            raise Refused("Modifying service token is not allowed.")
        return set()

    def create(self, c, p):
        return self.ask(c, "Create", p, {})

    def update(self, c, pid, old, new):
        return self.ask(c, "Update", new, {"PhysicalResourceId": pid, "OldResourceProperties": text(old)})

    def delete(self, c, pid, p):
        self.ask(c, "Delete", p, {"PhysicalResourceId": pid})

    def ask(self, c, request, p, more):
        arn = p["ServiceToken"]
        function = lambda_backends[c.account][c.region].get_function(arn)  # it must exist, also for a Delete
        token, waiting = secrets.token_hex(16), queue.Queue()
        answers[token] = waiting
        event = {"RequestType": request, "RequestId": str(uuid.uuid4()), "StackId": c.stack_id, "LogicalResourceId": c.logical,
                 "ResourceType": self.name, "ServiceToken": arn, "ResourceProperties": text(p), **more,
                 "ResponseURL": f"{os.environ['AWS_ENDPOINT_URL']}/cloudformation_{c.region}/cfnresponse?token={token}"}
        payload, failed = functions.invoke(function, event)
        answers.pop(token, None)
        if failed or waiting.empty():
            raise Refused(f"{self.name}: {payload if failed else 'the function ended without an answer'}")
        answer = waiting.get()
        journal.write("custom resource", request=request, type=self.name, stack=c.stack, logical=c.logical, status=answer["Status"], data=answer.get("Data", {}))
        for field in ("StackId", "RequestId", "LogicalResourceId"):
            if answer[field] != event[field]:
                raise Refused(f"{self.name}: the answer has {field} {answer[field]}")
        if answer["Status"] != "SUCCESS":
            raise Refused(f"{self.name}: {answer['Reason']}")
        c.data = answer.get("Data", {})
        return answer["PhysicalResourceId"]

    def attribute(self, c, pid, p, name):
        if name not in c.data:
            raise Refused(f"{self.name}: the answer has no {name}")
        return c.data[name]


def type_of(name):
    """The type of a resource. What is not known is refused."""
    if name.startswith("Custom::"):
        return Custom(name)
    if name not in TYPES:
        raise Refused(f"the emulation does not know the type {name}")
    return TYPES[name]
