"""A file in which the harness reads what no API tells: one line of JSON for each event."""
import json
import os
import threading

_lock = threading.Lock()


def write(event, **fields):
    with _lock, open(os.environ["E2E_JOURNAL"], "a") as f:
        f.write(json.dumps({"event": event, **fields}) + "\n")
