"""The API behind the standard library's HTTP server."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from shop.api import Request, Response, Shop, answer


def serve(shop: Shop, port: int) -> ThreadingHTTPServer:
    """A server on loopback, bound but not yet running."""
    return ThreadingHTTPServer(("127.0.0.1", port), handler_for(shop))


def handler_for(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(answer(self._request(), shop))

        do_POST = do_GET

        def _request(self) -> Request:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length).decode("utf-8", "replace")
            return Request(self.command, url.path, dict(parse_qsl(url.query)), body)

        def _send(self, response: Response) -> None:
            """Without a length: HTTP/1.0 ends a body by closing, and pieces go out as they come."""
            self.send_response(response.status)
            self.send_header("Content-Type", response.content_type)
            self.end_headers()
            for piece in response.body:
                self.wfile.write(piece.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Tests and a terminal want answers, not an access log."""

    return Handler
