curl -fsS -m 5 -o /dev/null http://127.0.0.1:9180/alive
[ -z "$TLS_SECRET" ] || openssl x509 -noout -checkend 0 -in /run/pathproof/tls/certificate.pem >/dev/null || { echo 'the certificate has ended'; exit 1; }
