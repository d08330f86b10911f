#!/bin/sh
# Makes pathproof probe serve a service. Runs at each boot, stops at the first failure, and tells CloudFormation how it ended.
set -eu
umask 022
signal='{{.Signal}}'
program=/usr/local/bin/pathproof
unit=/etc/systemd/system/pathproof.service
step='nothing was done'
work=$(mktemp -d)

# A boot after the first has nobody to tell, so failing to tell is no failure.
tell() {
	printf '{"Status":"%s","UniqueId":"boot","Reason":"%s","Data":""}' "$1" "$2" >"$work/signal"
	curl --silent --show-error --fail --max-time 20 --retry 3 -X PUT -H 'Content-Type:' --data-binary "@$work/signal" "$signal" >&2 || true
}

finish() {
	status=$?
	trap - EXIT
	if [ "$status" -eq 0 ]; then
		tell SUCCESS 'pathproof answers'
	else
		echo "pathproof target: $step, exit status $status" >&2
		tell FAILURE "$step, exit status $status"
	fi
	rm -rf "$work"
	exit "$status"
}
trap finish EXIT

# The role may be younger than the instance, and news of it travels.
fetch() {
	tries=0
	until aws s3api get-object --region '{{.Region}}' --bucket '{{.Bucket}}' --key '{{.Key}}' "$work/pathproof" --cli-connect-timeout 10 >&2; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || return 1
		sleep 5
	done
}

genuine() { printf '%s  %s\n' '{{.SHA256}}' "$1" | sha256sum --check --status; }

if ! genuine "$program" 2>/dev/null; then
	step='the program could not be read from its bucket: is there a way to S3, and does the image have the AWS CLI?'
	fetch
	step='the program has another SHA-256 than it was deployed with'
	genuine "$work/pathproof"
	step='the program could not be installed'
	install -m 0755 "$work/pathproof" "$program"
fi

step='the service could not be installed'
cat >"$unit" <<'UNIT'
{{.Unit -}}
UNIT
systemctl daemon-reload
systemctl enable pathproof.service

step='the service did not start; journalctl -u pathproof has more'
systemctl restart pathproof.service

# Exit status 5 says that the times are not to be trusted, as on a small instance that boots; it still answered.
step='the service does not answer on its own host; journalctl -u pathproof has more'
answers() {
	code=0
	"$program" probe run 'echo://127.0.0.1:{{.Port}}' -n 5 >&2 || code=$?
	[ "$code" -eq 0 ] || [ "$code" -eq 5 ]
}
tries=0
until answers; do
	tries=$((tries + 1))
	[ "$tries" -lt 10 ] || exit 1
	sleep 2
done
