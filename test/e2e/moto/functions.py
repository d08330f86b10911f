"""Lambda functions for real: one process serves one invocation.

A function is what its asset holds: the program that the asset's bootstrap was built from, compiled for this machine, with
the asset's other files and the function's handler, environment and time limit. One in a VPC gets a network of its own with
nothing in it: what it is asked to probe does not exist, and nothing that it sends leaves this machine.
"""
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile

import journal
import runtime
from registry import client

LIMIT = 200  # seconds for one invocation at most, whatever the function's own; nothing here takes as long as in AWS


def program_of(asset):
    """The program, for this machine, that the asset's bootstrap is for AWS: it says itself what it was built from."""
    built_from = re.search(rb"path\t(\S+)\n", (asset / "bootstrap").read_bytes())
    return str(pathlib.Path(os.environ["E2E_PROGRAMS"]) / built_from[1].decode().rsplit("/", 1)[-1])


def invoke(function, event):
    """Invokes a function of moto's and waits. Returns what Lambda would: payload, and whether it is an error's.

    The endpoint is an address, not a name: before a name S3's client would put the bucket.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        asset = pathlib.Path(folder)
        zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(asset)
        environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "LAMBDA_TASK_ROOT": folder, "_HANDLER": function.handler,
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_REGION": function.region, "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"].replace("localhost", "127.0.0.1"),
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "LAMBDA", "AWS_SECRET_ACCESS_KEY": "dummy", **function.environment_vars}
        call = {"program": program_of(asset), "arn": function.function_arn, "limit": min(int(function.timeout), LIMIT),
                "environment": environment, "event": event}
        if function.vpc_config:
            child = subprocess.run([sys.executable, runtime.__file__], input=json.dumps(call), stdout=subprocess.PIPE, text=True, check=True)
            outcome = json.loads(child.stdout)
        else:
            outcome = runtime.serve(**call)
    journal.write("invocation", function=function.function_name, region=function.region, handler=function.handler, failed=outcome["failed"],
                  isolated=bool(function.vpc_config), seconds=round(time.monotonic() - started, 1), payload=outcome["payload"][:2000])
    keep(function, outcome["log"])
    return outcome["payload"], outcome["failed"]


def keep(function, log):
    """Puts what was logged where the function's settings say."""
    logs, group = client("logs", function.region), function.logging_config["LogGroup"]
    stream, now = uuid.uuid4().hex, int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in log.splitlines() if line]
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    for i in range(0, len(events), 1000):
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events[i:i + 1000])
