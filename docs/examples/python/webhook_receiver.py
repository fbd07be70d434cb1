"""Receives notifications of Canary Judge: checks the signature, and does nothing twice.

    python3 webhook_receiver.py PORT SECRET_FILE

Needs nothing but Python 3.9. Prints a line for each message; what it does with one is in handle().
"""

import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_BYTES = 1 << 20
TOLERANCE_SECONDS = 300  # a copy that somebody sends later is refused
seen = set()  # a real receiver keeps these where they survive a restart


def is_genuine(secret, headers, body):
    """Whether a message comes from who has the secret, and was sent just now."""
    identity = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{identity}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # There are several while one secret takes the place of another.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(each.encode(), expected.encode()) for each in given)


def handle(event):
    print(f"{event['event']} {event['service']} {event['canary_version']}: {event['decision']}", flush=True)


class Receiver(BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        if length > MOST_BYTES:
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_genuine(self.secret, self.headers, body):
            return self.answer(401)
        identity = self.headers["webhook-id"]
        if identity in seen:
            print(f"again: {identity}, attempt {self.headers['canary-judge-attempt']}", flush=True)
        else:
            handle(json.loads(body))
            seen.add(identity)  # after the work: if that fails, the next attempt may succeed
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    with open(sys.argv[2], encoding="ascii") as file:
        Receiver.secret = file.readline().strip()
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
