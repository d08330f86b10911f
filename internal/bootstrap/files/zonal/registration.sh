#!/bin/bash
# Keeps this machine in Cloud Map while it is healthy; with "leave" it takes it out for good, because the machine goes.
set -euo pipefail
set -a
. /etc/pathproof/boot.env
. /etc/pathproof/zone.env
set +a
exec 9>/run/pathproof/registration.lock
flock 9
leave() {
  said=$(timeout 30 aws servicediscovery deregister-instance --service-id "$CLOUD_MAP_SERVICE" --instance-id "$INSTANCE_ID" 2>&1) ||
    grep -q InstanceNotFound <<<"$said" || { echo "$said" >&2; exit 1; }
  rm -f /run/pathproof/registered
  echo "$INSTANCE_ID is out of Cloud Map: $1"
}
if [ "${1:-}" = leave ]; then
  touch /run/pathproof/leaving
  leave 'the machine goes'
  sleep "$DRAIN_SECONDS" # until callers have heard of it; then the program that answers them stops
fi
[ ! -e /run/pathproof/leaving ] || exit 0
verdict=$(cat /run/pathproof/health 2>/dev/null || echo 'not known')
if [ "$verdict" != healthy ]; then
  [ ! -e /run/pathproof/registered ] || leave "$verdict"
  exit 0
fi
# Said anew every ten minutes: what somebody else took out comes back.
[ -z "$(find /run/pathproof/registered -mmin -10 2>/dev/null)" ] || exit 0
timeout 30 aws servicediscovery register-instance --service-id "$CLOUD_MAP_SERVICE" --instance-id "$INSTANCE_ID" \
  --attributes "AWS_INSTANCE_IPV4=$ADDRESS,AWS_INSTANCE_PORT=$RESPONDER_PORT,AVAILABILITY_ZONE_ID=$ZONE_ID" >/dev/null
touch /run/pathproof/registered
