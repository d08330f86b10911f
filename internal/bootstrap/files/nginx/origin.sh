#!/bin/bash
# Keeps nginx's list of the origin's addresses as DNS has it, for an nginx that cannot follow a name itself.
#
#   origin      looks every REFRESH_SECONDS
#   origin -1   looks once
#
# It reloads nginx only for another set of addresses, at most every other look. A list that nginx refuses is never put
# in place, and without an answer the last list stays. State is in files, so it may be killed at any time.
set -uo pipefail
name=$ORIGIN_NAME
: "${NGINX_DIR:=/etc/nginx}" "${NGINX_PID:=/run/nginx.pid}" "${RUNTIME_DIRECTORY:=/run/pathproof-origin}"
list=$NGINX_DIR/pathproof-origin.conf  # what nginx includes
loaded=$RUNTIME_DIRECTORY/loaded       # the list when nginx was last told to read it
tried=$RUNTIME_DIRECTORY/tried         # when a change was last tried
trial=$RUNTIME_DIRECTORY/trial         # a configuration with the new list
last=''

# say tells the journal, once for each change.
say() {
  [ "$*" = "$last" ] || echo "$*"
  last=$*
}

# resolve prints one line of nginx for each address, in an order of its own. It fails when there is none.
resolve() {
  local answer
  answer=$(timeout 10 getent ahostsv4 "$name") || return 1
  awk -v port="$ORIGIN_PORT" -v options="$SERVER_OPTIONS" '$1 ~ /^[0-9.]+$/ {print "server " $1 ":" port " " options ";"}' <<<"$answer" | sort -u | grep .
}

# accepted says whether nginx would take the list on stdin.
accepted() {
  mkdir -p "$trial" && cat >"$trial/pathproof-origin.conf" && cp "$NGINX_DIR/nginx.conf" "$trial/nginx.conf" &&
    nginx -t -q -c "$trial/nginx.conf"
}

# put makes the list on stdin what nginx includes, whole or not at all.
put() {
  cat >"$list.new" && sync "$list.new" && mv "$list.new" "$list"
}

# has_read says whether nginx has the list: it was told to read it, or was started after it was written.
has_read() {
  [ "$1" = "$(cat "$list" 2>/dev/null)" ] && { [ "$1" = "$(cat "$loaded" 2>/dev/null)" ] || [ "$NGINX_PID" -nt "$list" ]; }
}

look() {
  local new now
  if ! new=$(resolve); then
    say "$name: no address; the last ones stay"
    return 1
  fi
  if has_read "$new"; then
    say "$name: $(addresses "$new")"
    return 0
  fi
  now=$(date +%s)
  [ $((now - $(cat "$tried" 2>/dev/null || echo 0))) -ge $((2 * REFRESH_SECONDS)) ] || return 1
  echo "$now" >"$tried"
  if ! accepted <<<"$new"; then
    say "nginx refuses a list with $(addresses "$new"); the last one stays"
    return 1
  fi
  put <<<"$new" || return 1
  if [ ! -s "$NGINX_PID" ]; then
    say "nginx will start with $(addresses "$new")"
    return 0
  fi
  if ! nginx -s reload; then
    say "nginx was not told about $(addresses "$new")"
    return 1
  fi
  echo "$new" >"$loaded"
  say "$name: $(addresses "$new")"
}

addresses() { awk '{printf "%s%s", sep, $2; sep = " "}' <<<"$1"; }

mkdir -p "$RUNTIME_DIRECTORY"
if [ "${1:-}" = -1 ]; then look; exit; fi
while :; do
  look
  sleep "$REFRESH_SECONDS" || exit
done
