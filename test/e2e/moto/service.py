"""Services that moto does not have, in front of its server: one object each, one method for each action.

Requests are told apart as moto does it, by the signature's scope. Bodies are JSON, actions come by the header X-Amz-Target; a service
whose actions are paths says them in routes.
"""
import json
import re

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

SERVICES = {}


class Fault(Exception):
    """An error of an API: its code, and a message."""


class Service:
    """name: in the signature's scope. target: before the dot in X-Amz-Target. region: the only one that it answers in."""
    name, target, region = "", "", "us-west-2"
    routes = ()

    def __init_subclass__(cls):
        if cls.name:
            SERVICES[cls.name] = cls()

    def answer(self, environ, region, body):
        query = json.loads(body or b"{}")
        if self.region and region != self.region:
            raise Fault("UnrecognizedClientException", f"{self.name} has no endpoint in {region}")
        action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        for method, pattern, name in self.routes:
            match = re.fullmatch(pattern, environ["PATH_INFO"])
            if match and method == environ["REQUEST_METHOD"]:
                action, query = name, {**query, **match.groupdict()}
        handler = getattr(self, re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower(), None) if action else None
        if handler is None:
            raise Fault("UnknownOperationException", f"the emulation of {self.name} does not know {action or environ['PATH_INFO']}")
        return handler(query)


def account_of(_):
    return DEFAULT_ACCOUNT_ID


def install():
    """Puts the services before moto's."""
    original = DomainDispatcherApplication.__call__

    def call(self, environ, start_response):
        scope = re.search(r"Credential=[^/]+/[^/]+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        if not scope or scope[2] not in SERVICES:
            return original(self, environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            status, headers, out = "200 OK", [], SERVICES[scope[2]].answer(environ, scope[1], body)
        except Fault as e:
            code, message = e.args
            status, headers, out = "400 Bad Request", [("x-amzn-errortype", code)], {"__type": code, "message": message}
        text = json.dumps(out).encode()
        start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(text))), *headers])
        return [text]
    DomainDispatcherApplication.__call__ = call
