# Not cloud-init's list of packages: cloud-init goes on when one is missing, and asks the repositories when none is.
missing=()
for p in $PACKAGES; do
  [[ $p == *:* ]] && command -v "${p##*:}" >/dev/null && continue
  dpkg-query -W -f '${Status}' "${p%%:*}" 2>/dev/null | grep -q ' installed$' || missing+=("${p%%:*}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
export DEBIAN_FRONTEND=noninteractive
for try in 1 2 3 4 5; do
  ! { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } || exit 0
  sleep $((try * 5))
done
exit 1
