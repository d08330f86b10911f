# nginx is started, or reads what changed; so are its helpers.
rm -f /run/pathproof/draining
systemctl reload-or-restart nginx.service
[ -z "$TLS_SECRET" ] || systemctl enable --now --quiet pathproof-tls.timer
[ ! -e /opt/pathproof/origin ] || systemctl enable --now --quiet pathproof-origin.service
systemctl restart logrotate.timer
for try in 1 2 3 4 5 6 7 8 9 10; do
  ! curl -fsS -m 3 -o /dev/null http://127.0.0.1:9180/alive || exit 0
  sleep 1
done
exit 1
