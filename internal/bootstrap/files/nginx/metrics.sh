curl -fsS -m 5 http://127.0.0.1:9180/status | awk '/^Active/ {print "ActiveConnections", $3, "Count"}'
