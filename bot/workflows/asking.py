"""Writes a request down, once, and wakes a worker for it."""

from bot.asking import Asking
from bot.services import Services
from bot.store import requests
from bot.store.changes import Change
from bot.store.requests import RequestRow
from bot.store.states import RequestKind


async def ask(services: Services, change: Change, key: str, asking: Asking) -> RequestRow:
    """Write the request down once and wake a worker; the key is the trigger's own."""
    kind = RequestKind(asking.kind)
    row = await requests.add(services.store, change.id, key, kind, asking.model_dump_json())
    await wake_request(services, row)
    return row


async def wake_request(services: Services, row: RequestRow) -> None:
    await services.queue.enqueue("request", row.id, job_id=f"request:{row.id}:{row.tries}")
