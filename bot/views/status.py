"""What the status comment shows."""

from collections import defaultdict
from collections.abc import Mapping

from bot.approved import approved_plan
from bot.comments.views import StatusView
from bot.config import config_of
from bot.place import Place
from bot.store import approvals, leases, ledger, plans
from bot.store.changes import Change
from bot.store.journal import entries
from bot.store.runs import Run
from bot.store.states import AttemptState
from executor.events import RunId
from executor.state import fold
from llm.pricing import Cost
from planner.plan import Digest, StoryId


async def status_view(place: Place, change: Change, run: Run) -> StatusView:
    store = place.services.store
    plan = await plans.by_id(store, run.plan_id)
    assert plan is not None
    return StatusView(
        change=change.id,
        plan=approved_plan(plan, await approvals.of(store, plan.id)),
        digest=Digest(plan.digest),
        run=fold(await entries(store, run.id)),
        now=store.clock(),
        spent=await ledger.cost_of_run(store, run.id),
        story_costs=await _story_costs(place, run.id),
        doing=await _doing(place, run.id),
        pull=change.pull_number,
        kept_at=await _kept_at(place, run),
        issue=change.number if change.pull_number not in (None, change.number) else None,
    )


async def _kept_at(place: Place, run: Run) -> str | None:
    """Where a run's stories are on the remote, as the repository wants them kept."""
    story_refs = (await config_of(place)).story_refs
    if story_refs == "local":
        return None
    return f"baro/{run.id}/*" if story_refs == "visible" else f"refs/baro/{run.id}/*"


async def _story_costs(place: Place, run: RunId) -> Mapping[StoryId, Cost]:
    costs: dict[StoryId, Cost] = defaultdict(Cost)
    for call in await ledger.calls_of_run(place.services.store, run):
        if call.story is not None:
            costs[call.story] += call.cost
    return dict(costs)


async def _doing(place: Place, run: RunId) -> Mapping[StoryId, str]:
    return {
        attempt.story: attempt.doing
        for attempt in await leases.attempts_of(place.services.store, run)
        if attempt.state is AttemptState.running and attempt.doing
    }
