"""The worker: takes jobs from the queue, outlives a queue that goes away, and stops in time."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import arq.worker
import structlog
from arq.constants import in_progress_key_prefix
from arq.cron import CronJob
from arq.worker import Function, func
from redis.exceptions import RedisError

from bot.queue import QUEUE_NAME, Queue, dumps, loads

_log = structlog.get_logger()
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Job:
    """A function of ids. It claims its work in the database, so it may run once too often."""

    name: str
    function: Callable[..., Awaitable[None]]
    timeout_seconds: float


@dataclass(frozen=True)
class Tick:
    """A function called at start and every so often, by one of the workers."""

    name: str
    function: Callable[[], Awaitable[None]]
    seconds: float
    timeout_seconds: float


class Worker:
    """Runs jobs until it is stopped."""

    def __init__(
        self,
        queue: Queue,
        jobs: Sequence[Job],
        ticks: Sequence[Tick] = (),
        *,
        max_jobs: int = 10,
        poll_seconds: float = 0.1,
        taken_seconds: float = 30,
    ) -> None:
        """`taken_seconds` after a worker was killed, its jobs' ids can be used again."""
        self._queue = queue
        self._functions = [self._function(job) for job in jobs]
        self._ticks = [*ticks]
        self._max_jobs = max_jobs
        self._poll_seconds = poll_seconds
        self._taken_seconds = taken_seconds
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        # The last one works; those before it lost their Redis and still have jobs going.
        self._started: list[arq.worker.Worker] = []

    async def run(self) -> None:
        """Work, and start again after every loss of the queue, until `stop`."""
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            current = self._start()
            self._started.append(current)
            began = asyncio.get_running_loop().time()
            keeping = asyncio.create_task(self._keep_taken(current))
            try:
                await current.async_run()
            except (RedisError, OSError) as error:
                _log.warning("the queue went away; trying again", error=str(error))
            except asyncio.CancelledError:
                if not self._stopping.is_set():
                    raise
            finally:
                keeping.cancel()
            if asyncio.get_running_loop().time() - began > _LONGEST_PAUSE_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            await self._let_go_of_idle()
            await self._sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def stop(self, grace_seconds: float = 3, release_seconds: float = 4) -> None:
        """Take nothing more, let short jobs end, tell long ones to let go, and leave."""
        self._stopping.set()
        for each in self._started:
            each.allow_pick_jobs = False
        await self._wait(grace_seconds)
        for task in self._running:
            task.cancel()
        await self._wait(release_seconds)
        for each in self._started:
            await _close(each)

    def _start(self) -> arq.worker.Worker:
        worker = arq.worker.Worker(
            self._functions,
            queue_name=QUEUE_NAME,
            cron_jobs=[self._cron(tick) for tick in self._ticks],
            redis_pool=self._queue.connect(),
            handle_signals=False,
            max_jobs=self._max_jobs,
            keep_result=0,
            max_tries=1,
            retry_jobs=False,
            poll_delay=self._poll_seconds,
            health_check_interval=30,
            job_serializer=dumps,
            job_deserializer=loads,
            timezone=UTC,
            log_results=False,
        )
        # arq marks a job as taken for as long as the longest job may last: after a kill its id
        # would be refused for hours, and with it whatever the sweep wants done under that id.
        worker.in_progress_timeout_s = self._taken_seconds
        return worker

    async def _keep_taken(self, worker: arq.worker.Worker) -> None:
        """Renew the marks of the jobs that are really running."""
        lifetime = int(self._taken_seconds * 1000)
        while True:
            await asyncio.sleep(self._taken_seconds / 3)
            async with worker.pool.pipeline(transaction=False) as pipe:
                for job_id, task in worker.tasks.items():
                    if not task.done():
                        pipe.pexpire(in_progress_key_prefix + job_id, lifetime)
                with contextlib.suppress(RedisError, OSError):
                    await pipe.execute()

    def _function(self, job: Job) -> Function:
        async def run(ctx: dict[Any, Any], *ids: str, **_: object) -> None:
            del ctx
            await self._guarded(job.name, ids, job.function(*ids))

        return func(run, name=job.name, timeout=job.timeout_seconds, keep_result=0, max_tries=1)

    def _cron(self, tick: Tick) -> CronJob:
        busy = asyncio.Lock()

        async def run(ctx: dict[Any, Any], *_: object, **__: object) -> None:
            del ctx
            if busy.locked():
                return
            async with busy:
                await self._guarded(tick.name, (), tick.function())

        return _Every(
            name=tick.name,
            coroutine=run,
            month=None,
            day=None,
            weekday=None,
            hour=None,
            minute=None,
            second=None,
            microsecond=0,
            run_at_startup=True,
            unique=True,
            job_id=None,
            timeout_s=tick.timeout_seconds,
            keep_result_s=0,
            keep_result_forever=False,
            max_tries=1,
            seconds=tick.seconds,
        )

    async def _guarded(self, name: str, ids: Sequence[str], work: Awaitable[None]) -> None:
        """The one place where any error ends: the job is over, the database knows what is left."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        with structlog.contextvars.bound_contextvars(job=name, ids=" ".join(ids)):
            try:
                await work
            except asyncio.CancelledError:
                if not self._stopping.is_set():
                    raise
                _log.info("a job let go")
            except Exception:  # noqa: BLE001 - the job loop's, and the only one
                _log.exception("a job failed")
            finally:
                self._running.discard(task)

    async def _let_go_of_idle(self) -> None:
        idle = [each for each in self._started if not each.job_tasks]
        self._started = [each for each in self._started if each.job_tasks]
        for each in idle:
            await _close(each)

    async def _wait(self, seconds: float) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


async def _close(worker: arq.worker.Worker) -> None:
    """End what arq still has going. Its own `close` raises CancelledError while a job runs, and
    says goodbye to a Redis that may be away."""
    left = [task for task in (worker.main_task, *worker.tasks.values()) if task is not None]
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=2)
    await worker.pool.aclose(close_connection_pool=True)


@dataclass
class _Every(CronJob):
    """Ticks on the same multiples of its period in every process, so that one of them wins."""

    seconds: float = 60

    def calculate_next(self, prev_run: datetime) -> None:
        latest = max(prev_run, datetime.now(UTC)).timestamp()
        number = math.floor(latest / self.seconds) + 1
        self.next_run = datetime.fromtimestamp(number * self.seconds, UTC)
