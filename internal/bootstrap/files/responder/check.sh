# Exit status 5 says that times are not to be trusted, as on a small instance; it still answered.
/usr/local/bin/pathproof probe run "echo://127.0.0.1:$RESPONDER_PORT" -n 1 >/dev/null 2>&1 || [ $? -eq 5 ] || { echo 'the responder does not answer'; exit 1; }
