"""Runs an approved plan once more, where its last run left something undone."""

from bot.place import Place
from bot.store import plans, runs
from bot.store.changes import Change
from bot.store.runs import Run
from bot.store.states import ChangeState, PlanState
from bot.workflows.branches import branch_for
from executor.events import Outcome

WORTH_IT = frozenset({Outcome.failed, Outcome.draft, Outcome.cancelled, Outcome.nothing})
ENDED = frozenset({ChangeState.merged, ChangeState.closed})


async def retry(place: Place, change: Change) -> Run | None:
    """The new run, or None where nothing failed. The approval stands: it is the same plan."""
    services = place.services
    store = services.store
    last = await runs.latest_of(store, change.id)
    if last is None or last.outcome not in WORTH_IT or change.state in ENDED:
        return None
    plan = await plans.by_id(store, last.plan_id)
    if plan is None or plan.state is not PlanState.approved:
        return None
    branch = await branch_for(place, change, plan)
    run = await runs.start(store, plan, branch, retry=True)
    await services.queue.enqueue("run", run.id, job_id=f"run:{run.id}:start")
    return run
