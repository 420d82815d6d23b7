"""What the pull request says, and the check run on its head."""

from bot.asking import Asking
from bot.comments.views import FollowUp, PullView
from bot.place import Place
from bot.proofs import defined_tests
from bot.store import ledger, plans, requests, runs
from bot.store.changes import Change
from bot.store.ids import RequestId
from bot.store.journal import entries
from bot.store.states import Subject
from executor.conductor import Delivery
from executor.events import Reconciled
from executor.git.view import CommitView
from executor.state import RunState, fold
from planner.plan import Plan


async def pull_view(place: Place, change: Change, delivery: Delivery) -> PullView:
    """The whole pull request: the run that opened it, with the newest gate and its follow-ups."""
    store, order = place.services.store, delivery.order
    assert delivery.state.reconciled is not None
    plan, state, follow_ups = await _story_so_far(place, change, delivery)
    mirror = place.services.mirror(place.repository)
    tree = CommitView(mirror, order.branch, delivery.state.reconciled.head)
    used = await ledger.tokens_of_run(store, order.run)
    return PullView(
        change=change.id,
        issue=change.number if change.subject is Subject.issue else None,
        plan=plan,
        run=state,
        tests=defined_tests(plan, tree.read),
        follow_ups=follow_ups,
        spent=await ledger.cost_of_change(store, change.id)
        if follow_ups
        else await ledger.cost_of_run(store, order.run),
        cached_share=used.cache_read / used.prompt if used.prompt else None,
    )


async def _story_so_far(
    place: Place, change: Change, delivery: Delivery
) -> tuple[Plan, RunState, tuple[FollowUp, ...]]:
    """The first run that opened the pull request, seen on the tree that is delivered now."""
    store = place.services.store
    first: tuple[Plan, RunState] | None = None
    follow_ups: list[FollowUp] = []
    for run in await runs.every_of(store, change.id):
        is_this = run.id == delivery.order.run
        state = delivery.state if is_this else fold(await entries(store, run.id))
        plan = await plans.by_id(store, run.plan_id)
        if plan is None or state.reconciled is None or not (is_this or state.delivered):
            continue
        if not await _is_follow_up(place, plan.request_id):
            first, follow_ups = (plan.plan, state), []
        else:
            follow_ups += _as_follow_ups(plan.plan, state.reconciled)
    if first is None or first[1] is delivery.state:
        return delivery.order.plan, delivery.state, ()
    return first[0], _on_new_tree(first[1], delivery.state), tuple(follow_ups)


async def _is_follow_up(place: Place, request_id: RequestId) -> bool:
    row = await requests.get(place.services.store, request_id)
    return row is not None and Asking.model_validate_json(row.body).kind == "fix"


def _as_follow_ups(plan: Plan, reconciled: Reconciled) -> list[FollowUp]:
    return [
        FollowUp(title=plan.story(commit.story).title, commit=commit.sha)
        for commit in reconciled.commits
    ]


def _on_new_tree(first: RunState, now: RunState) -> RunState:
    """Evidence is bound to a tree: what counts is the gate of the newest one."""
    assert first.reconciled is not None
    assert now.reconciled is not None
    left_out = (*first.reconciled.left_out, *now.reconciled.left_out)
    weakened = (*first.reconciled.weakened_tests, *now.reconciled.weakened_tests)
    reconciled = first.reconciled.model_copy(
        update={
            "tree": now.reconciled.tree,
            "left_out": tuple(dict.fromkeys(left_out)),
            "weakened_tests": tuple(dict.fromkeys(weakened)),
        }
    )
    return first.model_copy(update={"reconciled": reconciled, "gate": now.gate})
