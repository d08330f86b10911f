#!/bin/bash
# Asks the auto scaling group for another machine when this one has served for 15 minutes and then had a fault of its own for 10.
# It asks once in its life, and a machine that never served does not ask, so a fault that another machine has too ends there.
set -euo pipefail
served=/var/lib/pathproof-served fault=/run/pathproof/fault asked=/var/lib/pathproof-asked
[ -e $fault ] && [ -e $served ] && [ ! -e $asked ] || exit 0
age() { echo $(($(date +%s) - $(stat -c %Y "$1"))); }
[ "$(age $fault)" -ge 600 ] && [ $(($(age $served) - $(age $fault))) -ge 900 ] || exit 0
set -a
. /etc/pathproof/boot.env
set +a
at=http://169.254.169.254/latest
token=$(curl -sS -f --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $at/api/token)
id=$(curl -sS -f --retry 5 -H "X-aws-ec2-metadata-token: $token" $at/meta-data/instance-id)
timeout 20 aws autoscaling set-instance-health --instance-id "$id" --health-status Unhealthy
touch $asked
echo "asked for another machine: $(cat /run/pathproof/health)"
