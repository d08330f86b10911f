sysctl -qw net.ipv4.ip_forward=1
install -d -m 0750 /var/log/pathproof
nft -f /etc/pathproof/nft.conf
systemctl daemon-reload
for i in $INSTANCES; do
  systemctl enable --quiet "pathproof-openvpn@$i"
  systemctl restart "pathproof-openvpn@$i"
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
