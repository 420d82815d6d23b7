"""The journal has no gaps and no two authors, and what indexes it moves with it."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import journal, leases, runs
from bot.store.engine import Store
from bot.store.fences import AttemptLease, RunLease
from bot.store.journal import SqlJournal
from bot.store.states import AttemptState
from executor.events import (
    AttemptFailed,
    AttemptLost,
    AttemptPassed,
    AttemptQueued,
    BranchPushed,
    CapReached,
    RunId,
    Sha,
)
from executor.failure import Failure, FailureClass
from executor.journal import Journal, Stale
from planner.plan import StoryId
from tests.support.clock import TestClock
from tests.support.stored import a_run

API = StoryId("api")
ONTO = Sha("b" * 40)


async def test_events_come_back_as_they_went_in(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    written = SqlJournal(store)
    first = await written.append(run.id, queued())
    clock.tick(1)
    second = await written.append(run.id, passed(), after=1)
    assert [first.seq, second.seq] == [1, 2]
    assert await written.entries(run.id) == (first, second)
    assert await journal.entries(store, run.id, after=1) == (second,)


async def test_an_append_that_comes_second_is_stale(store: Store) -> None:
    run = await a_run(store)
    written: Journal = SqlJournal(store)
    results = await asyncio.gather(
        *(written.append(run.id, CapReached(sentence=str(n)), after=0) for n in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Stale) for result in results) == 4
    assert len(await written.entries(run.id)) == 1


async def test_appends_without_a_condition_queue_up(store: Store) -> None:
    run = await a_run(store)
    await asyncio.gather(
        *(SqlJournal(store).append(run.id, CapReached(sentence=str(n))) for n in range(10))
    )
    assert [entry.seq for entry in await journal.entries(store, run.id)] == list(range(1, 11))


async def test_whoever_lost_the_run_cannot_append(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    old = await conductor(store, run.id)
    clock.tick(31)
    # Past its time, but nobody else took it: still the only author.
    await SqlJournal(store, old).append(run.id, CapReached(sentence="one"))
    new = await conductor(store, run.id)
    with pytest.raises(Stale, match="does not hold"):
        await SqlJournal(store, old).append(run.id, CapReached(sentence="two"))
    await SqlJournal(store, new).append(run.id, CapReached(sentence="two"))


async def test_a_queued_attempt_can_be_claimed_at_once(store: Store) -> None:
    run = await a_run(store)
    await SqlJournal(store).append(run.id, queued())
    (ready,) = await leases.attempts_of(store, run.id)
    assert (ready.story, ready.attempt, ready.onto, ready.rung) == (API, 1, ONTO, 0)
    await leases.queue_attempt(store, run.id, queued())
    assert len(await leases.attempts_of(store, run.id)) == 1


async def test_a_result_ends_the_lease_it_was_made_under(store: Store) -> None:
    run = await a_run(store)
    lease = await worker(store, run.id)
    entry = await leases.finish_attempt(store, lease, passed())
    assert entry.seq == 2
    (row,) = await leases.attempts_of(store, run.id)
    assert (row.state, row.lease_owner) == (AttemptState.done, None)
    with pytest.raises(Stale):
        await leases.finish_attempt(store, lease, failed())
    assert len(await journal.entries(store, run.id)) == 2


async def test_a_live_attempt_is_not_declared_lost(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    lease = await worker(store, run.id)
    lost = AttemptLost(story=API, attempt=1, owner=lease.owner)
    with pytest.raises(Stale, match="is not lost"):
        await SqlJournal(store).append(run.id, lost)
    assert len(await journal.entries(store, run.id)) == 1
    clock.tick(31)
    await SqlJournal(store).append(run.id, lost)
    with pytest.raises(Stale):
        await leases.finish_attempt(store, lease, passed())
    assert [row.state for row in await leases.attempts_of(store, run.id)] == [AttemptState.lost]


async def test_the_last_push_is_what_the_next_one_must_find(store: Store) -> None:
    run = await a_run(store)
    pushed = BranchPushed(branch="baro/12", sha=Sha("c" * 40))
    await SqlJournal(store).append(run.id, pushed)
    row = await runs.get(store, run.id)
    assert row is not None
    assert row.expected_head == "c" * 40


async def test_a_run_nobody_started_has_no_journal(store: Store) -> None:
    with pytest.raises(Stale, match="there is no run"):
        await SqlJournal(store).append(RunId("nowhere"), queued())


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.lists(st.text(max_size=40).filter(lambda t: "\x00" not in t), max_size=6))
async def test_any_text_survives(sqlite_url: str, words: list[str]) -> None:
    async with Store(sqlite_url) as store:
        run = await a_run(store)
        before = len(await journal.entries(store, run.id))
        for word in words:
            await SqlJournal(store).append(run.id, CapReached(sentence=word))
        kept = [entry.event for entry in await journal.entries(store, run.id, after=before)]
        assert kept == [CapReached(sentence=word) for word in words]


async def conductor(store: Store, run: RunId) -> RunLease:
    lease = await leases.claim_run(store, run, "w1", 30)
    assert lease is not None
    return lease


async def worker(store: Store, run: RunId) -> AttemptLease:
    await SqlJournal(store).append(run, queued())
    lease = await leases.claim_attempt(store, run, API, 1, "w1", 30)
    assert lease is not None
    return lease


def queued() -> AttemptQueued:
    return AttemptQueued(story=API, attempt=1, rung=0, onto=ONTO)


def passed() -> AttemptPassed:
    return AttemptPassed(
        story=API, attempt=1, commit=Sha("d" * 40), tree="e" * 40, summary="Done.", evidence=()
    )


def failed() -> AttemptFailed:
    failure = Failure(kind=FailureClass.execution, reason="exit 1")
    return AttemptFailed(story=API, attempt=1, failure=failure)
