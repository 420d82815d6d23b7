"""A watch on silence: what still says something may take as long as its job allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from llm.errors import Silent


class Pulse:
    """Signs of life of one model request, and how many characters of reply they brought."""

    def __init__(self, silence_seconds: float) -> None:
        self.characters = 0
        self._seconds = silence_seconds
        self._timeout: asyncio.Timeout | None = None

    def beat(self, characters: int = 0) -> None:
        self.characters += characters
        if self._timeout is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._seconds)

    @asynccontextmanager
    async def watched(self, who: str) -> AsyncIterator[None]:
        """Raise Silent when the beats stop for too long."""
        try:
            async with asyncio.timeout(self._seconds) as self._timeout:
                yield
        except TimeoutError as error:
            if self._timeout is None or not self._timeout.expired():
                raise
            raise Silent(f"{who} sent nothing for {self._seconds:g} s") from error
        finally:
            self._timeout = None
