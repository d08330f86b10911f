# The last step: from here on people find this machine at the address that their profiles name.
at=http://169.254.169.254/latest
token=$(curl -sS -f --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $at/api/token)
instance=$(curl -sS -f --retry 5 -H "X-aws-ec2-metadata-token: $token" $at/meta-data/instance-id)
aws ec2 associate-address --allocation-id "$ALLOCATION_ID" --instance-id "$instance" --allow-reassociation >/dev/null
