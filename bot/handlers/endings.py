"""Issues closed, pull requests merged or closed, comments deleted: where a change ends."""

from bot.config import config_of
from bot.github.pulls import delete_branch
from bot.github.pulls import pull as read_pull
from bot.hooks import CommentDeleted, IssueClosed, PullClosed, PullReopened
from bot.place import Place
from bot.progress import publish
from bot.store import changes, plans
from bot.store.states import ChangeState, PlanState
from bot.workflows.stopping import cancel, withdraw_deleted

ENDED = frozenset({ChangeState.merged, ChangeState.closed})


async def on_issue_closed(place: Place, event: IssueClosed) -> None:
    """Agents stop, refs stay; a plan that waits becomes void. An open pull request is left."""
    store = place.services.store
    change = await changes.by_issue(store, place.repository.id, event.number)
    if change is None or change.state in ENDED:
        return
    plan = await plans.latest(store, change.id)
    if plan and plan.state is PlanState.awaiting:
        await plans.set_state(store, plan.id, PlanState.void, only_from=(PlanState.awaiting,))
        await changes.set_state(store, change.id, ChangeState.closed, note="issue closed")
        await publish(place.services, change.id)
        return
    await cancel(place.services, change, "the closed issue")


async def on_pull_closed(place: Place, event: PullClosed) -> None:
    """Merged: account for it. Closed without: nothing more happens on that branch."""
    store = place.services.store
    change = await changes.by_pull(store, place.repository.id, event.number)
    if change is None:
        return
    if event.merge_sha is None:
        await cancel(place.services, change, event.speaker.person.login)
        await changes.set_state(store, change.id, ChangeState.closed)
        await publish(place.services, change.id)
        return
    await cancel(place.services, change, event.speaker.person.login)
    if change.pull_number is None:
        # A pull request that baro was called to and never worked on.
        await changes.set_state(store, change.id, ChangeState.closed)
    else:
        await changes.set_state(store, change.id, ChangeState.merged)
        await _tidy(place, event.number)
    await publish(place.services, change.id)


async def _tidy(place: Place, number: int) -> None:
    """Only a branch of ours is ours to delete."""
    config = await config_of(place)
    if not config.branch.delete_after_merge:
        return
    pull, bot = await read_pull(place.client, number), await place.client.bot()
    if pull.user is not None and pull.user.id == bot.user_id:
        await delete_branch(place.client, pull.head.ref)


async def on_pull_reopened(place: Place, event: PullReopened) -> None:
    store = place.services.store
    change = await changes.by_pull(store, place.repository.id, event.number)
    if change is not None:
        await changes.set_state(
            store, change.id, ChangeState.delivered, only_from=(ChangeState.closed,)
        )
        await publish(place.services, change.id)


async def on_comment_deleted(place: Place, event: CommentDeleted) -> None:
    """Without its comment a plan cannot be read, so it cannot be approved either."""
    plan = await plans.by_comment(place.services.store, event.comment)
    if plan is not None:
        await withdraw_deleted(place, plan, event.thread.number)
