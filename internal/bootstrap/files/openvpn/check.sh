for i in $INSTANCES; do
  systemctl is-active --quiet "pathproof-openvpn@$i" && ip link show "tun-$i" >/dev/null 2>&1 || { echo "OpenVPN over $i does not run"; exit 1; }
done
nft list table inet pathproof >/dev/null 2>&1 || { echo 'the packet filter is not loaded'; exit 1; }
[ "$(sysctl -n net.ipv4.ip_forward)" = 1 ] || { echo 'the kernel does not forward'; exit 1; }
cd /etc/pathproof/openvpn
# Status 3: another machine would have this fault, too.
openssl x509 -in cert.pem -noout -checkend 0 >/dev/null || { echo 'the certificate has ended'; exit 3; }
[ "$(date -d "$(openssl crl -in crl.pem -noout -nextupdate | cut -d= -f2)" +%s)" -gt "$(date +%s)" ] || { echo 'the revocation list has ended: nobody is let in'; exit 3; }
[ -n "$(find /run/pathproof/list -newermt '-10 minutes' 2>/dev/null)" ] || { echo 'the revocation list was not fetched for 10 minutes: who was revoked since gets in'; exit 3; }
