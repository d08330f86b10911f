#!/bin/bash
# Fetches the certificate for nginx. A pair that does not fit, has ended, or that nginx refuses is never put in place. It
# is in memory only, and gone when the machine stops.
set -euo pipefail
umask 077
tls=/run/pathproof/tls
new=$(mktemp -d /run/pathproof/tls-XXXXXX)
old=$(readlink $tls || true)
trap 'rm -rf "$new"' EXIT
aws secretsmanager get-secret-value --secret-id "$TLS_SECRET" --query SecretString --output text >"$new/secret"
jq -er .certificate "$new/secret" >"$new/certificate.pem"
jq -er .key "$new/secret" >"$new/key.pem"
rm "$new/secret"
if cmp -s "$new/key.pem" $tls/key.pem && cmp -s "$new/certificate.pem" $tls/certificate.pem; then exit 0; fi
openssl x509 -noout -checkend 0 -in "$new/certificate.pem" >/dev/null || { echo 'the certificate has ended' >&2; exit 1; }
if [ "$(openssl x509 -noout -pubkey -in "$new/certificate.pem")" != "$(openssl pkey -pubout -in "$new/key.pem")" ]; then
  echo 'certificate and key do not belong together' >&2
  exit 1
fi
point() { ln -sfn "$1" $tls.new && mv -T $tls.new $tls; }
point "$new"
trap - EXIT
[ -s /run/nginx.pid ] || exit 0
if ! nginx -t -q; then
  [ -z "$old" ] || { point "$old" && rm -rf "$new"; }
  exit 1
fi
nginx -s reload
[ -z "$old" ] || rm -rf "$old"
