"""What somebody asked, as it waits in the database to be planned."""

from typing import Literal

from bot.services import Services
from bot.store import requests
from bot.store.changes import Change
from bot.store.requests import RequestRow
from bot.store.states import RequestKind
from planner.plan import Frozen
from planner.request import Request


class Asking(Frozen):
    """A request with its way back. `pull` is set where the work belongs on that pull request.

    `is_approval`: the command itself approves what comes of it, under the follow-up cap.
    """

    request: Request
    kind: Literal["plan", "fix"] = "plan"
    pull: int | None = None
    is_approval: bool = False


async def ask(services: Services, change: Change, key: str, asking: Asking) -> RequestRow:
    """Write the request down once and wake a worker; the key is the trigger's own."""
    kind = RequestKind(asking.kind)
    row = await requests.add(services.store, change.id, key, kind, asking.model_dump_json())
    await wake_request(services, row)
    return row


async def wake_request(services: Services, row: RequestRow) -> None:
    await services.queue.enqueue("request", row.id, job_id=f"request:{row.id}:{row.tries}")
