"""Which backend drives a route; a vendor's library is imported when the first call needs it."""

from __future__ import annotations

from datetime import UTC, datetime

from llm.backend import Backend
from llm.errors import NoRoute
from llm.meter import Clock
from llm.routing import Route


def utc_now() -> datetime:
    return datetime.now(UTC)


def backend_for(route: Route, clock: Clock = utc_now) -> Backend:
    match route.backend:
        case "in-process":
            from llm.inprocess import InProcess

            return InProcess(clock)
        case "scripted":
            if route.script is None:
                raise NoRoute(f"{route} names no script")
            from llm.scripted import scripted

            return scripted(route.script, clock)
