"""Where webhooks wait for their commit: many rows share one, and each waits for its own."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Protocol

from bot.store import deliveries
from bot.store.deliveries import NewDelivery, values_of
from bot.store.engine import DATABASE_TROUBLE, Clock, Store, sqlite_path
from bot.store.states import DeliveryState

_GROUP = 256
_MAX_WAITING_BYTES = 64 * 1024 * 1024
_COLUMNS = (
    "guid",
    "event",
    "action",
    "repository_id",
    "installation_id",
    "payload",
    "received_at",
    "state",
    "tries",
    "note",
)
_INSERT = (
    f"INSERT INTO deliveries ({', '.join(_COLUMNS)}) "
    f"VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) ON CONFLICT DO NOTHING"
)
_STATE = "SELECT state FROM deliveries WHERE guid = ?"


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

    It speaks to sqlite3 directly, which takes a fifth of the time that a statement takes through
    SQLAlchemy, and it is the only other writer in the process.
    """

    def __init__(self, path: Path, clock: Clock, capacity: int) -> None:
        # Opened here, so that a database out of reach is told at start, and used by the thread.
        self._connection = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._clock = clock
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(capacity)
        self._bytes = 0
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    async def put(self, new: NewDelivery) -> bool:
        if self._closed or self._bytes + len(new.payload) > _MAX_WAITING_BYTES:
            raise InboxFull
        waiting = _Waiting(new, self._loop.create_future())
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            raise InboxFull from None
        self._bytes += len(new.payload)
        try:
            return await waiting.answer
        finally:
            self._bytes -= len(new.payload)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._queue.put, None)
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        with closing(self._connection) as connection:
            connection.execute("PRAGMA synchronous=NORMAL")
            while group := self._next_group():
                self._tell(group, self._commit(connection, group))

    def _next_group(self) -> list[_Waiting]:
        """Wait for one, then take all that is there; empty means that it is over."""
        group: list[_Waiting] = []
        while len(group) < _GROUP:
            try:
                waiting = self._queue.get(block=not group)
            except queue.Empty:
                break
            if waiting is None:
                if group:
                    self._queue.put(None)
                break
            group.append(waiting)
        return group

    def _commit(
        self, connection: sqlite3.Connection, group: Sequence[_Waiting]
    ) -> list[bool] | InboxBroken:
        try:
            connection.execute("BEGIN IMMEDIATE")
            answers = [self._insert(connection, waiting.new) for waiting in group]
            connection.execute("COMMIT")
        except (sqlite3.Error, ValueError, OverflowError) as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return InboxBroken(str(error))
        return answers

    def _insert(self, connection: sqlite3.Connection, new: NewDelivery) -> bool:
        now = self._clock()
        # The form that SQLAlchemy reads: UTC, without a zone.
        text = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        values = {**values_of(new, now), "received_at": text}
        if connection.execute(_INSERT, values).rowcount == 1:
            return True
        (state,) = connection.execute(_STATE, (new.guid,)).fetchone()
        return bool(state != DeliveryState.done)

    def _tell(self, group: Sequence[_Waiting], outcome: list[bool] | InboxBroken) -> None:
        """One hop back into the loop for the whole group."""
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            self._loop.call_soon_threadsafe(_answer, group, outcome)


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
        self._capacity = capacity
        self._waiting = 0
        self._bytes = 0
        self._closed = False

    async def put(self, new: NewDelivery) -> bool:
        size = len(new.payload)
        if (
            self._closed
            or self._waiting >= self._capacity
            or self._bytes + size > _MAX_WAITING_BYTES
        ):
            raise InboxFull
        self._waiting += 1
        self._bytes += size
        try:
            return await deliveries.record(self._store, new)
        except DATABASE_TROUBLE as error:
            raise InboxBroken(str(error)) from error
        finally:
            self._waiting -= 1
            self._bytes -= size

    async def close(self) -> None:
        self._closed = True
