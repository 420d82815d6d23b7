"""A vendor for one machine: three dialects over HTTP, prepared replies, exact counts, and faults.

`python -m tests.llm.vendor_server --script FILE` prints one line of JSON: where it listens, the
environment with its keys, and per dialect the `BARO_ROUTES` to use it with. The phase of a call is
in its path, as no dialect has a field for it: each phase gets an endpoint of its own. `attempt` in
a script means nothing here. `GET /ledger` tells what was served.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from llm import measure
from llm.routing import Phase
from llm.script import Script, ScriptTurn, load_script, turn_for
from llm.scripted import SeenPrefixes, wait_for
from llm.usage import Usage
from tests.llm.vendor_dialects import DIALECTS, Dialect, Event, Heard, Refusal, arguments

KEY = "key-of-the-vendor"
MODELS = {
    "openai-responses": "gpt-5.6-luna",
    "openai-chat": "deepseek-v4-flash",
    "anthropic": "claude-haiku-5-5",
}
Kind = Literal["401", "403", "404", "429", "500", "529", "cut", "hang", "rubbish", "no-usage"]
REASONING_TOKENS = 5


@dataclass
class Fault:
    """Something that goes wrong `times` times, from the request numbered `after` on."""

    kind: Kind
    times: int = 1
    after: int = 0
    phase: Phase | None = None
    retry_after: str = "1"


@dataclass(frozen=True)
class Served:
    """What the vendor knows of a request. `usage` is None where it never told."""

    phase: str
    model: str
    status: int
    usage: Usage | None


@dataclass
class VendorServer:
    script: Script
    faults: list[Fault] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _prefixes: SeenPrefixes = field(default_factory=SeenPrefixes)
    _random: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def told(self) -> Usage:
        """Every token that was reported to a client."""
        return sum((one.usage for one in self.served if one.usage), Usage())

    def routes_text(self, kind: str) -> str:
        """`BARO_ROUTES` that sends every phase here."""
        suffix = "" if kind == "anthropic" else "/v1"
        endpoints = {
            f"vendor-{phase}": {"kind": kind, "base_url": f"{self.url}/{phase}{suffix}"}
            for phase in Phase
        }
        routes = {
            str(phase): {"endpoint": f"vendor-{phase}", "model": MODELS[kind]} for phase in Phase
        }
        return json.dumps({"endpoints": endpoints, "routes": routes})

    @property
    def keys(self) -> dict[str, str]:
        return {f"vendor_{phase}": KEY for phase in Phase}

    def app(self) -> Starlette:
        posts = [
            Route(f"/{{phase}}{dialect.path}", self._endpoint(dialect), methods=["POST"])
            for dialect in DIALECTS.values()
        ]
        return Starlette(routes=[*posts, Route("/ledger", self._ledger)])

    async def _ledger(self, request: Request) -> Response:
        rows = [
            asdict(one) | {"usage": one.usage.model_dump() if one.usage else None}
            for one in self.served
        ]
        return JSONResponse({"served": rows, "told": self.told.model_dump()})

    def _endpoint(self, dialect: Dialect) -> Any:
        async def post(request: Request) -> Response:
            return await self._answer(dialect, request)

        return post

    async def _answer(self, dialect: Dialect, request: Request) -> Response:
        phase, body = Phase(request.path_params["phase"]), await request.json()
        self.bodies.append(body)
        model = str(body.get("model"))
        fault = self._fault(phase)
        if fault and fault.kind.isdigit():
            return self._failed(phase, model, int(fault.kind), fault)
        try:
            heard = _heard(dialect, request, body)
        except Refusal as refusal:
            self.served.append(Served(phase, model, 400, None))
            return JSONResponse(
                {"error": {"message": str(refusal), "type": "invalid_request_error"}}, 400
            )
        if heard is None:
            return self._failed(phase, model, 401, None)
        turn = self._turn(phase, heard)
        if isinstance(turn, Response):
            return turn
        usage = self._usage(dialect, heard, turn)
        events = dialect.events(turn, usage, model, len(self.served))
        told = fault is None
        self.served.append(Served(phase, model, 200, usage if told else None))
        return StreamingResponse(self._stream(events, turn, fault), media_type="text/event-stream")

    def _fault(self, phase: Phase) -> Fault | None:
        number = len(self.bodies) - 1
        for fault in self.faults:
            if fault.times and number >= fault.after and fault.phase in (None, phase):
                fault.times -= 1
                return fault
        return None

    def _failed(self, phase: Phase, model: str, status: int, fault: Fault | None) -> Response:
        self.served.append(Served(phase, model, status, None))
        # A client that may retry at once keeps the tests short.
        soon = {"retry-after-ms": "10"}
        headers = {"retry-after": fault.retry_after} if fault and status == 429 else soon
        kinds = {401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error"}
        error = {"type": kinds.get(status, "api_error"), "message": f"fault {status}"}
        return JSONResponse({"type": "error", "error": error}, status, headers)

    def _turn(self, phase: Phase, heard: Heard) -> ScriptTurn | Response:
        scene = self.script.scene(phase, heard.prompt, attempt=None)
        turn = turn_for(scene, heard.results) if scene else None
        if turn is not None:
            return turn
        told = f"no prepared reply: {phase}, turn {len(heard.results)}: {heard.prompt[:200]}"
        return _refused(told, 404)

    def _usage(self, dialect: Dialect, heard: Heard, turn: ScriptTurn) -> Usage:
        known, new = self._prefixes.split(heard.blocks)
        read, total = known // 4, measure.tokens(known + new)
        written = max(total - read - 3, 0) if dialect.caches_by_mark else 0
        said = len(turn.text) + sum(len(arguments(call.args)) for call in turn.calls)
        thought = 0 if dialect.caches_by_mark else REASONING_TOKENS
        return Usage(
            input=total - read - written,
            cache_read=read,
            cache_write=written,
            output=measure.tokens(said) + 1 + thought,
            reasoning=thought,
        )

    async def _stream(
        self, events: Sequence[Event], turn: ScriptTurn, fault: Fault | None
    ) -> AsyncIterator[bytes]:
        await wait_for(turn, beat=lambda: None)
        kind = fault.kind if fault else None
        if kind == "rubbish":
            yield b"data: {not json at all\n\n"
            return
        if kind == "no-usage":
            events = [event for event in events if '"usage"' not in event[1]]
        data = b"".join(_sse(event) for event in events)
        if kind in ("cut", "hang"):
            data = data[: len(data) // 2]
        for chunk in self._torn(data):
            yield chunk
            await asyncio.sleep(0)
        if kind == "hang":
            await asyncio.sleep(3600)
        if kind == "cut":
            raise ConnectionAbortedError("the stream is cut on purpose")

    def _torn(self, data: bytes) -> list[bytes]:
        """Pieces that end in the middle of tokens, of JSON, and of UTF-8 sequences."""
        chunks, start = [], 0
        while start < len(data):
            end = start + self._random.randint(1, 120)
            chunks.append(data[start:end])
            start = end
        return chunks


def _heard(dialect: Dialect, request: Request, body: dict[str, Any]) -> Heard | None:
    """None for a wrong key."""
    if dialect.key(request.headers) != KEY:
        return None
    if body.get("stream") is not True:
        raise Refusal("not a stream")
    if body.get("model") not in MODELS.values():
        raise Refusal("an unknown model")
    return dialect.hear(body)


def _refused(text: str, status: int) -> Response:
    return JSONResponse({"error": {"message": text, "type": "invalid_request_error"}}, status)


def _sse(event: Event) -> bytes:
    name, data = event
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data}\n\n".encode()


@asynccontextmanager
async def serving(server: VendorServer, port: int = 0) -> AsyncIterator[VendorServer]:
    config = uvicorn.Config(
        server.app(),
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    runner = uvicorn.Server(config)
    # The socket listens before the server runs: a first request waits instead of being refused.
    listener = socket.create_server(("127.0.0.1", port))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with asyncio.TaskGroup() as group:
        task = group.create_task(runner.serve([listener]))
        try:
            yield server
        finally:
            runner.should_exit = runner.force_exit = True
            await task


async def main(arguments_: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="vendor_server")
    parser.add_argument("--script", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[@N]")
    options = parser.parse_args(arguments_)
    server = VendorServer(load_script(options.script), [_parsed(one) for one in options.fault])
    async with serving(server, options.port):
        env = {f"BARO_KEY_{name.upper()}": key for name, key in server.keys.items()}
        routes = {kind: server.routes_text(kind) for kind in DIALECTS}
        line = json.dumps({"url": server.url, "env": env, "routes": routes})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def _parsed(text: str) -> Fault:
    kind, _, after = text.partition("@")
    return Fault(kind, after=int(after or 0))  # type: ignore[arg-type]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
