"""Jobs run on either queue; what the queue forgets, the database remembers."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.queue import Queue
from bot.worker import Job, Tick, Worker
from tests.support.redis import RedisServer


class Runs:
    """Remembers what ran; a test waits for it instead of sleeping."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._changed = asyncio.Condition()

    async def __call__(self, *ids: str) -> None:
        async with self._changed:
            self.ids.append(" ".join(ids))
            self._changed.notify_all()

    async def reach(self, count: int, seconds: float = 10) -> list[str]:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.ids) >= count)
        return self.ids


@pytest.fixture
async def queue(redis_url: str | None) -> AsyncIterator[Queue]:
    queue = Queue.open(redis_url)
    yield queue
    await queue.close()


async def test_a_job_runs_with_its_ids(queue: Queue) -> None:
    runs = Runs()
    async with working(queue, Job("story", runs, 5)):
        assert await queue.enqueue("story", "r1", "api", 2, job_id="story:r1:api:2:0")
        assert await runs.reach(1) == ["r1 api 2"]


async def test_a_job_that_waits_already_is_not_added(queue: Queue) -> None:
    runs = Runs()
    assert await queue.enqueue("story", "a", job_id="a")
    assert not await queue.enqueue("story", "a", job_id="a")
    assert await queue.enqueue("story", "b", job_id="b")
    async with working(queue, Job("story", runs, 5)):
        assert sorted(await runs.reach(2)) == ["a", "b"]


async def test_an_id_is_free_again_as_soon_as_its_job_is_over(queue: Queue) -> None:
    runs = Runs()
    async with working(queue, Job("story", runs, 5)):
        for count in (1, 2, 3):
            await eventually(lambda: queue.enqueue("story", "a", job_id="a"))
            await runs.reach(count)


async def test_a_job_that_fails_stops_no_other(queue: Queue) -> None:
    runs = Runs()

    async def fails(*_: str) -> None:
        raise ZeroDivisionError

    async with working(queue, Job("bad", fails, 5), Job("story", runs, 5)):
        await queue.enqueue("bad", "x", job_id="bad")
        await queue.enqueue("story", "a", job_id="a")
        await runs.reach(1)
        await eventually(lambda: queue.enqueue("bad", "x", job_id="bad"))


async def test_a_job_past_its_time_is_ended(queue: Queue) -> None:
    ended = Runs()

    async def slow(*_: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await ended("ended")

    async with working(queue, Job("slow", slow, 0.2)):
        await queue.enqueue("slow", "x", job_id="slow")
        assert await ended.reach(1) == ["ended"]


async def test_a_job_can_wait_a_while(queue: Queue) -> None:
    runs = Runs()
    async with working(queue, Job("story", runs, 5)):
        await queue.enqueue("story", "later", job_id="later", delay_seconds=0.4)
        await queue.enqueue("story", "now", job_id="now")
        assert await runs.reach(2) == ["now", "later"]


async def test_a_tick_comes_at_start_and_again(queue: Queue) -> None:
    runs = Runs()
    async with working(queue, Job("story", Runs(), 5), ticks=[Tick("sweep", runs, 0.5, 5)]):
        await runs.reach(3)


async def test_a_tick_in_two_workers_comes_once(queue: Queue) -> None:
    runs, job = Runs(), Job("story", Runs(), 5)
    tick = Tick("sweep", runs, 1, 5)
    async with working(queue, job, ticks=[tick]), working(queue, job, ticks=[tick]):
        await asyncio.sleep(3.2)
    # One at the start of each worker, then one a second, whichever worker takes it.
    assert 4 <= len(runs.ids) <= 6


async def test_no_more_jobs_at_once_than_allowed(queue: Queue) -> None:
    now, most, runs = 0, 0, Runs()

    async def busy(*ids: str) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1
        await runs(*ids)

    async with working(queue, Job("story", busy, 5), max_jobs=2):
        for number in range(7):
            await queue.enqueue("story", number, job_id=f"j{number}")
        await runs.reach(7)
    assert most == 2


async def test_stopping_lets_short_jobs_end_and_long_ones_let_go(queue: Queue) -> None:
    began, ended = Runs(), Runs()

    async def short(*_: str) -> None:
        await began("short")
        await asyncio.sleep(0.2)
        await ended("short")

    async def long(*_: str) -> None:
        await began("long")
        try:
            await asyncio.sleep(60)
        finally:
            await ended("long let go")

    worker = Worker(queue, [Job("short", short, 5), Job("long", long, 90)], poll_seconds=0.02)
    running = asyncio.create_task(worker.run())
    await queue.enqueue("short", job_id="s")
    await queue.enqueue("long", job_id="l")
    await began.reach(2)
    before = asyncio.get_running_loop().time()
    await worker.stop(grace_seconds=0.5)
    await running
    assert ended.ids == ["short", "long let go"]
    assert asyncio.get_running_loop().time() - before < 2


async def test_a_worker_outlives_its_redis(redis_server: RedisServer) -> None:
    queue, runs, gone = Queue.open(redis_server.url), Runs(), asyncio.Event()

    async def through(*ids: str) -> None:
        await gone.wait()
        await runs(*ids)

    async with working(queue, Job("story", runs, 5), Job("through", through, 30)):
        await queue.enqueue("story", "before", job_id="a")
        await runs.reach(1)
        await queue.enqueue("through", "through", job_id="t")
        await asyncio.sleep(0.2)
        redis_server.stop()
        assert not await queue.enqueue("story", "lost", job_id="b")
        await asyncio.sleep(0.5)
        # A job under way needs no queue to go on.
        gone.set()
        await runs.reach(2)
        redis_server.start()
        await eventually(lambda: queue.enqueue("story", "after", job_id="c"))
        assert await runs.reach(3) == ["before", "through", "after"]
    await queue.close()


async def test_a_redis_that_is_away_keeps_nobody_from_starting_or_stopping(
    redis_server: RedisServer,
) -> None:
    redis_server.stop()
    queue = Queue.open(redis_server.url)
    worker = Worker(queue, [Job("story", Runs(), 5)])
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    assert not running.done()
    await worker.stop()
    await running
    await queue.close()


async def test_what_a_killed_process_left_is_done_by_the_next(
    redis_url: str | None, tmp_path: Path
) -> None:
    """Five units of work in the database, all in flight when the process dies without a word. The
    next process, whose queue may be empty, finds them by their leases and does them."""
    database = tmp_path / "work.db"
    killed = process(redis_url, database, "hang")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    then = process(redis_url, database, "work")
    assert then.returncode == 0, then.stderr
    assert json.loads(then.stdout) == {f"u{n}": 2 for n in range(5)}


async def test_a_killed_workers_job_id_is_soon_free(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    """A job under that id may last an hour, and the queue must not hold on to the id so long."""
    killed = process(redis_server.url, tmp_path / "work.db", "hang")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    queue, runs = Queue.open(redis_server.url), Runs()
    assert not await queue.enqueue("work", "u0", job_id="work:u0:0")
    async with working(queue, Job("work", runs, 3600), taken_seconds=1):
        await eventually(lambda: queue.enqueue("work", "again", job_id="work:u0:0"))
        assert "again" in await runs.reach(1)
    await queue.close()


async def test_a_job_that_runs_long_keeps_its_id(redis_server: RedisServer) -> None:
    queue, began, free = Queue.open(redis_server.url), Runs(), asyncio.Event()

    async def long(*ids: str) -> None:
        await began(*ids)
        await free.wait()

    job = Job("long", long, 3600)
    async with (
        working(queue, job, taken_seconds=0.3),
        working(queue, job, taken_seconds=0.3),
    ):
        await queue.enqueue("long", "x", job_id="long")
        await began.reach(1)
        await asyncio.sleep(1)
        assert not await queue.enqueue("long", "x", job_id="long")
        assert began.ids == ["x"]
        free.set()
    await queue.close()


def process(redis_url: str | None, database: Path, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.support.leased_work", redis_url or "", str(database), how],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@asynccontextmanager
async def working(
    queue: Queue,
    *jobs: Job,
    ticks: list[Tick] | None = None,
    max_jobs: int = 10,
    taken_seconds: float = 30,
) -> AsyncIterator[None]:
    worker = Worker(
        queue,
        jobs,
        ticks or [],
        max_jobs=max_jobs,
        poll_seconds=0.02,
        taken_seconds=taken_seconds,
    )
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.stop(grace_seconds=0.2)
        await running


async def eventually(enqueue: Callable[[], Awaitable[bool]]) -> None:
    """The queue frees an id a moment after its job has ended, and tells nobody."""
    for _ in range(500):
        if await enqueue():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError
