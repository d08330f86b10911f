echo "ConnectedClients $(cat /run/pathproof-openvpn-*/status 2>/dev/null | grep -c ^CLIENT_LIST || true) Count"
# Each listener has its own part of the pool: the fullest one is the first that turns people away.
used=0
for i in $INSTANCES; do
  n=$(grep -c ^CLIENT_LIST "/run/pathproof-openvpn-$i/status" 2>/dev/null || true)
  percent=$((${n:-0} * 100 / POOL_SIZE))
  [ "$percent" -le "$used" ] || used=$percent
done
echo "PoolUsed $used Percent"
left() { echo $(($(($(date -d "$1" +%s) - $(date +%s))) / 3600)); }
cd /etc/pathproof/openvpn
echo "CertificateHoursLeft $(left "$(openssl x509 -in cert.pem -noout -enddate | cut -d= -f2)") Count"
echo "RevocationListHoursLeft $(left "$(openssl crl -in crl.pem -noout -nextupdate | cut -d= -f2)") Count"
