"""Is the process alive, and is it ready: asked by whoever restarts it or sends it work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.queue import Queue
from bot.store import cursors
from bot.store.engine import DATABASE_TROUBLE, Store
from bot.store.migrate import schema_problem


@dataclass(frozen=True)
class Healthy:
    detail: str


@dataclass(frozen=True)
class Unhealthy:
    reason: str


Probe = Callable[[], Awaitable[Healthy | Unhealthy]]


def health_routes(probes: Mapping[str, Probe], patience_seconds: float = 5) -> list[Route]:
    """`/healthz` answers while the process runs; `/readyz` is 503 with the reason of each part."""

    async def alive(request: Request) -> JSONResponse:
        del request
        return JSONResponse({"status": "alive"})

    async def ready(request: Request) -> JSONResponse:
        del request
        found = {name: await _asked(probe, patience_seconds) for name, probe in probes.items()}
        bad = any(isinstance(one, Unhealthy) for one in found.values())
        return JSONResponse(
            {"status": "not ready" if bad else "ready", **{k: _said(v) for k, v in found.items()}},
            503 if bad else 200,
        )

    return [Route("/healthz", alive), Route("/readyz", ready)]


def database_probe(store: Store) -> Probe:
    async def probe() -> Healthy | Unhealthy:
        problem = await schema_problem(store)
        return Unhealthy(problem) if problem else Healthy("reachable, schema current")

    return probe


def queue_probe(queue: Queue) -> Probe:
    async def probe() -> Healthy | Unhealthy:
        try:
            await queue.ping()
        except (RedisError, OSError) as error:
            return Unhealthy(f"the queue cannot be reached: {error}")
        return Healthy("in this process" if queue.is_embedded else "reachable")

    return probe


def sweep_probe(store: Store, limit_seconds: float) -> Probe:
    """A worker that sweeps is a worker that lives."""

    async def probe() -> Healthy | Unhealthy:
        age = await cursors.age(store, cursors.SWEEP)
        if age is None:
            return Unhealthy("no sweep has run yet")
        if age > timedelta(seconds=limit_seconds):
            return Unhealthy(f"the last sweep was {age.total_seconds():.0f} s ago")
        return Healthy(f"swept {age.total_seconds():.0f} s ago")

    return probe


async def _asked(probe: Probe, patience_seconds: float) -> Healthy | Unhealthy:
    try:
        async with asyncio.timeout(patience_seconds):
            return await probe()
    except TimeoutError:
        return Unhealthy(f"no answer within {patience_seconds:g} s")
    except DATABASE_TROUBLE as error:
        reason = str(error).partition("\n")[0]
        return Unhealthy(f"the database cannot be asked: {reason}")


def _said(found: Healthy | Unhealthy) -> str:
    return found.detail if isinstance(found, Healthy) else found.reason
