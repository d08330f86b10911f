# Puts nginx's configuration in place, unless nginx refuses it.
for name in "$ORIGIN_NAME" "$ORIGIN_CERTIFICATE"; do
  [[ $name =~ ^[A-Za-z0-9.-]+$ ]] || { echo "the origin has no usable name, got '$name'" >&2; exit 1; }
done
conf=$(cat /etc/pathproof/nginx.conf)
conf=${conf//@ORIGIN_NAME@/"$ORIGIN_NAME"}
conf=${conf//@ORIGIN_CERTIFICATE@/"$ORIGIN_CERTIFICATE"}
version=$(nginx -v 2>&1 | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')
if [[ $conf == *' resolve '* ]] && [ "$(printf '1.27.3\n%s\n' "$version" | sort -V | head -1)" != 1.27.3 ]; then
  echo "nginx $version cannot follow a name, 1.27.3 can; use a newer image" >&2
  exit 1
fi
# Until the watcher has found one there is no address, and nginx answers 502. Nothing but that needs the origin.
list=/etc/nginx/pathproof-origin.conf
[ -s $list ] || echo 'server 127.0.0.1:1 down;' >$list
printf '%s\n' "$conf" >/etc/nginx/nginx.conf.new
nginx -t -q -c /etc/nginx/nginx.conf.new
mv /etc/nginx/nginx.conf.new /etc/nginx/nginx.conf
sed "s/@USER@/$NGINX_USER/" /etc/pathproof/logrotate >/etc/logrotate.d/nginx
