"""One vendor client per endpoint and key, shared by every call of a process."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Required, TypedDict
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx2

from llm.routing import Endpoint

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from openai import AsyncOpenAI

    Client = AsyncOpenAI | AsyncAnthropic

RETRIES = 2
# Both SDKs sleep for as long as Retry-After asks, one of them without any limit. Beyond this the
# caller is told instead: it can do something else meanwhile, or wait in the database.
LONGEST_WAIT_SECONDS = 60
# Between bytes; the job's own watch on silence is shorter, this is for a watch that failed.
TIMEOUT_SECONDS = 600

on_bytes: ContextVar[Callable[[], None] | None] = ContextVar("on_bytes", default=None)
"""Told of every chunk that arrives for the current task's request, keep-alives included."""

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Endpoint, Client]] = WeakKeyDictionary()


def openai_client(endpoint: Endpoint) -> AsyncOpenAI:
    # Imported here: a vendor's library costs a second, and most processes need one of them.
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    mine = _of_this_loop()
    if endpoint not in mine:
        mine[endpoint] = AsyncOpenAI(
            api_key=endpoint.key.get_secret_value(),
            base_url=endpoint.base_url,
            max_retries=RETRIES,
            timeout=TIMEOUT_SECONDS,
            http_client=DefaultAsyncHttpxClient(**_http(endpoint)),
        )
    client = mine[endpoint]
    assert isinstance(client, AsyncOpenAI)
    return client


def anthropic_client(endpoint: Endpoint) -> AsyncAnthropic:
    from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient

    mine = _of_this_loop()
    if endpoint not in mine:
        mine[endpoint] = AsyncAnthropic(
            api_key=endpoint.key.get_secret_value(),
            base_url=endpoint.base_url,
            max_retries=RETRIES,
            timeout=TIMEOUT_SECONDS,
            http_client=DefaultAsyncHttpxClient(**_http(endpoint)),
        )
    client = mine[endpoint]
    assert isinstance(client, AsyncAnthropic)
    return client


async def close_clients() -> None:
    """Close what this event loop has opened; the next call opens it anew."""
    mine = _clients.pop(asyncio.get_running_loop(), {})
    for client in mine.values():
        await client.close()


def _of_this_loop() -> dict[Endpoint, Client]:
    return _clients.setdefault(asyncio.get_running_loop(), {})


class _Http(TypedDict, total=False):
    event_hooks: Required[dict[str, list[Callable[[httpx2.Response], object]]]]
    transport: httpx2.AsyncHTTPTransport


def _http(endpoint: Endpoint) -> _Http:
    http = _Http(event_hooks={"response": [_watch]})
    if _is_loopback(endpoint.base_url):
        # Without a transport given, one of the SDKs mounts the environment's proxies by itself,
        # whatever `trust_env` says.
        http["transport"] = httpx2.AsyncHTTPTransport()
    return http


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _watch(response: httpx2.Response) -> None:
    if _wait_asked(response.headers) > LONGEST_WAIT_SECONDS:
        response.headers["x-should-retry"] = "false"
    told = on_bytes.get()
    if told is not None and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Watched(response.stream, told)


def _wait_asked(headers: httpx2.Headers) -> float:
    """Seconds; Retry-After is a number or a date."""
    asked = headers.get("retry-after", "")
    try:
        return float(asked)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0


class _Watched(httpx2.AsyncByteStream):
    """A body that tells of each chunk: pings and hidden thoughts are signs of life as well."""

    def __init__(self, stream: httpx2.AsyncByteStream, told: Callable[[], None]) -> None:
        self._stream = stream
        self._told = told

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._told()
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
