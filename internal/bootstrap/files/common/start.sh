#!/bin/bash
# cloud-init's only command. It fails if the boot fails, so that cloud-init says so too.
set -euo pipefail
systemctl daemon-reload
systemctl enable --quiet pathproof-boot.service pathproof-health.timer
[ ! -e /etc/systemd/system/pathproof-healthz.socket ] || systemctl enable --quiet --now pathproof-healthz.socket
systemctl start pathproof-health.timer
systemctl start pathproof-boot.service
