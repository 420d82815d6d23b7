"""Stops a change, whatever it is doing: planning, waiting for approval, or running."""

from bot.comments import replies
from bot.place import Place
from bot.progress import publish
from bot.services import Services
from bot.store import changes, plans, requests, runs
from bot.store.changes import Change
from bot.store.plans import PlanRow
from bot.store.states import ChangeState, PlanState, RequestState
from bot.voice import say_once


async def cancel(services: Services, change: Change, by: str) -> bool:
    """Whether there was something to stop. The work done so far stays on its refs."""
    store = services.store
    run = await runs.active_of(store, change.id)
    if run is not None:
        await runs.cancel(store, run.id, by)
        await services.queue.enqueue("run", run.id, job_id=f"run:{run.id}:cancel")
        return True
    stopped = await _stop_planning(services, change, by)
    if stopped:
        await publish(services, change.id)
    return stopped


async def _stop_planning(services: Services, change: Change, by: str) -> bool:
    store = services.store
    request = await requests.latest(store, change.id)
    if request and request.state is RequestState.received:
        await requests.mark(store, request.id, RequestState.failed, note=f"cancelled by {by}")
        await _drop_replaced(services, change)
        await changes.set_state(store, change.id, ChangeState.cancelled, note=by)
        return True
    plan = await plans.latest(store, change.id)
    if plan is None or plan.state is not PlanState.awaiting:
        return False
    stopped = await plans.set_state(
        store, plan.id, PlanState.cancelled, only_from=(PlanState.awaiting,)
    )
    if stopped:
        await changes.set_state(store, change.id, ChangeState.cancelled, note=by)
    return stopped


async def _drop_replaced(services: Services, change: Change) -> None:
    """The plan that was asked away has no successor now."""
    plan = await plans.latest(services.store, change.id)
    if plan is not None:
        await plans.set_state(
            services.store, plan.id, PlanState.cancelled, only_from=(PlanState.replaced,)
        )


async def withdraw_deleted(place: Place, plan: PlanRow, thread: int) -> None:
    """The plan's comment is gone. The poll and the webhook may both find out: the first says so."""
    store = place.services.store
    is_first = await plans.set_state(
        store, plan.id, PlanState.cancelled, only_from=(PlanState.awaiting,)
    )
    if not is_first:
        return
    await changes.set_state(store, plan.change_id, ChangeState.cancelled, note="comment deleted")
    reply = replies.plan_deleted(plan.revision)
    await say_once(place, plan.change_id, thread, f"plan-{plan.id}-deleted", reply)
