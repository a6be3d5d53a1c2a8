"""The NATS text protocol, as much of it as a worker needs: publish, request, and pull from a JetStream consumer.

https://docs.nats.io/reference/reference-protocols/nats-protocol
"""

import json
import os
import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlparse


class Message:
    """One message: its subject, where to reply, its headers' first line and fields, its payload."""

    def __init__(self, subject, reply, head, data):
        self.subject, self.reply, self.data = subject, reply, data
        status, *lines = head.decode().split("\r\n")
        self.status = int(status[9:12]) if status[9:12].isdigit() else None
        self.headers = dict(line.split(": ", 1) for line in lines if ": " in line)

    def json(self):
        return json.loads(self.data)


class Connection:
    """One connection. One thread asks and reads until the answer is there; any may publish."""

    def __init__(self, url=None):
        address = urlparse(url or os.environ.get("NATS_URL", "nats://127.0.0.1:4222"))
        self._socket = socket.create_connection((address.hostname, address.port or 4222), timeout=60)
        self._in = self._socket.makefile("rb")
        self._sending = threading.Lock()
        self._requests = 0
        self._in.readline()  # INFO {…}
        options = {"verbose": False, "headers": True, "no_responders": True, "lang": "python", "version": "1"}
        if address.username:
            options |= {"user": address.username, "pass": address.password}
        self._send(b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n")
        self._inbox = f"_INBOX.{os.urandom(12).hex()}"

    def publish(self, subject, data=b"", reply=""):
        head = f"PUB {subject} {reply} {len(data)}" if reply else f"PUB {subject} {len(data)}"
        self._send(f"{head}\r\n".encode() + data + b"\r\n")

    def request(self, subject, body):
        """Sends JSON, or bytes as they are; returns the reply as a Message."""
        self._requests += 1
        number = self._requests  # of a subscription that ends with its first message
        reply = f"{self._inbox}.{number}"
        self._send(f"SUB {reply} {number}\r\nUNSUB {number} 1\r\n".encode())
        self.publish(subject, body if isinstance(body, bytes) else json.dumps(body).encode(), reply)
        while True:
            to, message = self._next()
            if to == number:
                return message

    @contextmanager
    def lease(self, message, seconds=10):
        """Says again and again that the message is being worked on, or another worker would get it after 30 s."""
        done = threading.Event()

        def extend():
            while not done.wait(seconds):
                self.publish(message.reply, b"+WPI")

        threading.Thread(target=extend, daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def _next(self):
        """The next message, after its subscription's number; the server's questions whether we are there are answered."""
        while True:
            line = self._in.readline()
            if not line:
                raise ConnectionError("The NATS server has closed the connection")
            word, *rest = line.decode().split()
            if word == "PING":
                self._send(b"PONG\r\n")
            elif word == "-ERR":
                raise ConnectionError(line.decode().strip())
            elif word == "MSG":  # subject, the subscription's number, reply (where there is one), bytes
                reply = rest[2] if len(rest) == 4 else ""
                return int(rest[1]), Message(rest[0], reply, b"", self._payload(int(rest[-1])))
            elif word == "HMSG":  # the same, with the bytes of the headers before the bytes of all
                reply = rest[2] if len(rest) == 5 else ""
                both, size = self._payload(int(rest[-1])), int(rest[-2])
                return int(rest[1]), Message(rest[0], reply, both[:size], both[size:])

    def _payload(self, size):
        return self._in.read(size + 2)[:size]

    def _send(self, data):
        with self._sending:
            self._socket.sendall(data)
