"""A request gets one plan, a change has at most one awaiting, a plan is approved once."""

import asyncio

import pytest

from bot.store import approvals, changes, plans, requests, runs
from bot.store.engine import Store
from bot.store.fences import Pulse
from bot.store.states import ApprovalHow, ChangeState, PlanState, RequestKind, RequestState
from planner.plan import Digest, digest
from tests.support.builders import JON, MAYA, a_plan
from tests.support.clock import TestClock
from tests.support.stored import a_request, a_stored_plan, an_approved_plan


async def test_the_same_comment_is_one_request(store: Store) -> None:
    first = await a_request(store)
    again = await requests.add(store, first.change_id, first.key, RequestKind.fix, '{"x": 1}')
    assert again == first


async def test_a_request_is_planned_by_one_worker_at_a_time(store: Store, clock: TestClock) -> None:
    request = await a_request(store)
    assert await requests.unfinished(store) == (request,)
    lease = await requests.claim(store, request.id, "w1", 30)
    assert lease is not None
    assert await requests.claim(store, request.id, "w1", 30) is None
    assert await requests.unfinished(store) == ()
    clock.tick(20)
    assert await requests.renew(store, lease, 30) is Pulse.held
    clock.tick(31)
    taken = await requests.claim(store, request.id, "w2", 30)
    assert taken is not None
    assert await requests.renew(store, lease, 30) is Pulse.lost
    await requests.release(store, lease)
    assert await requests.unfinished(store) == ()
    await requests.release(store, taken)
    assert [each.tries for each in await requests.unfinished(store)] == [2]
    await requests.mark(store, request.id, RequestState.failed, "no model key")
    assert await requests.unfinished(store) == ()


async def test_a_request_gets_one_plan_and_is_done(store: Store) -> None:
    row = await a_stored_plan(store)
    again = await plans.add(store, row.change_id, row.request_id, a_plan(other=""))
    assert again == row
    assert row.digest == digest(row.plan)
    request = await requests.get(store, row.request_id)
    change = await changes.get(store, row.change_id)
    assert request is not None
    assert change is not None
    assert (request.state, change.state) == (RequestState.done, ChangeState.awaiting)


async def test_a_new_revision_replaces_the_one_awaiting(store: Store) -> None:
    first = await a_stored_plan(store)
    second = await a_stored_plan(store, "comment:2")
    assert (first.revision, second.revision, second.plan.revision) == (1, 2, 2)
    replaced = await plans.by_revision(store, first.change_id, 1)
    assert replaced is not None
    assert replaced.state is PlanState.replaced
    assert await plans.latest(store, first.change_id) == second
    assert await plans.next_revision(store, first.change_id) == 3
    assert await plans.unposted(store) == (second,)


async def test_two_proposals_at_once_get_two_revisions(store: Store) -> None:
    first, second = await a_request(store, "a"), await a_request(store, "b")
    made = await asyncio.gather(
        *(plans.add(store, each.change_id, each.id, a_plan()) for each in (first, second))
    )
    assert sorted(row.revision for row in made) == [1, 2]


async def test_a_posted_plan_awaits(store: Store, clock: TestClock) -> None:
    plan = await a_stored_plan(store)
    await plans.posted(store, plan.id, 2**31 + 9)
    (waiting,) = await plans.awaiting(store)
    assert (waiting.comment_id, waiting.posted_at) == (2**31 + 9, clock())
    assert await plans.by_comment(store, 2**31 + 9) == waiting
    assert await plans.unposted(store) == ()
    assert await plans.set_state(store, plan.id, PlanState.expired, only_from={PlanState.awaiting})
    assert not await plans.set_state(store, plan.id, PlanState.void, only_from={PlanState.awaiting})
    assert await plans.awaiting(store) == ()


async def test_a_plan_is_approved_once(store: Store) -> None:
    plan = await a_stored_plan(store)
    first, second = await asyncio.gather(
        approvals.record(store, plan.id, plan.digest, MAYA, ApprovalHow.reaction, "reaction:7"),
        approvals.record(store, plan.id, plan.digest, JON, ApprovalHow.command),
    )
    assert first is not None
    assert first == second == await approvals.of(store, plan.id)
    assert first.person in (MAYA, JON)


async def test_another_digest_approves_nothing(store: Store) -> None:
    plan = await a_stored_plan(store)
    other = Digest("0" * 64)
    assert await approvals.record(store, plan.id, other, MAYA, ApprovalHow.box) is None
    assert await approvals.of(store, plan.id) is None


@pytest.mark.parametrize("state", [s for s in PlanState if s is not PlanState.awaiting])
async def test_only_an_awaiting_plan_can_be_approved(store: Store, state: PlanState) -> None:
    plan = await a_stored_plan(store)
    await plans.set_state(store, plan.id, state)
    assert await approvals.record(store, plan.id, plan.digest, MAYA, ApprovalHow.box) is None


async def test_an_approved_plan_without_a_run_is_found(store: Store) -> None:
    plan = await an_approved_plan(store)
    assert await plans.approved_unstarted(store) == (plan,)
    await runs.start(store, plan, "baro/12")
    assert await plans.approved_unstarted(store) == ()
