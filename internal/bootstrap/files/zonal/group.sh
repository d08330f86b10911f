# Which group waits for this machine, and which target groups lead callers to it? One launch template serves the groups of all zones, so
# the machine's tags say it: one of CloudFormation's, and ours. A role that was made a moment ago may not be known everywhere.
. /etc/pathproof/zone.env
for try in $(seq 10); do
  tags=$(timeout 20 aws ec2 describe-tags --filters "Name=resource-id,Values=$INSTANCE_ID" --query 'Tags[].[Key,Value]' --output text 2>&1) || true
  group=$(awk -F'\t' '$1 == "aws:cloudformation:logical-id" { print $2 }' <<<"$tags")
  [ -z "$group" ] || break
  sleep 3
done
[[ $group =~ ^[A-Za-z0-9]+$ ]] || { echo "no tag says which group this machine is of: $tags" >&2; exit 1; }
awk -F'\t' '$1 ~ /^pathproof:targets-[0-9]+$/ { print $2 }' <<<"$tags" >/etc/pathproof/targets
grep -q "^SIGNAL_RESOURCE='$group'" /etc/pathproof/boot.env || echo "SIGNAL_RESOURCE='$group'" >>/etc/pathproof/boot.env
