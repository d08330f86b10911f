"""What moto lacks of Lambda: where functions stand must exist and stays, what they log goes where they say, and they really run."""
import json

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends
from moto.ec2.models import EC2Backend, ec2_backends

import functions
from gaps import patch, require


def require_lambda(ok, message):
    if not ok:
        raise InvalidParameterValueException(message)


def in_vpc(subnet_or_group, backend):
    """Names the functions that have a network interface in a subnet, or with a security group."""
    return [f.function_name for f in lambda_backends[backend.account_id][backend.region_name].list_functions()
            if f.vpc_config and subnet_or_group in f.vpc_config["SubnetIds"] + f.vpc_config["SecurityGroupIds"]]


@patch(LambdaBackend)
def create_function(original, self, spec):
    place, ec2 = spec.get("VpcConfig") or {}, ec2_backends[self.account_id][self.region_name]
    vpcs = {ec2.get_subnet(s).vpc_id for s in place.get("SubnetIds", [])}
    for pid in place.get("SecurityGroupIds", []):
        group = ec2.get_security_group_from_id(pid)
        require_lambda(group and {group.vpc_id} == vpcs, f"The security group {pid} and the subnets {place['SubnetIds']} are not of one VPC.")
    return original(self, spec)


@patch(LambdaFunction)
def __init__(original, self, account_id, spec, region, version=1):
    original(self, account_id, spec, region, version)
    self.logging_config = spec.get("LoggingConfig") or {"LogFormat": "Text", "LogGroup": self.logs_group_name}


@patch(LambdaFunction)
def get_configuration(original, self, *a, **k):
    return {**original(self, *a, **k), "LoggingConfig": self.logging_config}


@patch(LambdaBackend)
def invoke(original, self, function_name, qualifier, body, headers, response_headers):
    require_lambda(headers.get("X-Amz-Invocation-Type", "RequestResponse") == "RequestResponse", "the emulation knows invocations that wait only")
    payload, failed = functions.invoke(self.get_function(function_name, qualifier), json.loads(body or "{}"))
    if failed:
        response_headers["x-amz-function-error"] = "Unhandled"
    return payload


@patch(EC2Backend)
def delete_subnet(original, self, subnet_id):
    require(not in_vpc(subnet_id, self), "DependencyViolation", f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    return original(self, subnet_id)


@patch(EC2Backend)
def delete_security_group(original, self, name=None, group_id=None):
    require(not in_vpc(group_id, self), "DependencyViolation", f"resource {group_id} has a dependent object")
    return original(self, name, group_id)
