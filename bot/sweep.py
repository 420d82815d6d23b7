"""Finds what the database says is unfinished, and what GitHub says we missed."""

from datetime import datetime, timedelta

from bot.github.deliveries import deliveries_since, redeliver
from bot.progress import publish
from bot.services import Services
from bot.store import cursors, deliveries, leases, plans, requests, runs
from bot.store.ids import Guid
from bot.store.journal import SqlJournal
from bot.store.ledger import close_lost
from bot.workflows.approving import start_approved
from bot.workflows.asking import wake_request
from executor.events import AttemptLost
from executor.journal import Stale

# GitHub keeps deliveries for three days; looking back a little further costs nothing.
LOOK_BACK = timedelta(days=3)
# Payloads are people's words; what was handled is emptied after this long.
KEPT = timedelta(days=30)
# A delivery this young may still be on its way in.
YOUNG = timedelta(seconds=5)
CURSOR = "hook-deliveries"


async def sweep_database(services: Services) -> None:
    """Wake whatever is unfinished and in nobody's hands; waking twice does no harm."""
    store, queue = services.store, services.queue
    for waiting in await deliveries.next_received(store):
        key = f"delivery:{waiting.guid}:{waiting.tries}"
        await queue.enqueue("delivery", waiting.guid, job_id=key)
    for request in await requests.unfinished(store):
        await wake_request(services, request)
    for plan in await plans.unposted(store):
        await publish(services, plan.change_id)
    await _start_approved(services)
    await _lose_expired(services)
    for attempt in await leases.ready_attempts(store, store.clock()):
        key = f"story:{attempt.run_id}:{attempt.story}:{attempt.attempt}:{attempt.bump}"
        await queue.enqueue("story", attempt.run_id, attempt.story, attempt.attempt, job_id=key)
    for run in await runs.unowned(store):
        await queue.enqueue("run", run.id, job_id=f"run:{run.id}:sweep")
    await cursors.put(store, cursors.SWEEP, store.clock().isoformat())


async def sweep_deliveries(services: Services) -> None:
    """Ask GitHub for every delivery that did not reach our inbox, or was not handled."""
    store = services.store
    now = store.clock()
    mark = await cursors.get(store, CURSOR)
    since = now - LOOK_BACK
    if mark is not None:
        # Overlap: a delivery may appear in the log a while after its own time.
        since = max(since, datetime.fromisoformat(mark) - timedelta(minutes=10))
    asked: set[str] = set()
    for one in await deliveries_since(services.identity, since):
        if one.guid in asked or now - one.delivered_at < YOUNG:
            continue
        asked.add(one.guid)
        known = await deliveries.get(store, Guid(one.guid))
        if known is None:
            await redeliver(services.identity, one.id)
    await cursors.put(store, CURSOR, now.isoformat())
    await deliveries.prune(store, now - KEPT)


async def _start_approved(services: Services) -> None:
    """An approval whose process died before it started the run."""
    for plan in await plans.approved_unstarted(services.store):
        await start_approved(services, plan)


async def _lose_expired(services: Services) -> None:
    """A worker went silent: its attempt is over, its reservations are closed, its run woken."""
    store = services.store
    for attempt in await leases.expired_attempts(store, store.clock()):
        lost = AttemptLost(
            story=attempt.story, attempt=attempt.attempt, owner=attempt.lease_owner or ""
        )
        try:
            await SqlJournal(store).append(attempt.run_id, lost)
        except Stale:
            continue
        await close_lost(store, run=attempt.run_id, story=attempt.story, attempt=attempt.attempt)
        key = f"run:{attempt.run_id}:lost:{attempt.story}:{attempt.attempt}"
        await services.queue.enqueue("run", attempt.run_id, job_id=key)
