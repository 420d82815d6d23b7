"""The queue: it carries ids and wakes workers; what is to be done is in the database."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import arq.worker
import structlog
from arq.connections import ArqRedis
from fakeredis import FakeAsyncRedis, FakeServer
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

# One name for those who put and those who take: two names would be silence.
QUEUE_NAME = "baro"
_log = structlog.get_logger()


class Queue:
    """Where jobs are put: a Redis by URL, or one inside this process that dies with it."""

    def __init__(self, connect: Callable[[], ArqRedis], is_embedded: bool) -> None:
        self.connect = connect
        self.is_embedded = is_embedded
        self._redis = connect()

    @classmethod
    def open(cls, redis_url: str | None) -> "Queue":
        """No connection is made yet, so a Redis that is away does not keep us from starting."""
        if redis_url is None:
            return cls(_embedded(), is_embedded=True)
        return cls(_remote(redis_url), is_embedded=False)

    async def enqueue(
        self, kind: str, *ids: str | int, job_id: str, delay_seconds: float = 0
    ) -> bool:
        """Wake a worker. False when such a job waits already, or when Redis is away: then the
        sweep will find the work, because it is in the database."""
        later = timedelta(seconds=delay_seconds) if delay_seconds > 0 else None
        try:
            job = await self._redis.enqueue_job(
                kind, *(str(each) for each in ids), _job_id=job_id, _defer_by=later
            )
        except (RedisError, OSError) as error:
            _log.warning("a job could not be enqueued", job_id=job_id, error=str(error))
            return False
        return job is not None

    async def ping(self) -> None:
        """Raise RedisError or OSError when the queue is out of reach."""
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)


def dumps(value: dict[str, Any]) -> bytes:
    """JSON: with pickle, whoever can write to Redis could run code here. `str` because arq puts an
    exception into the result of a job that it drops."""
    return json.dumps(value, default=str).encode()


def loads(value: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value)
    return found


def _embedded() -> Callable[[], ArqRedis]:
    # arq asks for INFO when a worker starts, which the in-process server does not know.
    vars(arq.worker)["log_redis_info"] = _say_nothing
    server = FakeServer()
    return lambda: _arq(FakeAsyncRedis(server=server).connection_pool)


def _remote(url: str) -> Callable[[], ArqRedis]:
    return lambda: _arq(ConnectionPool.from_url(url, socket_connect_timeout=2, socket_timeout=5))


def _arq(pool: ConnectionPool) -> ArqRedis:
    return ArqRedis(
        pool, job_serializer=dumps, job_deserializer=loads, default_queue_name=QUEUE_NAME
    )


async def _say_nothing(*_: object) -> None:
    return
