"""Where webhooks wait for their commit: many rows share one, and each waits for its own."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Protocol

from bot.store import deliveries
from bot.store.deliveries import NewDelivery
from bot.store.engine import DATABASE_TROUBLE, Clock, Store, sqlite_path
from bot.store.ids import Guid

_GROUP = 64
_MAX_WAITING_BYTES = 64 * 1024 * 1024
_MOVE_BYTES = 4 * 1024 * 1024
_LONGEST_LOG_PAGES = 65_536
_ROW = "(?, ?, ?, ?, ?, ?, ?, 'received', 0, '')"
_INSERT = (
    "INSERT INTO deliveries (guid, event, action, repository_id, installation_id, payload, "
    "received_at, state, tries, note) VALUES {rows} ON CONFLICT DO NOTHING"
)
_DONE = "SELECT guid FROM deliveries WHERE state = 'done' AND guid IN ({guids})"


class InboxFull(Exception):
    """More is waiting than we hold in memory, or we are leaving; the sweep will fetch it later."""


class InboxBroken(Exception):
    """The database does not take it."""


class Inbox(Protocol):
    async def put(self, new: NewDelivery) -> bool:
        """Return once it is durable: whether there is anything to do about it."""

    async def close(self) -> None:
        """Write what waits and take no more."""


def open_inbox(store: Store, capacity: int = 1000) -> Inbox:
    if store.is_sqlite:
        return GroupInbox(sqlite_path(store.url), store.clock, capacity)
    return RowInbox(store, capacity)


@dataclass(frozen=True)
class _Waiting:
    new: NewDelivery
    answer: asyncio.Future[bool]


class GroupInbox:
    """For SQLite: one thread commits whatever has arrived while it was committing.

    It speaks to sqlite3 directly, and a group is one statement and one hop to the thread and back:
    each of those gives up Python's lock, and beside a busy event loop waits to get it again.
    """

    def __init__(self, path: Path, clock: Clock, capacity: int) -> None:
        # Opened here, so that a database out of reach is told at start, and used by the threads.
        self._connection = _connected(path)
        self._mover = _connected(path)
        self._clock = clock
        self._room = _Room(capacity)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbox")
        self._moving_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._moving: asyncio.Future[None] | None = None
        self._unmoved_bytes = 0
        self._next: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, new: NewDelivery) -> bool:
        with self._room.taken(len(new.payload)):
            waiting = _Waiting(new, asyncio.get_running_loop().create_future())
            self._next.append(waiting)
            if self._writing is None:
                self._writing = asyncio.create_task(self._write())
            return await waiting.answer

    async def close(self) -> None:
        self._room.is_closed = True
        if self._writing is not None:
            await self._writing
        if self._moving is not None:
            await self._moving
        for thread in (self._thread, self._moving_thread):
            thread.shutdown()
        for connection in (self._connection, self._mover):
            connection.close()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._next:
                group, self._next = self._next[:_GROUP], self._next[_GROUP:]
                _answer(group, await loop.run_in_executor(self._thread, self._commit, group))
                self._unmoved_bytes += sum(len(waiting.new.payload) for waiting in group)
                if self._unmoved_bytes > _MOVE_BYTES and not self._is_moving:
                    self._unmoved_bytes = 0
                    self._moving = loop.run_in_executor(self._moving_thread, self._move)
        finally:
            self._writing = None

    @property
    def _is_moving(self) -> bool:
        return self._moving is not None and not self._moving.done()

    def _move(self) -> None:
        """Bring the write-ahead log home beside the writer, which would stand still for it."""
        with suppress(sqlite3.Error):  # the next one, or any other connection, does it
            self._mover.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _commit(self, group: Sequence[_Waiting]) -> list[bool] | InboxBroken:
        """One statement is one transaction."""
        # The form that SQLAlchemy reads: UTC, without a zone.
        now = self._clock().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        statement = _INSERT.format(rows=", ".join([_ROW] * len(group)))
        values = [value for waiting in group for value in (*_columns(waiting.new), now)]
        try:
            if self._connection.execute(statement, values).rowcount == len(group):
                return [True] * len(group)
            done = _already_done(self._connection, [waiting.new.guid for waiting in group])
        except (sqlite3.Error, ValueError, OverflowError) as error:
            return InboxBroken(str(error))
        return [waiting.new.guid not in done for waiting in group]


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous=NORMAL")
    # Only a log that has grown out of hand makes the writer stop and clear it.
    connection.execute(f"PRAGMA wal_autocheckpoint={_LONGEST_LOG_PAGES}")
    return connection


def _columns(new: NewDelivery) -> tuple[object, ...]:
    return (
        new.guid,
        new.event,
        new.action,
        new.repository_id,
        new.installation_id,
        new.payload,
    )


def _already_done(connection: sqlite3.Connection, guids: Sequence[Guid]) -> set[Guid]:
    marks = ", ".join("?" * len(guids))
    return {guid for (guid,) in connection.execute(_DONE.format(guids=marks), guids)}


def _answer(group: Sequence[_Waiting], outcome: list[bool] | InboxBroken) -> None:
    for index, waiting in enumerate(group):
        if waiting.answer.done():  # the sender hung up
            continue
        if isinstance(outcome, InboxBroken):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome[index])


class RowInbox:
    """For PostgreSQL, which groups commits itself: an ordinary insert each."""

    def __init__(self, store: Store, capacity: int) -> None:
        self._store = store
        self._room = _Room(capacity)

    async def put(self, new: NewDelivery) -> bool:
        with self._room.taken(len(new.payload)):
            try:
                return await deliveries.record(self._store, new)
            except DATABASE_TROUBLE as error:
                raise InboxBroken(str(error)) from error

    async def close(self) -> None:
        self._room.is_closed = True


class _Room:
    """How much may wait at once, in rows and in bytes."""

    def __init__(self, rows: int) -> None:
        self.is_closed = False
        self._rows = rows
        self._bytes = _MAX_WAITING_BYTES

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        if self.is_closed or self._rows < 1 or self._bytes < size:
            raise InboxFull
        self._rows -= 1
        self._bytes -= size
        try:
            yield
        finally:
            self._rows += 1
            self._bytes += size
