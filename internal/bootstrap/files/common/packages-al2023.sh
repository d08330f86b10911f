# Not cloud-init's list of packages: cloud-init goes on when one is missing, and asks the repositories when none is.
missing=()
for p in $PACKAGES; do
  [[ $p == *:* ]] && command -v "${p##*:}" >/dev/null && continue
  rpm -q --quiet "${p%%:*}" || missing+=("${p%%:*}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
for try in 1 2 3 4 5; do
  ! dnf install -y --setopt=install_weak_deps=False "${missing[@]}" || exit 0
  sleep $((try * 5))
done
exit 1
