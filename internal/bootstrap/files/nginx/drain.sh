#!/bin/bash
# What systemd runs to stop nginx: fail the health check, wait until nobody sends here any more, finish what is running.
set -euo pipefail
touch /run/pathproof/draining
sleep "$DRAIN_SECONDS"
kill -QUIT "$MAINPID"
while kill -0 "$MAINPID" 2>/dev/null; do sleep 0.2; done
