# From here on people find this machine at the address that their profiles name. The address goes to the first
# interface by its id: EC2 refuses an instance's id once a second one is attached, as in routed mode.
at=http://169.254.169.254/latest
token=$(curl -sS -f --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $at/api/token)
meta() { curl -sS -f --retry 5 -H "X-aws-ec2-metadata-token: $token" "$at/meta-data/$1"; }
first=$(meta mac)
interface=$(meta "network/interfaces/macs/$first/interface-id")
aws ec2 associate-address --allocation-id "$ALLOCATION_ID" --network-interface-id "$interface" --allow-reassociation >/dev/null
