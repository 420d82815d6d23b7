"""One writer per installation: writes spaced apart, and silence until a rate limit is over."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.github.errors import Limited


class Pace(Protocol):
    """Asked before every call of an installation; told of every rate limit."""

    async def before_read(self, installation: int) -> None:
        """Raises Limited while the installation has to be silent."""
        ...

    async def before_write(self, installation: int) -> None:
        """Waits for this writer's turn; raises Limited while the installation is silent."""
        ...

    async def limited(self, installation: int, until: datetime) -> None: ...


class SlotPace:
    """Turns are handed out by a function that knows all writers (the database does).

    `claim(installation, spacing)` answers the moment this write may go out, and reserves it.
    """

    def __init__(
        self,
        spacing_seconds: float,
        claim: Callable[[int, timedelta], Awaitable[datetime]],
        silence: Callable[[int, datetime], Awaitable[None]],
        silent_until: Callable[[int], Awaitable[datetime | None]],
    ) -> None:
        self._spacing = timedelta(seconds=spacing_seconds)
        self._claim = claim
        self._silence = silence
        self._silent_until = silent_until

    async def before_read(self, installation: int) -> None:
        until = await self._silent_until(installation)
        if until and until > datetime.now(UTC):
            raise Limited("the installation is over its rate limit", until)

    async def before_write(self, installation: int) -> None:
        await self.before_read(installation)
        if not self._spacing:
            return
        turn = await self._claim(installation, self._spacing)
        await asyncio.sleep(max(0.0, (turn - datetime.now(UTC)).total_seconds()))

    async def limited(self, installation: int, until: datetime) -> None:
        await self._silence(installation, until)


class MemoryPace:
    """Turns within one process; for a command line that makes a handful of calls."""

    def __init__(self, spacing_seconds: float = 0.0) -> None:
        self._spacing = spacing_seconds
        self._next: dict[int, datetime] = {}
        self._silent: dict[int, datetime] = {}

    async def before_read(self, installation: int) -> None:
        until = self._silent.get(installation)
        if until and until > datetime.now(UTC):
            raise Limited("the installation is over its rate limit", until)

    async def before_write(self, installation: int) -> None:
        await self.before_read(installation)
        now = datetime.now(UTC)
        turn = max(self._next.get(installation, now), now)
        self._next[installation] = turn + timedelta(seconds=self._spacing)
        await asyncio.sleep((turn - now).total_seconds())

    async def limited(self, installation: int, until: datetime) -> None:
        self._silent[installation] = until
