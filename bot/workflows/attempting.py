"""One attempt as a job: claimed, kept alive, run, and written down with its lease as proof."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.github.errors import GitHubError, Suspended, TryLater, Uninstalled
from bot.heartbeat import LeaseEnded, heartbeat
from bot.models import backend_of, loaded
from bot.place import Place, is_open, place_of
from bot.services import Services
from bot.store import changes, leases, plans, runs
from bot.store.changes import Change
from bot.store.fences import AttemptLease, Pulse
from bot.store.journal import SqlJournal, entries
from bot.store.ledger import Account, SqlMeter, close_lost
from bot.store.plans import PlanRow
from bot.store.runs import Run
from bot.workflows.caps import day_caps
from bot.workflows.orders import order_of
from bot.workflows.remote import remote_of
from executor.assembly import missing, recover
from executor.events import AttemptFailed, AttemptPassed, AttemptStarted, RunId, Sha
from executor.evidence import Evidence
from executor.failure import Failure, FailureClass
from executor.git.errors import GitError
from executor.git.mirror import Mirror, has
from executor.git.view import CommitView
from executor.journal import Stale
from executor.order import Order
from executor.prompts.briefing import shared_block
from executor.run_refs import publish, remote_ref, story_ref
from executor.setup import SetupFailed, prepare
from executor.state import fold
from executor.story import Failed, Ground, Passed, StoryTask, attempt
from llm.backend import Step
from llm.routing import Phase, Route
from planner.plan import StoryId

# How long a worker without a free place looks away.
BUSY_SECONDS = 0.3


async def run_attempt(services: Services, run: RunId, story: StoryId, number: int) -> None:
    """Try the story once, if this attempt is still to be had and this process has room.

    Raises:
        PlaceClosed: the App may not work there now; the attempt waits, untouched.
    """
    place = await _place(services, run)
    key = f"{run}:{story}:{number}"
    if len(services.stories) >= services.settings.workers_stories:
        # Back to the queue, where another worker may be free.
        later = f"story:{key}:later:{secrets.token_hex(3)}"
        await services.queue.enqueue(
            "story", run, story, number, job_id=later, delay_seconds=BUSY_SECONDS
        )
        return
    services.stories.add(key)
    try:
        await _claimed(place, run, story, number)
    finally:
        services.stories.discard(key)


async def _place(services: Services, run_id: RunId) -> Place:
    run = await runs.get(services.store, run_id)
    assert run is not None
    change = await changes.get(services.store, run.change_id)
    assert change is not None
    return await place_of(services, change.repository_id)


async def _claimed(place: Place, run: RunId, story: StoryId, number: int) -> None:
    services = place.services
    lease = await leases.claim_attempt(
        services.store, run, story, number, services.owner, services.lease_seconds
    )
    if lease is None:
        return
    shut: list[bool] = []

    async def renew() -> Pulse:
        pulse = await leases.renew_attempt(services.store, lease, services.lease_seconds)
        if pulse is Pulse.held and not await is_open(services, place.repository.id):
            shut.append(True)
            return Pulse.cancelled
        return pulse

    try:
        async with heartbeat(renew, services.beat_seconds):
            await _attempt(place, lease)
    except (LeaseEnded, Stale):
        if not shut:
            return
        await _let_go(services, lease, "the App was suspended")
    except asyncio.CancelledError:
        await asyncio.shield(_let_go(services, lease, "its worker was stopped"))
        raise
    await services.queue.enqueue("run", run, job_id=f"run:{run}:{story}:{number}")


async def _let_go(services: Services, lease: AttemptLease, reason: str) -> None:
    """It is stopped from outside: what the attempt did and cost stays its own, the next has a
    number of its own."""
    failure = Failure(kind=FailureClass.infrastructure, reason=reason, retry_after_seconds=0)
    with suppress(Stale):
        await leases.finish_attempt(services.store, lease, _failed(lease, failure))
    await close_lost(services.store, run=lease.run, story=lease.story, attempt=lease.attempt)


async def _attempt(place: Place, lease: AttemptLease) -> None:
    store = place.services.store
    try:
        desk = await _desk(place, lease)
    except (TryLater, Suspended, Uninstalled):
        # Nothing was begun, so nothing is counted.
        await leases.release_attempt(store, lease)
        raise
    story = desk.order.plan.story(lease.story)
    route = desk.services.routes.route(Phase.story, story.tier, lease.rung)
    started = AttemptStarted(
        story=lease.story,
        attempt=lease.attempt,
        owner=desk.services.owner,
        model=route.model if route else "",
    )
    await SqlJournal(store, fence=lease).append(lease.run, started)
    try:
        event = await _try(desk, route) if route else _failed(lease, _no_route())
    except (GitHubError, GitError) as error:
        failure = Failure(kind=FailureClass.infrastructure, reason=str(error))
        event = _failed(lease, failure)
    await leases.finish_attempt(store, lease, event)


async def _desk(place: Place, lease: AttemptLease) -> AttemptDesk:
    store = place.services.store
    run = await runs.get(store, lease.run)
    assert run is not None
    plan = await plans.by_id(store, run.plan_id)
    change = await changes.get(store, run.change_id)
    assert plan is not None
    assert change is not None
    order = await order_of(place, change, plan, run)
    return AttemptDesk(place, change, plan, run, order, lease)


@dataclass(frozen=True)
class AttemptDesk:
    """Everything one attempt was called with."""

    place: Place
    change: Change
    plan: PlanRow
    run: Run
    order: Order
    lease: AttemptLease

    @property
    def services(self) -> Services:
        return self.place.services


async def _try(desk: AttemptDesk, route: Route) -> AttemptPassed | AttemptFailed:
    services, lease, order = desk.services, desk.lease, desk.order
    state = fold(await entries(services.store, lease.run))
    mirror = services.mirror(desk.place.repository)
    workspaces = services.workspaces(mirror)
    if missing(mirror, state) or not has(mirror, lease.onto):
        remote = await remote_of(desk.place, "read")
        await asyncio.to_thread(recover, mirror, remote, order, state)
    try:
        await prepare(order.plan, workspaces, services.sandbox)
    except SetupFailed as error:
        return _failed(lease, Failure(kind=FailureClass.infrastructure, reason=str(error)))
    await loaded(route)
    base = order.plan.base
    task = StoryTask(
        run=lease.run,
        plan=order.plan,
        story=order.plan.story(lease.story),
        attempt=lease.attempt,
        route=route,
        onto=lease.onto,
        prepared_from=Sha(base.sha),
        shared=shared_block(order.plan, CommitView(mirror, base.branch, Sha(base.sha))),
        author=order.author,
        at=services.clock().replace(microsecond=0),
        trailers=order.trailers,
        feedback=state.story(lease.story).feedback,
    )
    ground = Ground(
        mirror=mirror,
        workspaces=workspaces,
        sandbox=services.sandbox,
        backend=backend_of(services.settings, route),
        meter=_meter(desk),
        on_step=_progress(services, lease),
        push=_publisher(desk, mirror),
        alone=services.checks_alone,
        command_silence_seconds=services.settings.command_silence_seconds,
    )
    return _event(lease, await attempt(task, ground))


def _meter(desk: AttemptDesk) -> SqlMeter:
    account = Account(
        change=desk.change.id,
        repository=desk.place.repository.id,
        run=desk.run.id,
        request=None,
    )
    return SqlMeter(desk.services.store, account, desk.order.plan.caps, day_caps())


def _progress(services: Services, lease: AttemptLease) -> Callable[[Step], None]:
    """Tells the status comment what a story is at; losing one of these loses nothing."""
    telling: set[asyncio.Task[None]] = set()

    def told(step: Step) -> None:
        text = f"{step.tool} {step.argument}".strip()
        task = asyncio.create_task(leases.set_doing(services.store, lease, text[:200]))
        telling.add(task)
        task.add_done_callback(telling.discard)

    return told


def _publisher(desk: AttemptDesk, mirror: Mirror) -> Callable[[Sha], None]:
    """Puts a story's commit where another worker finds it; called from a worker thread."""
    loop = asyncio.get_running_loop()
    order = desk.order

    def put(commit: Sha) -> None:
        if order.story_refs == "local":
            return
        minting = asyncio.run_coroutine_threadsafe(remote_of(desk.place, "push"), loop)
        ref = remote_ref(story_ref(order.run, desk.lease.story), order.story_refs)
        publish(mirror, minting.result(), ref, commit)

    return put


def _event(lease: AttemptLease, result: Passed | Failed) -> AttemptPassed | AttemptFailed:
    match result:
        case Passed():
            return AttemptPassed(
                story=lease.story,
                attempt=lease.attempt,
                commit=result.commit,
                tree=result.tree,
                summary=result.summary,
                evidence=result.evidence,
                outside=result.outside,
            )
        case Failed():
            return _failed(lease, result.failure, result.evidence)


def _failed(
    lease: AttemptLease, failure: Failure, evidence: tuple[Evidence, ...] = ()
) -> AttemptFailed:
    return AttemptFailed(
        story=lease.story, attempt=lease.attempt, failure=failure, evidence=evidence
    )


def _no_route() -> Failure:
    return Failure(
        kind=FailureClass.refused_key,
        reason="no model is configured for stories: set a key or `BARO_ROUTES`",
    )
