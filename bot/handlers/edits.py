"""Somebody edited a comment of ours: a ticked box is a command, anything else is put back."""

from bot.approvals import Access, Ignored, Void
from bot.boxes import ApproveBox, ApproveSequentialBox, Box, CancelBox, flip, meaning
from bot.comments import replies
from bot.config import rule_of
from bot.hooks import CommentEdited
from bot.markers import Kind, parse
from bot.permissions import access
from bot.place import Place
from bot.progress import publish
from bot.store import changes, plans
from bot.store.approvals import ONE_AT_A_TIME
from bot.store.changes import Change
from bot.store.ids import ChangeId
from bot.store.plans import PlanRow
from bot.store.states import ApprovalHow
from bot.voice import doubt, say_once
from bot.workflows.approving import approve
from bot.workflows.stopping import cancel
from planner.request import Person


async def on_edit(place: Place, event: CommentEdited) -> None:
    """Edits of other people's comments, and our own, mean nothing."""
    bot = await place.client.bot()
    if event.author != bot.user_id or event.speaker.person.id == bot.user_id:
        return
    marker = parse(event.before)
    if marker is None or marker.change is None or event.speaker.is_bot:
        return
    change = await changes.get(place.services.store, ChangeId(marker.change))
    if change is None or change.repository_id != place.repository.id:
        return
    ticked = flip(event.before, event.after)
    box = meaning(ticked.label) if ticked and ticked.ticked else None
    if box is not None and marker.kind is Kind.plan:
        reply = await _obey(place, change, event, box, marker.digest)
        if reply:
            key = f"box-{event.comment}-{event.speaker.person.id}-{ticked.label if ticked else ''}"
            await say_once(place, change.id, event.thread.number, _plain(key), reply)
    # The stored state is the truth: foreign words, and a tick that was obeyed, are written over.
    await doubt(place, change.id, event.thread.number, marker.kind)
    await publish(place.services, change.id)


async def _obey(
    place: Place, change: Change, event: CommentEdited, box: Box, digest: str
) -> str | None:
    plan = await plans.latest(place.services.store, change.id)
    if plan is None:
        return replies.nothing_to_approve()
    person = event.speaker.person
    match box:
        case ApproveBox(revision):
            return await _approve(place, change, plan, person, revision, digest, "")
        case ApproveSequentialBox():
            return await _approve(place, change, plan, person, plan.revision, digest, ONE_AT_A_TIME)
        case CancelBox():
            held = await access(place.client, person)
            if held is None or held < Access.write:
                return replies.approval_refused(Ignored.access_too_low, await rule_of(place))
            done = await cancel(place.services, change, person.login)
            return None if done else replies.nothing_to_cancel()


async def _approve(
    place: Place,
    change: Change,
    plan: PlanRow,
    person: Person,
    revision: int,
    digest: str,
    source: str,
) -> str | None:
    result = await approve(
        place,
        change,
        plan,
        person,
        ApprovalHow.box,
        named_revision=revision,
        named_digest=digest,
        source=source,
    )
    if isinstance(result, Ignored):
        return replies.approval_refused(result, await rule_of(place))
    if isinstance(result, Void):
        return replies.approval_stale(result, plan.revision)
    return None


def _plain(key: str) -> str:
    """A marker's key holds no spaces."""
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in key)
