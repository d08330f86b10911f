if [ -n "$TLS_SECRET" ]; then
  ends=$(openssl x509 -noout -enddate -in /run/pathproof/tls/certificate.pem | cut -d= -f2)
  echo "CertificateHoursLeft $((($(date -d "$ends" +%s) - $(date +%s)) / 3600)) Count"
fi
curl -fsS -m 5 http://127.0.0.1:9180/status | awk '/^Active/ {print "ActiveConnections", $3, "Count"}'
