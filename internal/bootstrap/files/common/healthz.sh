#!/bin/bash
# Answers one HTTP request, whatever it asks: 200 if this machine was healthy a moment ago, else 503.
while read -r -t 5 line && [ "$line" != $'\r' ]; do :; done
status='503 Service Unavailable'
if [ -n "$(find /run/pathproof/health -newermt '-150 seconds' 2>/dev/null)" ] && [ "$(cat /run/pathproof/health)" = healthy ]; then status='200 OK'; fi
printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$status"
