"""A git server for one repository on the loopback, with the git that is installed behind it."""

import base64
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from executor.events import Sha
from executor.git.mirror import Remote
from tests.executor.repositories import git

TOKEN = "good-token"


@dataclass
class Server:
    """The handle a test holds. `asked` is every request, `given` the credentials sent along."""

    bare: Path
    url: str
    accepts: set[str] = field(default_factory=lambda: {TOKEN})
    asked: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    silent_seconds: float = 0
    redirect_to: str | None = None
    refuses_after: int | None = None

    @property
    def remote(self) -> Remote:
        return Remote(self.url, TOKEN)

    def ref(self, name: str) -> Sha | None:
        found = git(self.bare, "for-each-ref", "--format=%(objectname)", name)
        return Sha(found) if found else None

    def hook(self, name: str, script: str) -> None:
        path = self.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A bare `shop.git` in `folder`, empty at first."""
    bare = folder / "shop.git"
    bare.mkdir(parents=True)
    git(bare, "init", "-q", "--bare", "-b", "main")
    git(bare, "config", "http.receivepack", "true")
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server = Server(bare, f"http://127.0.0.1:{http.server_address[1]}/shop.git")
    _Handler.served[http.server_address[1]] = server
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
        del _Handler.served[http.server_address[1]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: dict[int, Server] = {}  # noqa: RUF012

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, *_: object) -> None:
        return

    def _answer(self, body: bytes) -> None:
        server = self.served[self.server.server_address[1]]  # type: ignore[index]
        server.asked.append(f"{self.command} {self.path}")
        server.given.append(self.headers.get("Authorization", ""))
        time.sleep(server.silent_seconds)
        if server.redirect_to is not None:
            return self._send(302, [("Location", server.redirect_to + self.path)], b"")
        if not self._is_allowed(server):
            return self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
        head, _, content = self._backend(server, body).partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((value for name, value in headers if name == "Status"), "200 OK")
        kept = [(name, value) for name, value in headers if name != "Status"]
        return self._send(int(status.split()[0]), kept, content)

    def _is_allowed(self, server: Server) -> bool:
        if server.refuses_after is not None and len(server.asked) > server.refuses_after:
            return False
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, password = base64.b64decode(given).decode().partition(":")
        return user == "x-access-token" and password in server.accepts

    def _backend(self, server: Server, body: bytes) -> bytes:
        address = urlsplit(self.path)
        environment = {
            "PATH": os.defpath,
            "GIT_PROJECT_ROOT": str(server.bare.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": address.path,
            "QUERY_STRING": address.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "somebody",
        }
        done = subprocess.run(
            ("git", "http-backend"), input=body, env=environment, capture_output=True, check=True
        )
        return done.stdout

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
