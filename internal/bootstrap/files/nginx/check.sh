curl -fsS -m 5 -o /dev/null http://127.0.0.1:9180/alive
