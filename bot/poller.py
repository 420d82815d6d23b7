"""Looks for thumbs on plans that wait: GitHub sends no webhook for a reaction."""

from datetime import timedelta

import structlog

from bot.approvals import Access, Approver, Thumb, approver, worth_asking
from bot.config import rule_of
from bot.github.answers import Reaction
from bot.github.errors import NotThere, Refused, TryLater
from bot.github.issues import Seen, thumbs
from bot.permissions import access
from bot.place import Place, PlaceClosed, place_of
from bot.progress import plan_thread, publish
from bot.services import Services
from bot.store import changes, cursors, plans
from bot.store.changes import Change
from bot.store.plans import PlanRow
from bot.store.states import ApprovalHow, PlanState
from bot.views.plan import expires_at
from bot.workflows.approving import approve
from bot.workflows.stopping import withdraw_deleted
from executor.git.errors import GitError
from planner.request import Person

log = structlog.get_logger()

# Hot for ten minutes after posting, then ever slower; a plan is hours, not seconds, by then.
HOT = timedelta(minutes=10)
SLOWEST = timedelta(minutes=5)


async def poll_approvals(services: Services) -> None:
    """One look at each plan that is due; a repository that cannot be asked holds up no other."""
    for plan in await plans.awaiting(services.store):
        if await _retired(services, plan) or not _is_due(services, plan):
            continue
        services.polls.looked_at[plan.id] = services.clock()
        try:
            await _look(services, plan)
        except (TryLater, PlaceClosed):
            continue
        except (Refused, GitError) as error:
            log.warning("a plan could not be looked at", plan=plan.id, reason=str(error))


async def _retired(services: Services, plan: PlanRow) -> bool:
    if services.clock() < expires_at(services, plan):
        return False
    await plans.set_state(
        services.store, plan.id, PlanState.expired, only_from=(PlanState.awaiting,)
    )
    await publish(services, plan.change_id)
    return True


def _is_due(services: Services, plan: PlanRow) -> bool:
    """The pause grows with the plan's age, from the setting to five minutes."""
    before = services.polls.looked_at.get(plan.id)
    if before is None or plan.posted_at is None:
        return True
    now = services.clock()
    age = now - plan.posted_at
    if age <= HOT:
        return True
    return now - before >= min(SLOWEST, age / 40)


async def _look(services: Services, plan: PlanRow) -> None:
    change = await changes.get(services.store, plan.change_id)
    assert change is not None
    assert plan.comment_id is not None
    place = await place_of(services, change.repository_id)
    known = services.polls.seen.get(plan.id)
    try:
        seen = await thumbs(place.client, plan.comment_id, known)
    except NotThere:
        await withdraw_deleted(place, plan, await plan_thread(place, plan, change))
        return
    if known is not None and seen.reactions == known.reactions:
        return
    if await _count(place, change, plan, seen):
        services.polls.seen.pop(plan.id, None)
    else:
        services.polls.seen[plan.id] = seen


async def _count(place: Place, change: Change, plan: PlanRow, seen: Seen) -> bool:
    """Whether a thumb started the run; each person's access is asked for now."""
    assert plan.posted_at is not None
    bot = await place.client.bot()
    early = int(await cursors.get(place.services.store, cursors.early_thumbs(plan.id)) or 0)
    found = tuple(_thumb(reaction) for reaction in seen.reactions if reaction.id > early)
    held: dict[int, Access] = {}
    for person in worth_asking(found, posted_at=plan.posted_at, us=bot.user_id):
        level = await access(place.client, person)
        if level is not None:
            held[person.id] = level
    verdict = approver(
        found,
        posted_at=plan.posted_at,
        us=bot.user_id,
        requester=change.requester.id,
        rule=await rule_of(place),
        access=held,
    )
    if not isinstance(verdict, Approver):
        return False
    await approve(place, change, plan, verdict.person, ApprovalHow.reaction, source=verdict.source)
    return True


def _thumb(reaction: Reaction) -> Thumb:
    user = reaction.user
    person = Person(id=user.id, login=user.login) if user else None
    return Thumb(reaction.id, person, user is not None and user.type == "User", reaction.created_at)
