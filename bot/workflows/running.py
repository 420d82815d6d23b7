"""Conducts an approved plan's run under its lease, and concludes it once it is over."""

from collections.abc import Mapping

import structlog

from bot.github.errors import Refused, Suspended, Uninstalled
from bot.heartbeat import LeaseEnded, heartbeat
from bot.place import place_of
from bot.progress import publish
from bot.services import Services
from bot.store import changes, leases, plans, runs
from bot.store.changes import Change
from bot.store.fences import Pulse
from bot.store.journal import SqlJournal, entries
from bot.store.ledger import close_lost
from bot.store.runs import Run
from bot.store.states import ChangeState, RunRowState
from bot.workflows.announcing import announce
from bot.workflows.delivering import GitHubHost
from bot.workflows.orders import order_of
from executor.conductor import Ground, conduct
from executor.events import Outcome, RunFinished, RunId
from executor.state import RunState, fold
from llm.routing import Phase, Routes, Tier

log = structlog.get_logger()

STATE_AFTER: Mapping[Outcome, ChangeState] = {
    Outcome.delivered: ChangeState.delivered,
    Outcome.draft: ChangeState.delivered,
    Outcome.nothing: ChangeState.failed,
    Outcome.failed: ChangeState.failed,
    Outcome.cancelled: ChangeState.cancelled,
}


async def conduct_run(services: Services, run: RunId) -> None:
    """Advance a run as far as it goes now. Whoever loses the race for its lease just returns."""
    state = await _with_lease(services, run)
    while state and await _is_behind(services, run, state):
        state = await _with_lease(services, run)


async def _with_lease(
    services: Services, run: RunId, *, is_cancelling: bool = False
) -> RunState | None:
    """One holding of the lease. A cancelled run is interrupted, even in its gate, and concluded."""
    lease = await leases.claim_run(services.store, run, services.owner, services.lease_seconds)
    if lease is None:
        return None

    async def renew() -> Pulse:
        pulse = await leases.renew_run(services.store, lease, services.lease_seconds)
        return Pulse.held if is_cancelling and pulse is Pulse.cancelled else pulse

    try:
        async with heartbeat(renew, services.beat_seconds):
            return await _conduct(services, run, SqlJournal(services.store, fence=lease))
    except LeaseEnded as ended:
        if ended.pulse is not Pulse.cancelled:
            return None
    finally:
        await leases.release_run(services.store, lease)
    return await _with_lease(services, run, is_cancelling=True)


async def _is_behind(services: Services, run: RunId, state: RunState) -> bool:
    """An attempt that ended between our last look and the release woke somebody who gave way."""
    return bool(await entries(services.store, run, after=state.seq))


async def _conduct(services: Services, run_id: RunId, journal: SqlJournal) -> RunState | None:
    run = await runs.get(services.store, run_id)
    if run is None or run.state is RunRowState.finished:
        return None
    plan = await plans.by_id(services.store, run.plan_id)
    change = await changes.get(services.store, run.change_id)
    assert plan is not None
    assert change is not None
    place = await place_of(services, change.repository_id)
    order = await order_of(place, change, plan, run)
    mirror = services.mirror(place.repository)
    ground = Ground(
        journal=journal,
        mirror=mirror,
        workspaces=services.workspaces(mirror),
        sandbox=services.sandbox,
        host=GitHubHost(place, change, plan, run),
        clock=services.clock,
        rungs=rungs(services.routes),
        command_silence_seconds=services.settings.command_silence_seconds,
    )
    try:
        state = await conduct(order, ground)
    except (Suspended, Uninstalled):
        raise
    except Refused as error:
        # An answer: asking again changes nothing, and somebody has to know.
        ended = RunFinished(outcome=Outcome.failed, reason=f"GitHub refused: {error}")
        await journal.append(run.id, ended)
        state = fold(await journal.entries(run.id))
    if state.finished:
        try:
            await announce(place, change, plan, run, state)
        except (Suspended, Uninstalled):
            raise
        except Refused as error:
            log.warning("the last word was refused", run=run.id, reason=str(error))
        await conclude(services, run, change, state.finished.outcome)
    await publish(services, change.id)
    return state


async def conclude(services: Services, run: Run, change: Change, outcome: Outcome) -> None:
    """The row says what the journal says, and nothing stays reserved for this run."""
    after = STATE_AFTER[outcome]
    if change.pull_number and outcome is not Outcome.cancelled:
        # A follow-up that came to nothing leaves the pull request where it was.
        after = ChangeState.delivered
    await runs.finish(services.store, run.id, outcome, after)
    await close_lost(services.store, run=run.id)


def rungs(routes: Routes) -> Mapping[Tier, int]:
    """How long each tier's ladder is."""
    return {tier: _length(routes, tier) for tier in Tier}


def _length(routes: Routes, tier: Tier) -> int:
    rung = 0
    while routes.route(Phase.story, tier, rung) is not None:
        rung += 1
    return rung
