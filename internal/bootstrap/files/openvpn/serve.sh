sysctl -qw net.ipv4.ip_forward=1
install -d -m 0750 /var/log/pathproof
nft -f /etc/pathproof/nft.conf
systemctl daemon-reload
for i in $INSTANCES; do
  systemctl enable --quiet "pathproof-openvpn@$i"
  # The boot is tried again whatever failed; that must not cut off who is connected.
  now=$(cd /etc/pathproof/openvpn && cat "$i.conf" ca.pem cert.pem key.pem tls-crypt.key | sha256sum)
  ! systemctl is-active --quiet "pathproof-openvpn@$i" || [ "$now" != "$(cat "/run/pathproof/serves-$i" 2>/dev/null)" ] || continue
  systemctl restart "pathproof-openvpn@$i"
  echo "$now" >"/run/pathproof/serves-$i"
done
for i in $INSTANCES; do
  for try in $(seq 50); do
    ! ip link show "tun-$i" >/dev/null 2>&1 || continue 2
    sleep 0.2
  done
  echo "OpenVPN over $i does not come up; see /var/log/pathproof/openvpn-$i.log" >&2
  exit 1
done
systemctl enable --quiet --now pathproof-pki@list.timer pathproof-pki@renew.timer
