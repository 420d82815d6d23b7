"""Writers take turns, and what people should see stays marked until they saw it."""

import asyncio
from datetime import timedelta

from bot.store import unshown
from bot.store.engine import Store
from bot.store.turns import claim_turn
from tests.support.clock import TestClock
from tests.support.stored import a_change

SECOND = timedelta(seconds=1)


async def test_writers_at_once_get_turns_apart(store: Store, clock: TestClock) -> None:
    turns = await asyncio.gather(*(claim_turn(store, 7, SECOND) for _ in range(5)))
    assert sorted(turn - clock() for turn in turns) == [n * SECOND for n in range(5)]


async def test_a_turn_after_a_pause_is_now(store: Store, clock: TestClock) -> None:
    await claim_turn(store, 7, SECOND)
    now = clock.tick(60)
    assert await claim_turn(store, 7, SECOND) == now
    assert await claim_turn(store, 8, SECOND) == now


async def test_what_happened_while_it_was_shown_stays_marked(store: Store) -> None:
    change = await a_change(store)
    await unshown.mark(store, change.id)
    seen = await unshown.token(store, change.id)
    assert seen is not None
    await unshown.mark(store, change.id)
    assert not await unshown.clear(store, change.id, seen)
    assert await unshown.every(store) == (change.id,)
    newer = await unshown.token(store, change.id)
    assert newer is not None
    assert await unshown.clear(store, change.id, newer)
    assert await unshown.every(store) == ()
