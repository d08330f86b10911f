# The certificate, if TLS ends here. It is in memory only, so every boot fetches it.
[ -z "$TLS_SECRET" ] || /opt/pathproof/tls
