"""From a request in the database to a plan, a question or a refusal on the issue."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bot.asking import Asking
from bot.commands import goal_of
from bot.comments import replies
from bot.config import config_of, held_config
from bot.github.errors import Refused as GitHubRefused
from bot.github.errors import Suspended, Uninstalled
from bot.github.issues import issue
from bot.github.pulls import pull as read_pull
from bot.heartbeat import LeaseEnded, heartbeat
from bot.models import backend_of, loaded
from bot.place import Place, place_of, refreshed
from bot.progress import publish
from bot.repo_config import RepoConfig, configured_checks, run_caps
from bot.services import Services
from bot.situation import situation
from bot.store import changes, plans, requests
from bot.store.changes import Change
from bot.store.ids import RequestId
from bot.store.ledger import Account, SqlMeter, close_lost
from bot.store.plans import PlanRow
from bot.store.requests import RequestRow
from bot.store.states import ChangeState, RequestState
from bot.voice import say_once
from bot.workflows.approving import approve_follow_up
from bot.workflows.asking import ask
from bot.workflows.caps import day_caps, follow_up_caps
from bot.workflows.remote import remote_of
from executor.checks import detect
from executor.git.errors import GitError, UnknownRef
from executor.git.mirror import Mirror, fetch, tip
from executor.git.view import CommitView
from llm.errors import CapReached, KeyRefused, LLMError, NoRoute
from llm.routing import Phase
from planner.facts import RepositoryEmpty
from planner.plan import Mode
from planner.propose import (
    Asked,
    Bounds,
    Continued,
    Crew,
    Declined,
    Outcome,
    Proposed,
    Refused,
    propose,
)
from planner.request import Request

# A request that met bad weather this often is given up with a sentence.
REQUEST_TRIES = 4


async def work_on_request(services: Services, request: RequestId) -> None:
    """Plan what was asked, under a lease; a lost race or a finished request is no error.

    Raises:
        PlaceClosed, TryLater: nothing can be done there now; the request waits.
    """
    waiting = await requests.get(services.store, request)
    assert waiting is not None
    change = await changes.get(services.store, waiting.change_id)
    assert change is not None
    place = await place_of(services, change.repository_id)
    lease = await requests.claim(services.store, request, services.owner, services.lease_seconds)
    if lease is None:
        return
    try:
        async with heartbeat(
            lambda: requests.renew(services.store, lease, services.lease_seconds),
            services.beat_seconds,
        ):
            await _work(place, change, request)
    except (LeaseEnded, plans.NotWanted):
        # Cancelled, or in another worker's hands.
        return
    finally:
        await requests.release(services.store, lease)


async def _work(place: Place, change: Change, request: RequestId) -> None:
    store = place.services.store
    row = await requests.get(store, request)
    assert row is not None
    if row.tries > 1:
        # A worker died planning this: what it had reserved is closed with the estimate.
        await close_lost(store, request=request)
    desk = PlanningDesk(place, change, row, Asking.model_validate_json(row.body))
    await changes.set_state(store, change.id, ChangeState.proposing)
    await publish(place.services, change.id)
    try:
        await _plan(desk)
    except (Suspended, Uninstalled):
        raise
    except GitHubRefused as error:
        # An answer, and asking again would cost the same models again.
        await _abandon(desk, replies.planning_failed(str(error)))
    except GitError as error:
        if row.tries < REQUEST_TRIES:
            raise
        await _abandon(desk, replies.planning_failed(str(error)))


async def _plan(desk: PlanningDesk) -> None:
    await _complain(desk)
    try:
        outcome = await _propose(desk)
    except NoRoute:
        await _give_up(desk, replies.no_key())
    except KeyRefused as error:
        await _give_up(desk, replies.refused_key(str(error)))
    except CapReached as error:
        await _give_up(desk, replies.planning_failed(str(error)))
    except LLMError as error:
        if desk.row.tries < REQUEST_TRIES:
            raise
        await _give_up(desk, replies.planning_failed(str(error)))
    else:
        await _settle(desk, outcome)


@dataclass(frozen=True)
class PlanningDesk:
    """One request on the table."""

    place: Place
    change: Change
    row: RequestRow
    asking: Asking

    @property
    def services(self) -> Services:
        return self.place.services

    @property
    def number(self) -> int:
        """Where the conversation is: the pull request for a follow-up, else the issue."""
        return self.asking.pull or self.change.number


async def _complain(desk: PlanningDesk) -> None:
    """A configuration with a mistake in it is named where its author looks: once per request."""
    held = await held_config(desk.place, is_fresh=True)
    if held.broken is not None:
        reply = replies.bad_configuration(str(held.broken))
        await say_once(desk.place, desk.change.id, desk.number, f"config-{desk.row.id}", reply)


async def _propose(desk: PlanningDesk) -> Outcome:
    config = await config_of(desk.place)
    on_github = await refreshed(desk.place)
    pull = await read_pull(desk.place.client, desk.asking.pull) if desk.asking.pull else None
    branch = pull.head.ref if pull else (config.branch.base or on_github.default_branch)
    mirror = desk.services.mirror(desk.place.repository)
    view = await _view(desk.place, mirror, branch)
    if view is None:
        return Declined(RepositoryEmpty())
    request = await _request(desk, config)
    facts = await situation(desk.place, desk.number, request, archived=on_github.archived)
    return await propose(
        request,
        facts,
        view,
        configured_checks(config, detect(view)),
        await _bounds(desk, config),
        await _crew(desk, config),
    )


async def _view(place: Place, mirror: Mirror, branch: str) -> CommitView | None:
    """The tip of the base branch, fetched now; None where there is no such branch."""
    remote = await remote_of(place, "read")
    try:
        await asyncio.to_thread(fetch, mirror, remote, branches=(branch,))
        return CommitView(mirror, branch, tip(mirror, branch))
    except UnknownRef:
        return None


async def _request(desk: PlanningDesk, config: RepoConfig) -> Request:
    """The request as it was made, and whether the text it rests on was edited since."""
    request = desk.asking.request
    if desk.asking.kind == "fix":
        return request
    if request.mode is None:
        request = request.model_copy(update={"mode": config.mode})
    now = await issue(desk.place.client, desk.number)
    return request.model_copy(update={"edited_since": goal_of(now.body or "") != request.goal})


async def _bounds(desk: PlanningDesk, config: RepoConfig) -> Bounds:
    is_fix = desk.asking.kind == "fix"
    return Bounds(
        revision=await plans.next_revision(desk.services.store, desk.change.id),
        caps=follow_up_caps(config) if is_fix else run_caps(config),
        max_sequential=config.caps.sequential,
        max_parallel=config.caps.parallel,
        agents=config.caps.agents,
        protected=config.paths.protected,
    )


async def _crew(desk: PlanningDesk, config: RepoConfig) -> Crew:
    services = desk.services
    for phase in (Phase.intake, Phase.draft):
        await loaded(services.routes.route(phase))
    return Crew(services.routes, partial(backend_of, services.settings), _meter(desk, config))


def _meter(desk: PlanningDesk, config: RepoConfig) -> SqlMeter:
    account = Account(
        change=desk.change.id,
        repository=desk.place.repository.id,
        run=None,
        request=desk.row.id,
    )
    return SqlMeter(desk.services.store, account, run_caps(config), day_caps())


async def _settle(desk: PlanningDesk, outcome: Outcome) -> None:
    """Store the outcome and say it; each branch may run twice and says it once."""
    match outcome:
        case Proposed(plan):
            await _proposed(
                desk, await plans.add(desk.services.store, desk.change.id, desk.row.id, plan)
            )
        case Asked(questions):
            await _end(desk, ChangeState.waiting, replies.questions(questions))
        case Declined(reason):
            await _end(desk, ChangeState.declined, replies.declined(reason))
        case Refused(problems):
            await _end(desk, ChangeState.declined, replies.plan_refused(problems))
        case Continued(pull):
            await _continue(desk, pull)


async def _proposed(desk: PlanningDesk, plan: PlanRow) -> None:
    if desk.asking.is_approval:
        await approve_follow_up(desk.place, desk.change, plan, desk.asking.request.asked_by)
        return
    if plan.revision > 1:
        reply = replies.new_revision(plan.revision, desk.asking.request.asked_by.login)
        await say_once(desk.place, desk.change.id, desk.number, f"revision-{plan.revision}", reply)
    await publish(desk.services, desk.change.id)


async def _continue(desk: PlanningDesk, number: int) -> None:
    """The request was a bare link to an open pull request: plan the follow-up there."""
    place = desk.place
    pull = await read_pull(place.client, number)
    if pull.head.repo is None or pull.head.repo.id != place.repository.id:
        await _end(desk, ChangeState.declined, replies.fork_refused())
        return
    asking = desk.asking.model_copy(
        update={
            "pull": number,
            "request": desk.asking.request.model_copy(
                update={
                    "title": pull.title,
                    "goal": pull.body or pull.title,
                    "mode": Mode.focused,
                }
            ),
        }
    )
    await _say(desk, replies.continued_on(number))
    await ask(desk.services, desk.change, f"{desk.row.key}:continued", asking)
    await requests.mark(desk.services.store, desk.row.id, RequestState.done)


async def _end(desk: PlanningDesk, state: ChangeState, reply: str) -> None:
    """No plan came of it. The reply first: a crash between the two says it once all the same."""
    await _say(desk, reply)
    await _close(desk, RequestState.done, state, reply)


async def _give_up(desk: PlanningDesk, reply: str) -> None:
    await _say(desk, reply)
    await _close(desk, RequestState.failed, ChangeState.failed, reply)


async def _abandon(desk: PlanningDesk, reply: str) -> None:
    """Where GitHub or git refused, a comment may be refused as well."""
    with suppress(GitHubRefused):
        await _say(desk, reply)
    await _close(desk, RequestState.failed, ChangeState.failed, reply)


async def _say(desk: PlanningDesk, reply: str) -> None:
    row = await requests.get(desk.services.store, desk.row.id)
    if row is None or row.state is not RequestState.received:
        raise plans.NotWanted(f"request {desk.row.id} was withdrawn")
    await say_once(desk.place, desk.change.id, desk.number, f"request-{desk.row.id}", reply)


async def _close(
    desk: PlanningDesk, state: RequestState, change_state: ChangeState, reply: str
) -> None:
    store, why = desk.services.store, reply.partition("\n")[0]
    await requests.mark(store, desk.row.id, state)
    await changes.set_state(store, desk.change.id, change_state, note=why)
    await publish(desk.services, desk.change.id)
