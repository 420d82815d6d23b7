"""Alive while the process runs; ready while the database, the queue and the sweep are."""

import asyncio
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bot.health import Healthy, Probe, database_probe, health_routes, queue_probe, sweep_probe
from bot.queue import Queue
from bot.store import cursors
from bot.store.engine import Store
from tests.support.clock import TestClock


async def test_ready_when_every_part_is(store: Store, clock: TestClock) -> None:
    await cursors.put(store, cursors.SWEEP, "")
    clock.tick(5)
    queue = Queue.open(None)
    status, body = await ask("/readyz", store, queue)
    assert status == 200
    assert body == {
        "status": "ready",
        "database": "reachable, schema current",
        "queue": "in this process",
        "sweep": "swept 5 s ago",
    }
    await queue.close()


async def test_a_sweep_that_never_ran_or_stopped_is_told(store: Store, clock: TestClock) -> None:
    queue = Queue.open(None)
    status, body = await ask("/readyz", store, queue)
    assert (status, body["sweep"]) == (503, "no sweep has run yet")
    await cursors.put(store, cursors.SWEEP, "")
    clock.tick(100)
    status, body = await ask("/readyz", store, queue)
    assert (status, body["sweep"]) == (503, "the last sweep was 100 s ago")
    assert body["database"] == "reachable, schema current"
    await queue.close()


async def test_a_queue_that_is_away_is_told(sqlite_url: str, tmp_path: Path) -> None:
    queue = Queue.open(f"unix://{tmp_path}/nobody.sock")
    async with Store(sqlite_url) as store:
        status, body = await ask("/readyz", store, queue)
    assert status == 503
    assert body["queue"].startswith("the queue cannot be reached: ")
    await queue.close()


async def test_a_database_without_tables_is_told(tmp_path: Path) -> None:
    queue = Queue.open(None)
    async with Store(f"sqlite+aiosqlite:///{tmp_path}/empty.db") as store:
        status, body = await ask("/readyz", store, queue)
    assert (status, body["database"]) == (503, "the database is empty: run `baro migrate`")
    await queue.close()


async def test_a_database_that_is_away_is_told() -> None:
    queue = Queue.open(None)
    async with Store("postgresql+asyncpg://nobody:hunter2@127.0.0.1:1/baro") as store:
        status, body = await ask("/readyz", store, queue)
    assert status == 503
    assert body["database"].startswith("the database cannot be reached: ")
    assert body["sweep"].startswith("the database cannot be asked: ")
    assert "hunter2" not in str(body)
    await queue.close()


async def test_a_part_that_hangs_is_told(store: Store) -> None:
    async def hangs() -> Healthy:
        await asyncio.sleep(60)
        return Healthy("never")

    transport = httpx.ASGITransport(
        Starlette(routes=health_routes({"database": hangs}, patience_seconds=0.05))
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://baro") as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "no answer within 0.05 s")


async def test_alive_does_not_ask_whether_it_is_ready(tmp_path: Path) -> None:
    queue = Queue.open(f"unix://{tmp_path}/nobody.sock")
    async with Store(f"sqlite+aiosqlite:///{tmp_path}/empty.db") as store:
        assert await ask("/healthz", store, queue) == (200, {"status": "alive"})
    await queue.close()


async def ask(path: str, store: Store, queue: Queue) -> tuple[int, dict[str, str]]:
    probes: dict[str, Probe] = {
        "database": database_probe(store),
        "queue": queue_probe(queue),
        "sweep": sweep_probe(store, 60),
    }
    transport = httpx.ASGITransport(Starlette(routes=health_routes(probes)))
    async with httpx.AsyncClient(transport=transport, base_url="http://baro") as client:
        answer = await client.get(path)
    body: dict[str, str] = answer.json()
    return answer.status_code, body
