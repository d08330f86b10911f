timeout 3 bash -c "exec 3<>/dev/tcp/127.0.0.1/$RESPONDER_PORT" 2>/dev/null || { echo 'the responder does not answer'; exit 1; }
