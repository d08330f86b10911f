#!/bin/bash
# Once in a machine's life, after its first boot: when its own health check has passed it does what ready.d says and tells
# CloudFormation that it serves. If it does not get so far it says that, so that nobody waits for it any longer.
set -euo pipefail
set -a
. /etc/pathproof/boot.env
set +a
ended=/var/lib/pathproof-ready
[ ! -e $ended ] || exit 0

tell() {
  echo "$1" >$ended
  [ -n "${SIGNAL_STACK:-}" ] || exit 0
  at=http://169.254.169.254/latest
  token=$(curl -sS -f --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $at/api/token)
  id=$(curl -sS -f --retry 5 -H "X-aws-ec2-metadata-token: $token" $at/meta-data/instance-id)
  for try in 1 2 3 4 5; do
    ! said=$(aws cloudformation signal-resource --stack-name "$SIGNAL_STACK" --logical-resource-id "$SIGNAL_RESOURCE" --unique-id "$id" --status "$1" 2>&1) || { echo "said $1"; exit 0; }
    # AWS's answer while no deployment waits, such as when the group started this machine by itself.
    [[ $said != *ValidationError* ]] || { echo "nobody waits for $1"; exit 0; }
    sleep $((try * 2))
  done
  echo "not said $1: $said" >&2
  exit 0
}

if [ "$(cat /run/pathproof/boot)" != done ]; then
  # The boot is tried again by itself. The third time in a row counts: what has just been allowed takes AWS some seconds.
  echo >>/run/pathproof/failed-boots
  [ "$(wc -l </run/pathproof/failed-boots)" -lt 3 ] || tell FAILURE
  exit 0
fi
for try in $(seq 24); do
  systemctl start pathproof-health.service || true
  if [ "$(cat /run/pathproof/health)" = healthy ]; then
    for script in /opt/pathproof/ready.d/*; do
      [ ! -e "$script" ] || bash -euo pipefail "$script" || tell FAILURE
    done
    tell SUCCESS
  fi
  sleep 5
done
tell FAILURE
