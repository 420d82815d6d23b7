"""A webhook receiver on loopback that keeps what it got."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

# What a webhook holds is asserted on, key by key, and never passed on.
Payload = dict[str, Any]


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["x-github-event"]

    @property
    def guid(self) -> str:
        return self.headers["x-github-delivery"]

    @property
    def payload(self) -> Payload:
        found: Payload = json.loads(self.body)
        return found

    @property
    def name(self) -> str:
        action = self.payload.get("action")
        return f"{self.event} {action}" if action else self.event


@dataclass
class Receiver:
    port: int = 0
    status: int = 202
    delay: float = 0
    got: list[Received] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.got]

    def last(self, name: str) -> Received:
        return next(each for each in reversed(self.got) if each.name == name)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            await self._answer(reader, writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        rows = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): text for name, text in rows}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append(Received(headers, body))
        await asyncio.sleep(self.delay)
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
    await asyncio.gather(*receiver.tasks, return_exceptions=True)
