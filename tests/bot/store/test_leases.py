"""Work is in one pair of hands, stays there while the heart beats, and comes back when not."""

import asyncio
from datetime import timedelta

from bot.store import leases, runs
from bot.store.engine import Store
from bot.store.fences import AttemptLease, Pulse
from bot.store.journal import SqlJournal
from bot.store.states import AttemptState
from executor.events import AttemptQueued, RunId, Sha
from planner.plan import StoryId
from tests.support.clock import TestClock
from tests.support.stored import a_run

ONTO = Sha("b" * 40)
API = StoryId("api")


async def test_of_many_claimers_one_gets_the_run(store: Store) -> None:
    run = await a_run(store)
    claimed = await asyncio.gather(
        *(leases.claim_run(store, run.id, f"w{n}", 30) for n in range(8))
    )
    assert sum(lease is not None for lease in claimed) == 1


async def test_no_attempt_is_claimed_twice(store: Store) -> None:
    run = await a_run(store)
    names = [StoryId(f"s{n}") for n in range(12)]
    for name in names:
        await queue(store, run.id, name)
    claimed = await asyncio.gather(
        *(
            leases.claim_attempt(store, run.id, name, 1, f"w{n}", 30)
            for n in range(4)
            for name in names
        )
    )
    held = [lease.story for lease in claimed if lease is not None]
    assert sorted(held) == sorted(names)


async def test_the_same_worker_cannot_mistake_its_old_claim_for_its_new_one(
    store: Store, clock: TestClock
) -> None:
    run = await a_run(store)
    old = await leases.claim_run(store, run.id, "w1", 30)
    clock.tick(31)
    new = await leases.claim_run(store, run.id, "w1", 30)
    assert old is not None
    assert new is not None
    assert await leases.renew_run(store, old, 30) is Pulse.lost
    assert await leases.renew_run(store, new, 30) is Pulse.held
    await leases.release_run(store, old)
    assert await runs.unowned(store) == ()
    await leases.release_run(store, new)
    assert len(await runs.unowned(store)) == 1


async def test_a_heartbeat_learns_of_a_cancel(store: Store) -> None:
    run = await a_run(store)
    conducting = await leases.claim_run(store, run.id, "w1", 30)
    attempt = await claim(store, run.id)
    assert conducting is not None
    await runs.cancel(store, run.id, "maya")
    assert await leases.renew_run(store, conducting, 30) is Pulse.cancelled
    assert await leases.renew_attempt(store, attempt, 30) is Pulse.cancelled


async def test_a_cancelled_run_starts_no_attempt(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    await queue(store, run.id)
    await runs.cancel(store, run.id, "maya")
    assert await leases.ready_attempts(store, clock()) == ()
    assert await leases.claim_attempt(store, run.id, API, 1, "w1", 30) is None


async def test_an_attempt_waits_for_its_time(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    await queue(store, run.id, wait_seconds=60)
    assert await leases.claim_attempt(store, run.id, API, 1, "w1", 30) is None
    assert await leases.ready_attempts(store, clock.tick(59)) == ()
    assert len(await leases.ready_attempts(store, clock.tick(1))) == 1
    assert await leases.claim_attempt(store, run.id, API, 1, "w1", 30) is not None


async def test_a_silent_worker_is_found_by_its_attempt(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    lease = await claim(store, run.id)
    assert await leases.renew_attempt(store, lease, 60) is Pulse.held
    assert await leases.expired_attempts(store, clock.tick(59)) == ()
    (silent,) = await leases.expired_attempts(store, clock.tick(2))
    assert silent.lease_owner == lease.owner
    # Nobody declared it lost yet, so the worker may still come back with its result.
    assert await leases.renew_attempt(store, lease, 60) is Pulse.held


async def test_a_released_attempt_gets_a_new_job(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    lease = await claim(store, run.id)
    await leases.set_doing(store, lease, "edit shop/csv.py")
    (running,) = await leases.attempts_of(store, run.id)
    assert running.doing == "edit shop/csv.py"
    await leases.release_attempt(store, lease)
    (ready,) = await leases.ready_attempts(store, clock())
    assert (ready.state, ready.bump, ready.doing) == (AttemptState.queued, 1, "")
    assert await leases.bump(store, run.id, API, 1) == 2
    await leases.set_doing(store, lease, "too late")
    (ready,) = await leases.ready_attempts(store, clock())
    assert ready.doing == ""


async def claim(store: Store, run: RunId) -> AttemptLease:
    await queue(store, run)
    lease = await leases.claim_attempt(store, run, API, 1, "w1", 30)
    assert lease is not None
    assert lease.onto == ONTO
    return lease


async def queue(
    store: Store, run: RunId, story: StoryId = API, wait_seconds: float | None = None
) -> None:
    wait = None if wait_seconds is None else store.clock() + timedelta(seconds=wait_seconds)
    event = AttemptQueued(story=story, attempt=1, rung=0, onto=ONTO, not_before=wait)
    await SqlJournal(store).append(run, event)
