# Which zone is this? One launch template serves all zones, so the machine asks. Its metrics are those of its zone.
at=http://169.254.169.254/latest
token=$(curl -sS -f --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $at/api/token)
meta() { curl -sS -f --retry 5 -H "X-aws-ec2-metadata-token: $token" "$at/meta-data/$1"; }
id=$(meta instance-id) zone=$(meta placement/availability-zone-id) address=$(meta local-ipv4)
[[ $id =~ ^i-[0-9a-f]+$ && $zone =~ ^[a-z]+[0-9]-az[0-9]+$ && $address =~ ^[0-9.]+$ ]] || { echo "the metadata service says $id, $zone, $address" >&2; exit 1; }
printf "INSTANCE_ID='%s'\nZONE_ID='%s'\nADDRESS='%s'\n" "$id" "$zone" "$address" >/etc/pathproof/zone.env
grep -q "^MACHINE_NAME='$MACHINE_SERVICE-$zone'" /etc/pathproof/boot.env || echo "MACHINE_NAME='$MACHINE_SERVICE-$zone'" >>/etc/pathproof/boot.env
