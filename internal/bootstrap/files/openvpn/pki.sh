#!/bin/bash
# Fetches this server's key and certificate, the key of tls-crypt-v2 and the revocation list. What is there is replaced only by
# what was looked at: a half, a foreign, an expired or an older file changes nothing.
set -euo pipefail
set -a
. /etc/pathproof/boot.env
set +a
dir=/etc/pathproof/openvpn
umask 077
mkdir -p $dir
work=$(mktemp -d $dir/.new.XXXXXX)
trap 'rm -rf "$work"' EXIT

secret() { aws secretsmanager get-secret-value --region "$2" --secret-id "$1" --query SecretString --output text; }
number() { echo $((16#$(openssl crl -in "$1" -noout -crlnumber | sed 's/.*=\(0x\)\?//'))); }
ends() { date -d "$(openssl crl -in "$1" -noout -nextupdate | cut -d= -f2)" +%s; }

# certificate DIR: fetches into DIR, and says that all of it fits together.
certificate() {
  mkdir -p "$1"
  secret "$SERVER_SECRET" "$AWS_DEFAULT_REGION" >"$1/secret"
  python3 - "$1" <<'PY'
import json, sys
d = sys.argv[1]
try: held = json.load(open(d + "/secret"))
except ValueError: sys.exit("the secret of the server is not JSON")
for name, key in (("ca.pem", "authority"), ("cert.pem", "certificate"), ("key.pem", "key")):
    open(d + "/" + name, "w").write(held[key])
PY
  rm "$1/secret"
  openssl verify -CAfile "$1/ca.pem" -purpose sslserver "$1/cert.pem" >/dev/null
  [ "$(openssl x509 -in "$1/cert.pem" -noout -pubkey)" = "$(openssl pkey -in "$1/key.pem" -pubout)" ]
}

list() {
  aws s3 cp --only-show-errors --region "$PKI_REGION" "s3://$PKI_BUCKET/$PKI/crl.pem" "$work/crl.pem"
  [[ "$(openssl crl -in "$work/crl.pem" -noout -CAfile $dir/ca.pem 2>&1)" == 'verify OK' ]] || { echo 'the list is not of this authority' >&2; return 1; }
  [ "$(ends "$work/crl.pem")" -gt "$(date +%s)" ] || { echo 'the list has ended' >&2; return 1; }
  if [ -s $dir/crl.pem ]; then
    [ "$(number "$work/crl.pem")" -ge "$(number $dir/crl.pem)" ] || { echo 'the list is older than the one in use' >&2; return 1; }
    touch /run/pathproof/list
    ! cmp -s "$work/crl.pem" $dir/crl.pem || return 0
  fi
  mv "$work/crl.pem" $dir/crl.pem
  touch /run/pathproof/list
  echo "list $(number $dir/crl.pem) is in use"
}

clients() { cat /run/pathproof-openvpn-*/status 2>/dev/null | grep -c ^CLIENT_LIST || true; }

case $1 in
boot)
  certificate "$work/c"
  secret "$TLS_CRYPT_SECRET" "$TLS_CRYPT_REGION" >"$work/c/tls-crypt.key"
  mv "$work"/c/* $dir/
  list
  ;;
list) list ;;
renew)
  # A new certificate needs a new process, which costs every connection a second or two. So it waits for a moment without any;
  # in the last week of the old one it waits no longer.
  certificate "$work/c"
  ! cmp -s "$work/c/cert.pem" $dir/cert.pem || exit 0
  if [ "$(clients)" -gt 0 ] && openssl x509 -in $dir/cert.pem -noout -checkend "$RENEW_SECONDS" >/dev/null; then
    echo "a new certificate waits until nobody is connected"
    exit 0
  fi
  mv "$work"/c/* $dir/
  for i in $INSTANCES; do systemctl restart "pathproof-openvpn@$i"; done
  echo "a new certificate is in use"
  ;;
esac
