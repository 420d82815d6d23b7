"""The living comments of a change, rendered from stored state and edited in place."""

from datetime import timedelta

from bot.asking import Asking
from bot.comments.plan import plan_comment, reading_comment
from bot.comments.status import merged_comment, status_comment, status_moved_comment
from bot.github.issues import comment as read_comment
from bot.markers import Kind
from bot.place import Place, PlaceClosed, place_of
from bot.services import Services
from bot.store import changes, plans, requests, runs, unshown
from bot.store.changes import Change
from bot.store.ids import ChangeId
from bot.store.plans import PlanRow
from bot.store.runs import Run
from bot.store.states import ChangeState, RunRowState
from bot.views.merged import merged_view
from bot.views.plan import plan_view
from bot.views.status import status_view
from bot.voice import comment_of, keep_comment
from planner.plan import Digest


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
        is_complete = await show_now(services, change)
        if seen is None or not is_complete:
            return
        if await unshown.clear(services.store, change, seen):
            return


async def show_now(services: Services, change_id: ChangeId, *, rewrite: bool = False) -> bool:
    """Write both comments as of now; False where an edit has to wait for its turn.

    `rewrite` puts back what somebody else edited.
    """
    change = await changes.get(services.store, change_id)
    if change is None:
        return True
    try:
        place = await place_of(services, change.repository_id)
    except PlaceClosed:
        return True
    await _show_plan(place, change, rewrite)
    return await _show_status(place, change, rewrite)


async def _show_plan(place: Place, change: Change, rewrite: bool) -> None:
    store = place.services.store
    plan = await plans.latest(store, change.id)
    if change.state is ChangeState.proposing:
        await _show_reading(place, change, plan)
        return
    if plan is None or await _is_follow_up(place, plan):
        return
    view = await plan_view(place, change, plan)
    number = await plan_thread(place, plan, change)
    comment = await keep_comment(
        place,
        change.id,
        number,
        Kind.plan,
        plan_comment(view),
        Digest(plan.digest),
        rewrite=rewrite,
    )
    if comment is not None and plan.comment_id is None:
        # A thumb's time is GitHub's, so the time it is held against has to be GitHub's too.
        at = comment.at or (await read_comment(place.client, comment.id)).updated_at
        await plans.posted(store, plan.id, comment.id, at)


async def _show_reading(place: Place, change: Change, plan: PlanRow | None) -> None:
    """While a first plan is made; a next revision leaves the old one on show until it is there."""
    request = await requests.latest(place.services.store, change.id)
    if request is None:
        return
    asking = Asking.model_validate_json(request.body)
    if asking.is_approval or plan is not None:
        return
    number = asking.pull or change.number
    await keep_comment(place, change.id, number, Kind.plan, reading_comment(1))


async def _is_follow_up(place: Place, plan: PlanRow) -> bool:
    """A fix is its own approval: there is nothing to show before it runs."""
    row = await requests.get(place.services.store, plan.request_id)
    return row is not None and Asking.model_validate_json(row.body).is_approval


async def plan_thread(place: Place, plan: PlanRow, change: Change) -> int:
    """Where the plan's comment stands: the issue, or the pull request it was asked for on."""
    row = await requests.get(place.services.store, plan.request_id)
    asking = Asking.model_validate_json(row.body) if row else None
    return (asking.pull if asking else None) or change.number


async def _show_status(place: Place, change: Change, rewrite: bool) -> bool:
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
        await keep_comment(place, change.id, number, Kind.status, body, rewrite=rewrite)
        return True
    if not rewrite and await _is_too_soon(place, change, run, number):
        return False
    view = await status_view(place, change, run)
    body = status_comment(view)
    digest = Digest(view.digest)
    await keep_comment(place, change.id, number, Kind.status, body, digest, rewrite=rewrite)
    return True


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
