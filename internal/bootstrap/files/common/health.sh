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
if [ -z "$why" ]; then
  for check in /opt/pathproof/checks.d/*; do
    said=$(timeout 10 bash -euo pipefail "$check" 2>&1) || why="$why${why:+; }$(basename "$check"): ${said:-failed}"
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
for source in /opt/pathproof/metrics.d/*; do
  while read -r name value unit; do
    data+=("MetricName=$name,Value=$value,Unit=$unit,Dimensions=$dimensions")
  done < <(timeout 10 bash -euo pipefail "$source" || true)
done
timeout 20 aws cloudwatch put-metric-data --namespace "$METRIC_NAMESPACE" --metric-data "${data[@]}" || echo 'the metrics were not sent' >&2
