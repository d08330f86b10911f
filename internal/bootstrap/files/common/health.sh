#!/bin/bash
# Writes /run/pathproof/health and sends it, with the role's own metrics, to CloudWatch.
set -euo pipefail
shopt -s nullglob
set -a
. /etc/pathproof/boot.env
set +a
why=''
boot=$(cat /run/pathproof/boot 2>/dev/null || echo 'not begun')
[ "$boot" = done ] || why="boot: $boot"
own='' # whether a fault is this machine's own; status 3 says that any other would have it, too
if [ -z "$why" ]; then
  for check in /opt/pathproof/checks.d/*; do
    status=0
    said=$(timeout 10 bash -euo pipefail "$check" 2>&1) || status=$?
    [ $status -ne 0 ] || continue
    why="$why${why:+; }$(basename "$check"): ${said:-failed}"
    [ $status -eq 3 ] || own=yes
  done
fi
healthy=1
if [ -z "$why" ]; then
  verdict=healthy
  [ -e /var/lib/pathproof-served ] || touch /var/lib/pathproof-served
else
  verdict="unhealthy: $why"
  healthy=0
fi
# Since when it has had a fault of its own.
if [ -z "$own" ]; then rm -f /run/pathproof/fault; else [ -e /run/pathproof/fault ] || touch /run/pathproof/fault; fi
[ "$verdict" = "$(cat /run/pathproof/health 2>/dev/null)" ] || echo "$verdict"
echo "$verdict" >/run/pathproof/health.new
mv /run/pathproof/health.new /run/pathproof/health
[ -n "$METRIC_NAMESPACE" ] || exit 0
dimensions="[{Name=Role,Value=$MACHINE_ROLE},{Name=Name,Value=$MACHINE_NAME}]"
data=("MetricName=Healthy,Value=$healthy,Unit=None,Dimensions=$dimensions")
for source in /opt/pathproof/metrics.d/*; do
  while read -r name value unit; do
    data+=("MetricName=$name,Value=$value,Unit=$unit,Dimensions=$dimensions")
  done < <(timeout 10 bash -euo pipefail "$source" || true)
done
timeout 20 aws cloudwatch put-metric-data --namespace "$METRIC_NAMESPACE" --metric-data "${data[@]}" || echo 'the metrics were not sent' >&2
