# Takes the interface that routes point at, which outlives this machine, and sends through it what comes from the pool.
at=http://169.254.169.254/latest
token=$(curl -sS -f --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $at/api/token)
meta() { curl -sS -f --retry 5 -H "X-aws-ec2-metadata-token: $token" "$at/meta-data/$1"; }
mac=$(aws ec2 describe-network-interfaces --network-interface-ids "$INTERFACE_ID" --query 'NetworkInterfaces[0].MacAddress' --output text)
for try in $(seq 60); do
  ! meta network/interfaces/macs/ | grep -qi "$mac" || break
  aws ec2 attach-network-interface --device-index 1 --network-interface-id "$INTERFACE_ID" --instance-id "$(meta instance-id)" >/dev/null || sleep 5
done
for try in $(seq 60); do
  device=$(ip -br link | awk -v m="$mac" 'tolower($3) == tolower(m) { print $1 }')
  [ -z "$device" ] || break
  sleep 1
done
[ -n "$device" ]
ip link set "$device" up
ip route replace default via "$INTERFACE_GATEWAY" dev "$device" onlink table 1194
# The server's own answers to clients have an address of the pool, too.
ip rule del from "$POOL" to "$POOL" lookup main 2>/dev/null || true
ip rule add from "$POOL" to "$POOL" lookup main priority 1193
ip rule del from "$POOL" lookup 1194 2>/dev/null || true
ip rule add from "$POOL" lookup 1194 priority 1194
sysctl -qw "net.ipv4.conf.$device.rp_filter=2"
