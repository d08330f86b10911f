#!/bin/bash
# Writes /run/pathproof/health and sends it, with the role's own metrics, to CloudWatch.
set -euo pipefail
shopt -s nullglob
. /etc/pathproof/boot.env
why=''
boot=$(cat /run/pathproof/boot 2>/dev/null || echo 'not begun')
[ "$boot" = done ] || why="boot: $boot"
if [ -z "$why" ]; then
  for check in /usr/local/lib/pathproof/checks.d/*; do
    said=$(timeout 10 "$check" 2>&1) || why="$why${why:+; }$(basename "$check"): ${said:-failed}"
  done
fi
healthy=1
if [ -z "$why" ]; then verdict=healthy; else verdict="unhealthy: $why"; healthy=0; fi
[ "$verdict" = "$(cat /run/pathproof/health 2>/dev/null)" ] || echo "$verdict"
echo "$verdict" >/run/pathproof/health.new
mv /run/pathproof/health.new /run/pathproof/health
[ -n "$METRIC_NAMESPACE" ] || exit 0
dimensions="[{Name=Role,Value=$MACHINE_ROLE},{Name=Name,Value=$MACHINE_NAME}]"
data=("MetricName=Healthy,Value=$healthy,Unit=None,Dimensions=$dimensions")
for source in /usr/local/lib/pathproof/metrics.d/*; do
  while read -r name value unit; do
    data+=("MetricName=$name,Value=$value,Unit=$unit,Dimensions=$dimensions")
  done < <(timeout 10 "$source" || true)
done
timeout 20 aws cloudwatch put-metric-data --namespace "$METRIC_NAMESPACE" --metric-data "${data[@]}" || echo 'the metrics were not sent' >&2
