"""Custom resources for real: the product's program behind a stand-in of Lambda's Runtime API.

One process serves one invocation. Its answer comes, as CloudFormation demands, by a PUT to a signed URL.
"""
import http.server
import json
import os
import queue
import secrets
import subprocess
import tempfile
import threading
import time
import uuid

import journal
from registry import TYPES, Type
from template import Refused

PROGRAM = os.environ["E2E_RESOURCES_LAMBDA"]  # bin/resources-lambda, compiled for this machine
LIMIT = 60  # seconds for one invocation; nothing here takes as long as in AWS

answers = {}  # by token: where the answer to a request goes


def answered(token, content_type, body):
    """Takes the PUT of an answer. The URL is signed for an empty Content-Type, and for one use."""
    waiting = answers.pop(token, None)
    if waiting is None or content_type:
        return 403
    waiting.put(json.loads(body))
    return 200


class RuntimeAPI(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        event = self.server.events.get()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", self.server.arn)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + LIMIT) * 1000)))
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self.body()
        self.send_response(202)
        self.end_headers()
        self.server.ended.put("" if self.path.endswith("/response") else f"the function failed: {body.decode()}")

    def body(self):
        """The Lambda library sends what it has in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


def invoke(arn, region, event):
    """Runs one invocation to its end. Returns what went wrong, or an empty string."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeAPI)
    server.arn, server.events, server.ended, server.daemon_threads = arn, queue.Queue(), queue.Queue(), True
    server.events.put(json.dumps(event).encode())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % server.server_address[1],
                   "AWS_REGION": region, "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"], "AWS_EC2_METADATA_DISABLED": "true",
                   "AWS_ACCESS_KEY_ID": "LAMBDA", "AWS_SECRET_ACCESS_KEY": "dummy"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([PROGRAM], env=environment, stdout=log, stderr=log)
        try:
            return server.ended.get(timeout=LIMIT)
        except queue.Empty:
            log.seek(0)
            return f"no end after {LIMIT} s: {log.read()[-2000:].decode(errors='replace')}"
        finally:
            process.kill()
            process.wait()
            server.shutdown()
            server.server_close()


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
        c.client("lambda").get_function(FunctionName=arn)  # it must exist, also for a Delete
        token, waiting = secrets.token_hex(16), queue.Queue()
        answers[token] = waiting
        event = {"RequestType": request, "RequestId": str(uuid.uuid4()), "StackId": c.stack_id, "LogicalResourceId": c.logical,
                 "ResourceType": self.name, "ServiceToken": arn, "ResourceProperties": text(p), **more,
                 "ResponseURL": f"{os.environ['AWS_ENDPOINT_URL']}/cloudformation_{c.region}/cfnresponse?token={token}"}
        failure = invoke(arn, c.region, event)
        answers.pop(token, None)
        if failure or waiting.empty():
            raise Refused(f"{self.name}: {failure or 'the function ended without an answer'}")
        answer = waiting.get()
        journal.write("custom resource", request=request, type=self.name, stack=c.stack, logical=c.logical, status=answer["Status"])
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
