"""The living comments of a change, rendered from stored state and edited in place."""

from datetime import timedelta

import structlog

from bot.asking import Asking
from bot.comments.plan import (
    no_plan_comment,
    plan_comment,
    plan_moved_comment,
    planning_cancelled,
    reading_comment,
)
from bot.comments.status import merged_comment, status_comment, status_moved_comment
from bot.github.errors import NotThere, Refused, Suspended, Uninstalled
from bot.github.issues import comment as read_comment
from bot.github.issues import thumbs
from bot.markers import Kind
from bot.place import Place, PlaceClosed, place_of
from bot.services import Services
from bot.store import changes, cursors, plans, requests, runs, unshown
from bot.store.changes import Change
from bot.store.ids import ChangeId
from bot.store.plans import PlanRow
from bot.store.runs import Run
from bot.store.states import ChangeState, PlanState, RunRowState
from bot.views.merged import merged_view
from bot.views.plan import plan_view
from bot.views.status import status_view
from bot.voice import comment_of, keep_comment
from planner.plan import Digest

log = structlog.get_logger()


async def publish(services: Services, change: ChangeId) -> None:
    """Have the comments of this change brought up to date soon.

    The wish is written down first. The queue never runs two jobs of one id at once, on any worker,
    so two writers cannot both find a comment missing; whoever is refused is seen by the mark.
    """
    await unshown.mark(services.store, change)
    await _wake(services, change)


async def refresh(services: Services) -> None:
    """Running changes move on between their milestones; and no mark is left behind."""
    running = await changes.in_state(services.store, ChangeState.running)
    behind = await unshown.every(services.store)
    for change in {*behind, *(one.id for one in running)}:
        await _wake(services, change)


async def _wake(services: Services, change: ChangeId) -> None:
    await services.queue.enqueue("publish", change, job_id=f"publish:{change}")


# A change that moves on while it is shown is shown again, this often in one job.
ROUNDS = 5


async def show(services: Services, change: ChangeId) -> None:
    """Render and write what changed, until nothing happened meanwhile."""
    for _ in range(ROUNDS):
        seen = await unshown.token(services.store, change)
        try:
            is_complete = await show_now(services, change)
        except (Suspended, Uninstalled):
            raise
        except Refused as error:
            # The thread is locked for us, or gone: there is nobody to show anything to.
            log.warning("a comment was refused", change=change, reason=str(error))
            await _withdraw_unseen(services, change)
            is_complete = True
        if seen is None or not is_complete:
            return
        if await unshown.clear(services.store, change, seen):
            return


async def _withdraw_unseen(services: Services, change: ChangeId) -> None:
    """What nobody can read, nobody can approve."""
    plan = await plans.latest(services.store, change)
    if plan is not None and plan.comment_id is None:
        await plans.set_state(
            services.store, plan.id, PlanState.void, only_from=(PlanState.awaiting,)
        )


async def show_now(services: Services, change_id: ChangeId) -> bool:
    """Write both comments as of now; False where an edit has to wait for its turn."""
    change = await changes.get(services.store, change_id)
    if change is None:
        return True
    try:
        place = await place_of(services, change.repository_id)
    except PlaceClosed:
        return True
    await _show_plan(place, change)
    return await _show_status(place, change)


async def _show_plan(place: Place, change: Change) -> None:
    store = place.services.store
    plan = await plans.latest(store, change.id)
    if plan is None:
        await _show_planning(place, change)
        return
    if await _is_follow_up(place, plan):
        return
    view = await plan_view(place, change, plan)
    number = await plan_thread(place, plan, change)
    await _leave_plan_word(place, change, number)
    if plan.comment_id is None:
        await _note_early_thumbs(place, change, plan, number)
    comment = await keep_comment(
        place,
        change.id,
        number,
        Kind.plan,
        plan_comment(view),
        Digest(plan.digest),
        is_news=plan.comment_id is None,
    )
    if comment is not None and plan.comment_id is None:
        # A thumb's time is GitHub's, so the time it is held against has to be GitHub's too.
        at = comment.at or (await read_comment(place.client, comment.id)).updated_at
        await plans.posted(store, plan.id, comment.id, at)


async def _note_early_thumbs(place: Place, change: Change, plan: PlanRow, number: int) -> None:
    """GitHub tells a thumb's time in whole seconds, which cannot tell whether it was given to this
    text or to the one before it: so what is there already is written down first."""
    store, name = place.services.store, cursors.early_thumbs(plan.id)
    known = await comment_of(place, change.id, number, Kind.plan)
    if known is None or known.external_id is None or await cursors.get(store, name) is not None:
        return
    try:
        seen = await thumbs(place.client, known.external_id)
    except NotThere:
        return
    last = max((reaction.id for reaction in seen.reactions), default=0)
    await cursors.put(store, name, str(last))


async def _show_planning(place: Place, change: Change) -> None:
    """While a first plan is made, and where it came to nothing."""
    request = await requests.latest(place.services.store, change.id)
    if request is None:
        return
    asking = Asking.model_validate_json(request.body)
    if asking.is_approval:
        return
    number = asking.pull or change.number
    if change.state is ChangeState.proposing:
        await keep_comment(place, change.id, number, Kind.plan, reading_comment(1), is_news=True)
    elif (why := _no_plan(change)) and await comment_of(place, change.id, number, Kind.plan):
        await keep_comment(place, change.id, number, Kind.plan, no_plan_comment(1, why))


def _no_plan(change: Change) -> str | None:
    """Why planning ended without a plan, where it has."""
    if change.state is ChangeState.cancelled:
        return planning_cancelled(change.note)
    if change.state in (ChangeState.waiting, ChangeState.declined, ChangeState.failed):
        return change.note or None
    return None


async def _is_follow_up(place: Place, plan: PlanRow) -> bool:
    """A fix is its own approval: there is nothing to show before it runs."""
    row = await requests.get(place.services.store, plan.request_id)
    return row is not None and Asking.model_validate_json(row.body).is_approval


async def plan_thread(place: Place, plan: PlanRow, change: Change) -> int:
    """Where the plan's comment stands: the issue, or the pull request it was asked for on."""
    row = await requests.get(place.services.store, plan.request_id)
    asking = Asking.model_validate_json(row.body) if row else None
    return (asking.pull if asking else None) or change.number


async def _show_status(place: Place, change: Change) -> bool:
    """On the issue until the pull request is open, then there, with a word left behind."""
    run = await runs.latest_of(place.services.store, change.id)
    if run is None:
        return True
    on_pull = change.pull_number is not None and change.pull_number != change.number
    if on_pull and change.pull_number is not None:
        await _leave_word(place, change, change.pull_number)
    number = change.pull_number or change.number
    if change.state is ChangeState.merged:
        body = merged_comment(await merged_view(place, change))
        await keep_comment(place, change.id, number, Kind.status, body)
        return True
    if await _is_too_soon(place, change, run, number):
        return False
    view = await status_view(place, change, run)
    body = status_comment(view)
    digest = Digest(view.digest)
    await keep_comment(place, change.id, number, Kind.status, body, digest)
    return True


async def _leave_plan_word(place: Place, change: Change, thread: int) -> None:
    if thread == change.number:
        return
    if await comment_of(place, change.id, change.number, Kind.plan) is not None:
        await keep_comment(place, change.id, change.number, Kind.plan, plan_moved_comment(thread))


async def _leave_word(place: Place, change: Change, pull: int) -> None:
    if await comment_of(place, change.id, change.number, Kind.status) is None:
        return
    await keep_comment(place, change.id, change.number, Kind.status, status_moved_comment(pull))


async def _is_too_soon(place: Place, change: Change, run: Run, number: int) -> bool:
    """Edits cost writes: between them a running change waits, a finished one does not."""
    known = await comment_of(place, change.id, number, Kind.status)
    if known is None or known.done_at is None or run.state is RunRowState.finished:
        return False
    pause = timedelta(seconds=place.services.settings.status_edit_seconds)
    return place.services.clock() - known.done_at < pause
