# From here on people find this machine, unless another one still serves them: from that it takes the address when it is ready.
/opt/pathproof/address free
systemctl enable --quiet --now pathproof-address.timer
