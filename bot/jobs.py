"""What a worker can be woken for, and what it does by itself; arguments are ids, as text."""

from collections.abc import Awaitable, Callable

import structlog

from bot.github.errors import Suspended, TryLater, Uninstalled
from bot.handlers.dispatch import handle_delivery
from bot.place import PlaceClosed
from bot.poller import poll_approvals
from bot.progress import refresh, show
from bot.services import Services
from bot.store.ids import ChangeId, Guid, RequestId
from bot.sweep import sweep_database, sweep_deliveries
from bot.worker import Job, Tick
from bot.workflows.attempting import run_attempt
from bot.workflows.planning import work_on_request
from bot.workflows.running import conduct_run
from executor.events import RunId
from planner.plan import StoryId

log = structlog.get_logger()

# The limits of the work itself end it long before; these only bound a job that hangs.
SHORT_SECONDS = 120.0
LONG_SECONDS = 2 * 60 * 60.0


def jobs(services: Services) -> tuple[Job, ...]:
    """One job for each thing that waits in the database."""

    async def delivery(guid: str) -> None:
        await _put_off(handle_delivery(services, Guid(guid)))

    async def request(request: str) -> None:
        await _put_off(work_on_request(services, RequestId(int(request))))

    async def run(run: str) -> None:
        await _put_off(conduct_run(services, RunId(run)))

    async def story(run: str, story: str, attempt: str) -> None:
        await _put_off(run_attempt(services, RunId(run), StoryId(story), int(attempt)))

    async def publish(change: str) -> None:
        await _put_off(show(services, ChangeId(int(change))))

    return (
        Job("delivery", delivery, SHORT_SECONDS),
        Job("request", request, LONG_SECONDS),
        Job("run", run, LONG_SECONDS),
        Job("story", story, LONG_SECONDS),
        Job("publish", publish, SHORT_SECONDS),
    )


def ticks(services: Services) -> tuple[Tick, ...]:
    """Once per period across all workers."""
    settings = services.settings
    return (
        _tick(services, "sweep", sweep_database, _sweep_seconds(settings.lease_seconds)),
        _tick(services, "hooks", sweep_deliveries, settings.sweep_seconds),
        _tick(services, "refresh", refresh, max(1.0, settings.status_edit_seconds)),
        _tick(services, "poll", poll_approvals, settings.approval_poll_seconds),
    )


def _tick(
    services: Services,
    name: str,
    work: Callable[[Services], Awaitable[None]],
    seconds: float,
) -> Tick:
    async def once() -> None:
        await _put_off(work(services))

    return Tick(name, once, seconds, SHORT_SECONDS)


def _sweep_seconds(lease_seconds: float) -> float:
    """Often enough that a lease which ran out is noticed before people do."""
    return min(5.0, max(0.5, lease_seconds / 3))


async def _put_off(work: Awaitable[None]) -> None:
    """GitHub's bad weather is no error of ours: what is left undone waits in the database."""
    try:
        await work
    except (TryLater, PlaceClosed, Suspended, Uninstalled) as reason:
        log.info("put off", reason=str(reason))
