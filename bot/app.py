"""The program: a web application that takes webhooks, with its worker beside it."""

import asyncio
import contextlib
import gc
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from bot.health import database_probe, health_routes, queue_probe, sweep_probe
from bot.jobs import jobs, ticks
from bot.services import Services, build_services
from bot.settings import Settings, require_app
from bot.store.ids import Guid
from bot.store.inbox import Inbox, open_inbox
from bot.store.migrate import migrate
from bot.upkeep import keep_tidy
from bot.webhooks import webhook_route
from bot.worker import Worker
from executor.sandbox.pick import pick

log = structlog.get_logger()

# Short jobs must never wait behind stories, which have slots of their own.
SHORT_JOBS = 16
STOP_SECONDS = 8.0


async def serve(settings: Settings, on_ready: Callable[[str], None] | None = None) -> None:
    """Listen and work until SIGTERM or SIGINT; GitHub being down does not keep us from starting.

    Raises:
        SettingsError, RoutesError, NoSandbox, SchemaTooNew: in one line, before listening.
    """
    require_app(settings)
    await migrate(settings.database_url)
    services = await build_services(settings, await pick(settings.sandbox))
    async with contextlib.AsyncExitStack() as closing:
        closing.push_async_callback(services.close)
        inbox = open_inbox(services.store)
        closing.push_async_callback(inbox.close)
        await closing.enter_async_context(_working(services))
        server = _Server(_config(application(services, inbox), settings))
        _on_signal(server.leave)
        # What was loaded by now lives as long as the process: collecting it again and again is
        # most of what a slow webhook waits for.
        gc.collect()
        gc.freeze()
        serving = asyncio.create_task(server.serve())
        try:
            await _announce(server, serving, on_ready)
            await asyncio.shield(serving)
        finally:
            server.leave()
            await serving


async def work(settings: Settings) -> None:
    """A worker alone, for a fleet that shares a database and a Redis."""
    services = await build_services(settings, await pick(settings.sandbox))
    stop = asyncio.Event()
    _on_signal(stop.set)
    try:
        async with _working(services):
            await stop.wait()
    finally:
        await services.close()


def worker_of(services: Services) -> Worker:
    settings = services.settings
    return Worker(
        services.queue,
        jobs(services),
        ticks(services),
        max_jobs=settings.workers_stories + SHORT_JOBS,
        poll_seconds=settings.queue_poll_seconds,
    )


def application(services: Services, inbox: Inbox) -> FastAPI:
    """The webhook route is bare; everything heavier is somebody else's."""

    async def wake(guid: Guid) -> None:
        await services.queue.enqueue("delivery", guid, job_id=f"delivery:{guid}:0")

    secrets = [
        secret.get_secret_value().encode()
        for secret in require_app(services.settings).webhook_secrets
    ]
    routes: list[BaseRoute] = [
        webhook_route(secrets, inbox, wake),
        *health_routes(
            {
                "database": database_probe(services.store),
                "queue": queue_probe(services.queue),
                "sweep": sweep_probe(services.store, 60 + 3 * services.settings.sweep_seconds),
            }
        ),
    ]
    return FastAPI(routes=routes, openapi_url=None, docs_url=None, redoc_url=None)


class _Server(uvicorn.Server):
    """uvicorn raises a signal again once it has served, which would end us before our own end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def leave(self) -> None:
        self.should_exit = True


def _on_signal(leave: Callable[[], None]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        # A line per webhook about halves what one process takes in.
        access_log=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )


async def _announce(
    server: uvicorn.Server, serving: asyncio.Task[None], on_ready: Callable[[str], None] | None
) -> None:
    # uvicorn tells nobody when it has bound its port; it only sets this.
    while not server.started and not serving.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    if serving.done():
        return
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    url = f"http://{host}:{port}"
    log.info("listening", url=url)
    if on_ready:
        on_ready(url)


@contextlib.asynccontextmanager
async def _working(services: Services) -> AsyncIterator[None]:
    worker = worker_of(services)
    task = asyncio.create_task(worker.run())
    tidying = asyncio.create_task(keep_tidy(services))
    try:
        yield
    finally:
        async with asyncio.timeout(STOP_SECONDS):
            await worker.stop()
        tidying.cancel()
        task.cancel()
        await asyncio.wait((task, tidying))
