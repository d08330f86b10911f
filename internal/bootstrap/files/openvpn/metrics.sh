echo "ConnectedClients $(cat /run/pathproof-openvpn-*/status 2>/dev/null | grep -c ^CLIENT_LIST || true) Count"
left() { echo $(($(($(date -d "$1" +%s) - $(date +%s))) / 3600)); }
cd /etc/pathproof/openvpn
echo "CertificateHoursLeft $(left "$(openssl x509 -in cert.pem -noout -enddate | cut -d= -f2)") Count"
echo "RevocationListHoursLeft $(left "$(openssl crl -in crl.pem -noout -nextupdate | cut -d= -f2)") Count"
