import io
import unittest

from shop.server import handler_for
from tests.builders import a_shop, an_order


class Wire:
    """A socket's two ends in memory, so that the handler runs where there is no network."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent
        self.received = b""

    def makefile(self, _mode: str, _size: int) -> io.BytesIO:
        return io.BytesIO(self._sent)

    def sendall(self, data: bytes) -> None:
        self.received += data


class TestHandler(unittest.TestCase):
    def test_a_request_on_the_wire_gets_its_answer(self) -> None:
        wire = Wire(b"GET /orders/7?x=1 HTTP/1.0\r\n\r\n")
        handler_for(a_shop(an_order(7)))(wire, ("127.0.0.1", 1), None)  # type: ignore[arg-type]
        head, _, body = wire.received.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.0 200 OK\r\n"))
        self.assertIn(b"Content-Type: application/json; charset=utf-8", head)
        self.assertTrue(body.startswith(b'{"number": 7'))
