"""Open connections by the caller's address, so that a fault can cut one."""

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Connections:
    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def drop(self, scope: Scope) -> None:
        """No answer at all: uvicorn has no word for that, its transport has."""
        transport = self._open.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()

    def drop_all(self) -> None:
        """Idle keep-alive connections would hold up the stop."""
        for transport in list(self._open.values()):
            transport.abort()

    def protocol(self) -> type[HttpToolsProtocol]:
        connections = self._open

        class Tracked(HttpToolsProtocol):
            # uvicorn annotates its transports more narrowly than asyncio does.
            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                self._address = tuple(transport.get_extra_info("peername") or ("", 0))
                connections[self._address] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self._address, None)
                super().connection_lost(exc)

        return Tracked
