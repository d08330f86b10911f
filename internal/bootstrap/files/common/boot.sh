#!/bin/bash
# Brings this machine into service. Stops at the first step that fails, and says which.
set -euo pipefail
umask 022
set -a
. /etc/pathproof/boot.env
set +a
state=/run/pathproof/boot
step=nothing
finish() {
  status=$?
  if [ "$status" -eq 0 ]; then echo done >$state
  else echo "failed: step $step, exit status $status" | tee $state >&2; fi
  systemctl start --no-block pathproof-health.service || true
  [ ! -e /opt/pathproof/ready ] || systemctl start --no-block pathproof-ready.service || true
}
trap finish EXIT
echo running >$state
for script in /opt/pathproof/boot.d/*; do
  step=$(basename "$script")
  echo "step $step"
  bash -euo pipefail "$script"
done
