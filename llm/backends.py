"""Which backend drives a route; a vendor's library is imported when the first call needs it."""

from __future__ import annotations

from datetime import UTC, datetime

from llm.backend import Backend
from llm.meter import Clock
from llm.routing import Route


def utc_now() -> datetime:
    return datetime.now(UTC)


def backend_for(route: Route, clock: Clock = utc_now) -> Backend:
    raise NotImplementedError
