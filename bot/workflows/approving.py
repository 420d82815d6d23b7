"""From a thumb, a command or a box to a run: every way of approving ends here."""

import asyncio

from bot.approvals import (
    Ignored,
    PlanFacts,
    Void,
    refusal,
    validity,
)
from bot.config import rule_of
from bot.permissions import access
from bot.place import Place, place_of
from bot.progress import publish
from bot.services import Services
from bot.store import approvals, changes, plans, runs
from bot.store.changes import Change
from bot.store.plans import PlanRow
from bot.store.runs import Run
from bot.store.states import ApprovalHow, PlanState
from bot.views.plan import expires_at
from bot.workflows.branches import branch_for
from bot.workflows.remote import remote_of
from executor.events import Sha
from executor.git.errors import UnknownRef
from executor.git.mirror import fetch, is_ancestor, tip
from planner.request import Person


async def approve(
    place: Place,
    change: Change,
    plan: PlanRow,
    person: Person,
    how: ApprovalHow,
    *,
    named_revision: int | None = None,
    named_digest: str | None = None,
    source: str = "",
) -> Run | Ignored | Void:
    """Start the stored plan if this person may approve it and it still holds, asked just now."""
    held = await access(place.client, person)
    why = refusal(person, held, await rule_of(place), requester=change.requester.id)
    if why is not None:
        return why
    verdict = validity(
        plan_facts(place.services, plan),
        place.services.clock(),
        base_is_ancestor=await base_holds(place, plan),
        named_revision=named_revision,
        named_digest=named_digest,
    )
    if isinstance(verdict, Void):
        await _retire(place.services, plan, verdict)
        return verdict
    return await _start(place, change, plan, person, how, source)


async def approve_follow_up(place: Place, change: Change, plan: PlanRow, person: Person) -> None:
    """A `/baro fix` by a writer on our own pull request is itself the approval."""
    await _start(place, change, plan, person, ApprovalHow.fix)


def plan_facts(services: Services, plan: PlanRow) -> PlanFacts:
    return PlanFacts(
        revision=plan.revision,
        digest=plan.digest,
        state=plan.state,
        expires_at=expires_at(services, plan),
    )


async def base_holds(place: Place, plan: PlanRow) -> bool:
    """Whether the commit planned on is still in the base branch: not so after a force-push."""
    mirror = place.services.mirror(place.repository)
    branch = plan.plan.base.branch
    remote = await remote_of(place, "read")
    try:
        await asyncio.to_thread(fetch, mirror, remote, branches=(branch,))
        return is_ancestor(mirror, Sha(plan.base_sha), tip(mirror, branch))
    except UnknownRef:
        return False


async def _start(
    place: Place,
    change: Change,
    plan: PlanRow,
    person: Person,
    how: ApprovalHow,
    source: str = "",
) -> Run | Void:
    """Once per plan: a second approval finds the first one's run."""
    services = place.services
    taken = await approvals.record(services.store, plan.id, plan.digest, person, how, source)
    if taken is None:
        return Void.not_awaiting
    run = await runs.start(services.store, plan, await branch_for(place, change, plan))
    await services.queue.enqueue("run", run.id, job_id=f"run:{run.id}:start")
    await publish(services, change.id)
    return run


async def start_approved(services: Services, plan: PlanRow) -> None:
    """The run of a plan whose approval is written down and whose run is not."""
    change = await changes.get(services.store, plan.change_id)
    assert change is not None
    place = await place_of(services, change.repository_id)
    run = await runs.start(services.store, plan, await branch_for(place, change, plan))
    await services.queue.enqueue("run", run.id, job_id=f"run:{run.id}:start")
    await publish(services, change.id)


async def _retire(services: Services, plan: PlanRow, verdict: Void) -> None:
    """A plan found expired or without its base is shown as what it is."""
    states = {Void.expired: PlanState.expired, Void.base_moved: PlanState.void}
    if verdict in states:
        await plans.set_state(
            services.store, plan.id, states[verdict], only_from=(PlanState.awaiting,)
        )
        await publish(services, plan.change_id)
