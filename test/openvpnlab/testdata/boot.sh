#!/bin/bash
# Boots a Debian system with real systemd and cloud-init in the network namespace that this is started in: the root file system of
# this machine below, whatever is written in memory above. Needs private mount and process namespaces.
set -euo pipefail
# Control groups of its own: two machines have units of one name, and systemd of the one would find processes of the other in them.
for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
  [ -e $hierarchy/cgroup.procs ] || continue
  { mkdir -p "$hierarchy/$GROUP" && echo 0 >"$hierarchy/$GROUP/cgroup.procs"; } || echo "no control group of its own in $hierarchy"
done
mount -t tmpfs tmpfs "$WORK"
mkdir "$WORK/up" "$WORK/work" "$WORK/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$WORK/up,workdir=$WORK/work" "$WORK/root"
root=$WORK/root
rm -rf "$root"/var/lib/cloud "$root"/etc/pathproof "$root"/opt/pathproof "$root"/var/log/pathproof "$root"/var/lib/pathproof*
mkdir -p "$root/var/lib/cloud/seed/nocloud"
cp "$LAB/user-data" "$root/var/lib/cloud/seed/nocloud/user-data"
printf 'instance-id: %s\nlocal-hostname: %s\n' "$NAME" "$NAME" >"$root/var/lib/cloud/seed/nocloud/meta-data"
cat >"$root/etc/cloud/cloud.cfg.d/99-lab.cfg" <<'C'
datasource_list: [NoCloud, None]
network: {config: disabled}
locale: false
ssh_genkeytypes: []
resize_rootfs: false
growpart: {mode: "off"}
C
install -m 0755 "$LAB/aws" "$root/usr/local/bin/aws"
rm -f "$root/etc/resolv.conf"
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
touch /run/netns/machine
mount --bind /proc/self/ns/net /run/netns/machine
# An image has none of what this machine happens to run.
for wants in "$root"/etc/systemd/system/*.wants; do
  [ "${wants##*/}" = cloud-init.target.wants ] || rm -rf "$wants"
done
rm -f "$root"/etc/rc?.d/S*
for unit in systemd-udevd.service systemd-udev-trigger.service apt-daily.timer apt-daily-upgrade.timer systemd-logind.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
exec systemd-nspawn -q -D "$root" --machine="$NAME" --register=no --keep-unit --link-journal=no --network-namespace-path=/run/netns/machine \
  --capability=CAP_NET_ADMIN --bind=/dev/net/tun --bind="$LAB:/lab" --console=pipe --boot
