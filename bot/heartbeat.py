"""Keeps a lease alive while its holder works, and stops the work when the lease is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.store.fences import Pulse


class LeaseEnded(Exception):
    """The work was stopped: somebody cancelled it, or the lease went to another worker."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(pulse.value)
        self.pulse = pulse


@asynccontextmanager
async def heartbeat(
    renew: Callable[[], Awaitable[Pulse]], every_seconds: float
) -> AsyncIterator[None]:
    """Renew the lease while the block runs.

    Raises:
        LeaseEnded: out of the block, where a renewal did not find the lease held.
    """
    holder = asyncio.current_task()
    assert holder is not None
    ended: list[Pulse] = []

    async def beat() -> None:
        while True:
            await asyncio.sleep(every_seconds)
            pulse = await renew()
            if pulse is not Pulse.held:
                ended.append(pulse)
                holder.cancel()
                return

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if ended and holder.uncancel() == 0:
            raise LeaseEnded(ended[0]) from None
        raise
    finally:
        beating.cancel()
