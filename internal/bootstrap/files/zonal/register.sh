# From here on callers may find this machine in Cloud Map: as soon as its health says that it works.
systemctl daemon-reload
systemctl enable --quiet --now pathproof-departure.service pathproof-registration.timer
