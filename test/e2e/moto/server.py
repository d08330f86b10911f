"""moto with a stricter CloudFormation: usage: server.py PORT. Test only; see docs/E2E.md.

It wants E2E_PROGRAMS (a folder of the functions' programs, compiled for this machine), E2E_JOURNAL (a file to write) and
E2E_BACKWARDS (a file that may come and go; see template.in_order).
"""
import logging
import os
import sys

port = sys.argv[1]
os.environ.update(AWS_ENDPOINT_URL=f"http://localhost:{port}", AWS_ACCESS_KEY_ID="CLOUDFORMATION", AWS_SECRET_ACCESS_KEY="dummy",
                  MOTO_IAM_LOAD_MANAGED_POLICIES="true", MOTO_ENABLE_AMI_VALIDATION="true")

from moto.server import main  # noqa: E402: moto reads the environment when it is imported

import cloudformation  # noqa: E402
import gaps  # noqa: E402,F401: changes moto when it is imported
import gaps_functions  # noqa: E402,F401
import gaps_kms  # noqa: E402,F401
import gaps_ways  # noqa: E402,F401
import gaps_clientvpn  # noqa: E402,F401
import globalaccelerator  # noqa: E402,F401: the services that moto does not have
import zonalshift  # noqa: E402,F401
import service  # noqa: E402
import types_network  # noqa: E402,F401: each registers its types
import types_measurement  # noqa: E402,F401
import types_services  # noqa: E402,F401
import types_storage  # noqa: E402,F401
import types_transit  # noqa: E402,F401
import types_ways  # noqa: E402,F401
import types_zonal  # noqa: E402,F401

logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for each request
cloudformation.install()
service.install()
main(["-H", "127.0.0.1", "-p", port])
