"""Where a run's events are kept: append-only, ordered, the only record of a run."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from executor.events import Entry, Event, RunId


class Stale(Exception):
    """Somebody else appended first, or holds the lease now: read again and decide again."""


class Journal(Protocol):
    """One run's journal, seen by the holder of its lease."""

    async def entries(self, run: RunId) -> Sequence[Entry]: ...

    async def append(self, run: RunId, event: Event, *, after: int | None = None) -> Entry:
        """Append one event; with `after`, only if the last seq is that one, else `Stale`."""
        ...


class MemoryJournal:
    """A journal for tests and for runs that need no tomorrow."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._entries: dict[RunId, list[Entry]] = {}

    async def entries(self, run: RunId) -> Sequence[Entry]:
        return tuple(self._entries.get(run, ()))

    async def append(self, run: RunId, event: Event, *, after: int | None = None) -> Entry:
        log = self._entries.setdefault(run, [])
        if after is not None and len(log) != after:
            raise Stale(f"{run} is at {len(log)}, not {after}")
        entry = Entry(seq=len(log) + 1, at=self._clock(), event=event)
        log.append(entry)
        return entry
