"""A stand-in of Lambda's Runtime API, and a process of its own that has it in an empty network.

Usage: runtime.py, with a call as JSON on stdin; or runtime.py check, which tells by its status whether this machine can.
"""
import ctypes
import fcntl
import http.server
import json
import queue
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid

PRIVATE = (("10.255.255.254", "255.0.0.0"), ("172.31.255.254", "255.240.0.0"), ("192.168.255.254", "255.255.0.0"))
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000  # flags of unshare(2)


class RuntimeAPI(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        event = self.server.events.get()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", self.server.arn)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(self.server.deadline * 1000)))
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self.body()
        self.send_response(202)
        self.end_headers()
        self.server.ended.put({"failed": not self.path.endswith("/response"), "payload": body.decode()})

    def body(self):
        """The Lambda library sends what it has in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


def serve(program, arn, limit, environment, event):
    """Runs a program for one event. Returns whether it failed, what it answered and what it logged."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeAPI)
    server.arn, server.deadline = arn, time.time() + limit
    server.events, server.ended, server.daemon_threads = queue.Queue(), queue.Queue(), True
    server.events.put(json.dumps(event).encode())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {**environment, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % server.server_address[1]}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([program], env=environment, stdout=log, stderr=log)
        try:
            outcome = server.ended.get(timeout=limit)
        except queue.Empty:
            outcome = {"failed": True, "payload": json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {limit} seconds"})}
        finally:
            process.kill()
            process.wait()
            server.shutdown()
            server.server_close()
        log.seek(0)
        return {**outcome, "log": log.read().decode(errors="replace")}


def isolate():
    """Moves this process into a network of its own, of which it brings up the loopback interface alone. All private addresses
    are there, and nothing listens: whoever connects is refused, and no packet leaves."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_NETWORK) and libc.unshare(NEW_USER | NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "unshare(2) is not permitted here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh22x", b"lo", 0x1))  # SIOCSIFFLAGS, IFF_UP
        for i, (address, mask) in enumerate(PRIVATE):
            name = b"lo:%d" % i
            for request, value in ((0x8916, address), (0x891C, mask)):  # SIOCSIFADDR, SIOCSIFNETMASK
                fcntl.ioctl(s, request, struct.pack("16sHxx4s16x", name, socket.AF_INET, socket.inet_aton(value)))


if __name__ == "__main__":
    isolate()
    if sys.argv[1:] != ["check"]:
        json.dump(serve(**json.load(sys.stdin)), sys.stdout)
