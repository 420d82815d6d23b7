"""Run a hub on a loopback port, in a thread of its own, and hold on to it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from infra.hub.connections import Connections
from infra.hub.controls.app import controls
from infra.hub.faults import Fault, FaultForm, Faults, reached
from infra.hub.gate import Gate
from infra.hub.hook_faults import HookFault, HookFaultForm
from infra.hub.hooks import Hooks
from infra.hub.openapi.checks import Checks, StrictChecks
from infra.hub.openapi.violation import Violation
from infra.hub.pages.routes import routes
from infra.hub.people import Person
from infra.hub.server import API_PREFIX, Server
from infra.hub.state.accounts import Account
from infra.hub.state.issues import Comment
from infra.hub.state.repositories import Repository
from infra.hub.state.switches import Switches
from infra.hub.state.world import Urls, World
from infra.hub.traffic import Traffic

PagesOf = Callable[[World], list[BaseRoute]]


@dataclass
class Hub:
    """A running hub. Its parts may be used from any thread."""

    world: World
    faults: Faults
    traffic: Traffic
    hooks: Hooks
    violations: list[Violation] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        return self.world.urls.web

    @property
    def web_url(self) -> str:
        return self.world.urls.web

    @property
    def api_url(self) -> str:
        return self.world.urls.api

    def account(self, login: str) -> Account:
        found = self.world.account(login)
        if found is None:
            raise LookupError(login)
        return found

    def repository(self, full_name: str) -> Repository:
        found = self.world.repository(full_name)
        if found is None:
            raise LookupError(full_name)
        return found

    def as_user(self, login: str) -> Person:
        return Person(self.base_url, login)

    def fault(self, **form: object) -> Fault:
        return self.faults.add(FaultForm.model_validate(form))

    def hook_fault(self, **form: object) -> HookFault:
        return self.hooks.add_fault(HookFaultForm.model_validate(form))

    async def reached(self, fault: Fault, seconds: float = 10) -> None:
        await reached(fault, seconds)

    async def quiet(self, seconds: float = 10) -> None:
        """Until every webhook has been answered."""
        await self.hooks.idle(seconds)

    def comments(self, full_name: str, number: int) -> list[Comment]:
        """An issue's comments, which then count as read."""
        with self.world.lock:
            found = list(self.repository(full_name).issues[number].comments)
            self._seen |= {comment.id for comment in found}
            return found

    def unread(self, author: str) -> list[Comment]:
        """What `author` wrote and no test has looked at."""
        with self.world.lock:
            every = [c for repo in self.world.repositories.values() for c in repo.comments()]
            return [c for c in every if c.user.login == author and c.id not in self._seen]


@dataclass(frozen=True)
class Wired:
    app: ASGIApp
    connections: Connections


@contextlib.asynccontextmanager
async def running_hub(
    data: Path,
    *,
    port: int = 0,
    check: bool = False,
    switches: Switches | None = None,
    pages: PagesOf = routes,
) -> AsyncIterator[Hub]:
    """`check` holds all that is said against GitHub's description, into `hub.violations`."""
    listener = _listen(port)
    web = f"http://127.0.0.1:{listener.getsockname()[1]}"
    hub, server = build(data, web, pages, switches or Switches(), check=check)
    thread = _Thread(hub, server, listener)
    await asyncio.to_thread(thread.start)
    try:
        yield hub
    finally:
        await asyncio.to_thread(thread.stop)


def build(
    data: Path, web: str, pages: PagesOf, switches: Switches, *, check: bool
) -> tuple[Hub, Wired]:
    violations: list[Violation] = []
    world = World(data, Urls(web, web + API_PREFIX), switches=switches)
    checks = StrictChecks(violations) if check else Checks()
    hooks = Hooks(world, checks.webhook)
    world.outbox = hooks
    hub = Hub(world, Faults(), Traffic(), hooks, violations)
    connections = Connections()
    gate = Gate(hub.faults, hub.traffic, world.clock, connections.drop)
    app = Server(
        world,
        hub.faults,
        hub.traffic,
        gate,
        controls=controls(lambda: hub),
        pages=Starlette(routes=pages(world)),
        checks=checks,
    )
    return hub, Wired(app, connections)


def _listen(port: int) -> socket.socket:
    # asyncio turns off Nagle only where the socket says that it is TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


class _Server(uvicorn.Server):
    """Says when it listens, and stops at once instead of at its next tick."""

    def __init__(
        self, config: uvicorn.Config, ready: threading.Event, connections: Connections
    ) -> None:
        super().__init__(config)
        self._ready, self._connections = ready, connections
        self._stop = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    async def main_loop(self) -> None:
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nobody waits for an answer from a hub that is being stopped."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        self._connections.drop_all()
        for task in self.server_state.tasks:
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    def stop(self) -> None:
        self._stop.set()


class _Thread:
    """uvicorn in a thread: a caller that blocks its own loop must not block the hub."""

    def __init__(self, hub: Hub, wired: Wired, listener: socket.socket) -> None:
        # uvloop starts processes from the main thread only; the hub starts git from this one.
        self._config = uvicorn.Config(
            wired.app,
            loop="asyncio",
            http=wired.connections.protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            server_header=False,
            date_header=False,
        )
        self._hub, self._listener = hub, listener
        self._connections = wired.connections
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the hub did not start")

    def stop(self) -> None:
        self._hub.faults.clear()
        if self._loop is not None and self._server is not None:
            self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = _Server(self._config, self._ready, self._connections)
        await self._hub.hooks.start()
        await self._server.serve(sockets=[self._listener])
        await self._hub.hooks.stop()
