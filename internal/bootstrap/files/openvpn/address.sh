#!/bin/bash
# The Elastic IP address, at which people find this server.
#
#   address free   takes it if nobody has it and this server works: what keeps it when a newer machine failed and is gone
#   address over   takes it from whoever has it: what a new machine does once, when it is ready
#
# It goes to the first interface by its id: EC2 refuses an instance's id once a second one is attached, as in routed mode.
set -euo pipefail
set -a
. /etc/pathproof/boot.env
set +a
at=http://169.254.169.254/latest
take() {
  token=$(curl -sS -f --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $at/api/token)
  meta() { curl -sS -f --retry 5 -H "X-aws-ec2-metadata-token: $token" "$at/meta-data/$1"; }
  first=$(meta mac)
  interface=$(meta "network/interfaces/macs/$first/interface-id")
  aws ec2 associate-address --allocation-id "$ALLOCATION_ID" --network-interface-id "$interface" "$1" >/dev/null
}
case $1 in
free)
  holder=$(aws ec2 describe-addresses --allocation-ids "$ALLOCATION_ID" --query 'Addresses[0].NetworkInterfaceId' --output text)
  [ "$holder" = None ] || exit 0
  status=0
  bash -euo pipefail /opt/pathproof/checks.d/openvpn >/dev/null || status=$?
  [ $status -eq 0 ] || [ $status -eq 3 ] || exit 0
  take --no-allow-reassociation
  echo 'took the address, which nobody had'
  ;;
over) take --allow-reassociation ;;
esac
