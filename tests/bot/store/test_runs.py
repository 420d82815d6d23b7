"""A change runs once at a time, only what was approved, and can be asked to stop."""

import asyncio

import pytest

from bot.store import changes, journal, leases, runs
from bot.store.engine import Store
from bot.store.runs import NotApproved
from bot.store.states import ChangeState, RunRowState
from executor.events import CancelRequested, Outcome
from tests.support.clock import TestClock
from tests.support.stored import a_run, a_stored_plan, an_approved_plan


async def test_nothing_runs_that_nobody_approved(store: Store) -> None:
    plan = await a_stored_plan(store)
    with pytest.raises(NotApproved, match="plan r1 of change"):
        await runs.start(store, plan, "baro/12")


async def test_a_plan_started_twice_is_one_run(store: Store) -> None:
    plan = await an_approved_plan(store)
    first, second = await asyncio.gather(
        runs.start(store, plan, "baro/12"), runs.start(store, plan, "baro/12")
    )
    assert first == second == await runs.active_of(store, plan.change_id)
    change = await changes.get(store, plan.change_id)
    assert change is not None
    assert change.state is ChangeState.running


async def test_a_finished_plan_runs_again_only_on_a_retry(store: Store) -> None:
    plan = await an_approved_plan(store)
    first = await runs.start(store, plan, "baro/12")
    assert await runs.finish(store, first.id, Outcome.failed, ChangeState.failed)
    assert not await runs.finish(store, first.id, Outcome.delivered, ChangeState.delivered)
    late = await runs.start(store, plan, "baro/12")
    assert (late.id, late.outcome) == (first.id, Outcome.failed)
    again = await runs.start(store, plan, "baro/12", retry=True)
    assert (again.number, again.state) == (2, RunRowState.running)
    assert await runs.latest_of(store, plan.change_id) == again
    assert [run.number for run in await runs.every_of(store, plan.change_id)] == [1, 2]


async def test_finishing_a_run_moves_its_change(store: Store) -> None:
    run = await a_run(store)
    await runs.finish(store, run.id, Outcome.delivered, ChangeState.delivered)
    change = await changes.get(store, run.change_id)
    assert change is not None
    assert change.state is ChangeState.delivered
    assert await runs.active_of(store, run.change_id) is None


async def test_a_run_is_cancelled_once(store: Store) -> None:
    run = await a_run(store)
    assert await runs.cancel(store, run.id, "maya")
    assert not await runs.cancel(store, run.id, "jon")
    assert [entry.event for entry in await journal.entries(store, run.id)] == [
        CancelRequested(by="maya")
    ]


async def test_a_run_that_nobody_conducts_is_found(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    assert [each.id for each in await runs.unowned(store)] == [run.id]
    await leases.claim_run(store, run.id, "w1", 30)
    assert await runs.unowned(store) == ()
    clock.tick(31)
    assert [each.id for each in await runs.unowned(store)] == [run.id]
