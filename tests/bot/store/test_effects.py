"""An outside effect is known before it is made and after it."""

from datetime import timedelta

from bot.store import cursors, effects
from bot.store.engine import Store
from bot.store.states import EffectState
from tests.support.clock import TestClock
from tests.support.stored import a_change


async def test_an_effect_intended_twice_may_have_happened(store: Store) -> None:
    change = await a_change(store)
    first = await effects.intend(store, "plan:1", change.id, "comment")
    assert (first.is_new, first.may_have_happened) == (True, False)
    second = await effects.intend(store, "plan:1", change.id, "comment")
    assert (second.is_new, second.may_have_happened) == (False, True)


async def test_a_done_effect_keeps_what_it_made(store: Store, clock: TestClock) -> None:
    change = await a_change(store)
    await effects.intend(store, "plan:1", change.id, "comment")
    await effects.done(store, "plan:1", external_id=2**31 + 5, digest="aa")
    await effects.done(store, "plan:1", digest="bb")
    found = await effects.intend(store, "plan:1", change.id, "comment")
    assert (found.state, found.external_id, found.digest) == (EffectState.done, 2**31 + 5, "bb")
    assert not found.may_have_happened
    assert await effects.unfinished(store, clock.tick(60)) == ()


async def test_what_was_never_confirmed_is_found(store: Store, clock: TestClock) -> None:
    await effects.intend(store, "reply:7", None, "comment")
    assert await effects.unfinished(store, clock()) == ()
    (found,) = await effects.unfinished(store, clock.tick(60))
    assert found.key == "reply:7"
    await effects.forget(store, "reply:7")
    assert await effects.get(store, "reply:7") is None


async def test_a_cursor_knows_its_age(store: Store, clock: TestClock) -> None:
    assert await cursors.age(store, cursors.SWEEP) is None
    await cursors.put(store, cursors.SWEEP, "41")
    await cursors.put(store, cursors.SWEEP, "42")
    clock.tick(90)
    assert await cursors.get(store, cursors.SWEEP) == "42"
    assert await cursors.age(store, cursors.SWEEP) == timedelta(seconds=90)
