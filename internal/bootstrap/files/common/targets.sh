# The load balancer has to call this machine before an old one goes, which it is slow to learn: up to minutes for a new target.
. /etc/pathproof/zone.env
while read -r targets; do
  for try in $(seq 40); do
    state=$(timeout 20 aws elbv2 describe-target-health --target-group-arn "$targets" --targets "Id=$INSTANCE_ID" \
      --query 'TargetHealthDescriptions[0].TargetHealth.[State,Reason]' --output text 2>&1 </dev/null) || true
    [[ $state != healthy* ]] || continue 2
    sleep 5
  done
  echo "the load balancer does not call this machine, $targets: $state" >&2
  exit 1
done </etc/pathproof/targets
