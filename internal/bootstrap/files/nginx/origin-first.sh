# The origin's addresses, before nginx starts. Without any it starts too, and the watcher goes on looking.
/opt/pathproof/origin -1 || true
