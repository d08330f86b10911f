#!/bin/bash
# Stands in for the AWS CLI: answers from the folder /lab what a server asks of AWS, as far as its role would let it.
set -euo pipefail
echo "$*" >>/lab/aws.log
argument() { while [ $# -gt 1 ]; do [ "$1" != "$want" ] || { echo "$2"; return; }; shift; done; }
case "$1 $2" in
'secretsmanager get-secret-value') want=--secret-id; cat "/lab/secrets/$(basename "$(argument "$@")")" ;;
's3 cp') from=${*: -2:1}; cp "/lab/objects/${from#s3://}" "${*: -1}" ;;
'ec2 describe-addresses') holder=$(cat /lab/address 2>/dev/null || true); echo "${holder:-None}" ;;
'ec2 associate-address')
  want=--network-interface-id
  me=$(argument "$@") holder=$(cat /lab/address 2>/dev/null || true)
  if [[ " $* " == *' --no-allow-reassociation '* ]] && [ -n "$holder" ] && [ "$holder" != "$me" ]; then
    echo 'An error occurred (Resource.AlreadyAssociated) when calling the AssociateAddress operation' >&2
    exit 254
  fi
  echo "$me" >"/lab/address.$me"
  mv "/lab/address.$me" /lab/address
  ;;
'cloudformation signal-resource') want=--unique-id; who=$(argument "$@"); want=--status; echo "$who $(argument "$@")" >>/lab/signals ;;
'autoscaling set-instance-health') want=--instance-id; argument "$@" >>/lab/unhealthy ;;
'cloudwatch put-metric-data') ;;
*) echo "not allowed: $*" >&2; exit 254 ;;
esac
