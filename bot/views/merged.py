"""What the last edit of the status says: the cost of the merged change."""

from bot.comments.views import MergedView
from bot.github.pulls import pull as read_pull
from bot.place import Place
from bot.store import approvals, ledger, runs
from bot.store.changes import Change
from bot.store.journal import entries
from bot.store.states import ApprovalHow
from executor.state import Stage, fold
from llm.pricing import Cost

FAILED = frozenset({Stage.failed, Stage.lost, Stage.conflicted})


async def merged_view(place: Place, change: Change) -> MergedView:
    """Runs, follow-ups and planning apart; failed attempts are in the runs they belong to."""
    store = place.services.store
    assert change.pull_number is not None
    pull = await read_pull(place.client, change.pull_number)
    main, follow_ups, failed = Cost(), Cost(), 0
    for run in await runs.every_of(store, change.id):
        cost = await ledger.cost_of_run(store, run.id)
        approval = await approvals.of(store, run.plan_id)
        if approval and approval.how is ApprovalHow.fix:
            follow_ups += cost
        else:
            main += cost
        state = fold(await entries(store, run.id))
        attempts = [one for story in state.stories.values() for one in story.attempts]
        failed += sum(attempt.stage in FAILED for attempt in attempts)
    return MergedView(
        change=change.id,
        merged_sha=pull.merge_commit_sha or "",
        asked_at=change.created_at,
        merged_at=pull.merged_at or change.updated_at,
        runs=main,
        planning=await _planning(place, change),
        follow_ups=follow_ups,
        failed_attempts=failed,
    )


async def _planning(place: Place, change: Change) -> Cost:
    calls = await ledger.calls_of_change(place.services.store, change.id)
    return sum((call.cost for call in calls if call.run_id is None), Cost())
