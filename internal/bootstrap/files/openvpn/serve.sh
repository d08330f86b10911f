sysctl -qw net.ipv4.ip_forward=1
install -d -m 0750 /var/log/pathproof
nft -f /etc/pathproof/nft.conf
systemctl daemon-reload
for i in $INSTANCES; do
  systemctl enable --quiet "pathproof-openvpn@$i"
  systemctl restart "pathproof-openvpn@$i"
done
systemctl enable --quiet --now pathproof-pki@list.timer pathproof-pki@renew.timer
