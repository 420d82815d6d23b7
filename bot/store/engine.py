"""How the database is reached: one writer at a time on SQLite, a pool on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

Clock = Callable[[], datetime]

# What a store function raises when the database is away or is not what we think it is: for
# callers who can say so, and who have no other business with SQL.
DATABASE_TROUBLE = (SQLAlchemyError, OSError)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Both engines and the clock; a store function opens its own transaction, never two."""

    def __init__(self, url: str, clock: Clock = utc_now, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.clock = clock
        self.is_sqlite = is_sqlite(self.url)
        if self.is_sqlite:
            self._writer = sqlite_engine(self.url, begin="IMMEDIATE", pool_size=1)
            self._reader = sqlite_engine(self.url, begin="DEFERRED", pool_size=pool_size)
        else:
            self._writer = postgres_engine(self.url, pool_size=pool_size)
            self._reader = self._writer

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end; on SQLite the only one in this process."""
        async with self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent look; nothing written here is kept."""
        async with self._reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise ValueError("baro keeps its SQLite database in a file")
    return Path(url.database)


def sqlite_engine(
    url: URL, *, begin: str, pool_size: int = 1, foreign_keys: bool = True
) -> AsyncEngine:
    """Explicit BEGIN, so that a read which becomes a write never meets SQLITE_BUSY half-way."""
    sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"timeout": 30, "isolation_level": None},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (
            "synchronous=NORMAL",
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def postgres_engine(url: URL, *, pool_size: int = 10) -> AsyncEngine:
    return create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True)
