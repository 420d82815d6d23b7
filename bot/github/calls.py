"""One call to GitHub and what became of it: reads retried, writes never, refusals named."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx
from githubkit import BaseAuthStrategy, GitHub
from githubkit.cache import MemCacheStrategy
from githubkit.exception import RateLimitExceeded, RequestError, RequestFailed

from bot.github.errors import (
    Forbidden,
    GitHubError,
    Invalid,
    Limited,
    NotThere,
    Refused,
    Suspended,
    Unanswered,
    Unauthorised,
)
from bot.github.transport import SharedTransport

API_VERSION = "2026-03-10"
READ_TRIES = 3
LIMIT_WITHOUT_HEADERS = timedelta(seconds=60)

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
Json = Mapping[str, object]


@dataclass(frozen=True)
class Endpoint:
    """Where GitHub is, and how patient we are with it."""

    api_url: str
    timeout_seconds: float
    retry_base_seconds: float
    transport: SharedTransport
    # githubkit keeps signed JWTs in a cache of the whole process, keyed by App id alone.
    cache: MemCacheStrategy = field(default_factory=MemCacheStrategy)
    user_agent: str = "baro"


async def call(
    endpoint: Endpoint,
    auth: BaseAuthStrategy,
    method: Method,
    path: str,
    *,
    params: Mapping[str, str | int] | None = None,
    json: Json | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """The answer, 2xx or 304.

    A read is tried three times with growing, jittered waits. A write is sent once: after a 5xx or
    a lost connection it may have happened, and only the caller knows how to look.

    Raises:
        GitHubError: see the tree in `bot.github.errors`.
    """
    tries = READ_TRIES if method == "GET" else 1
    for number in range(1, tries + 1):
        try:
            return await _once(endpoint, auth, method, path, params, json, headers)
        except Unanswered:
            if number == tries:
                raise
            wait = endpoint.retry_base_seconds * 2 ** (number - 1)
            await asyncio.sleep(wait * (0.5 + random.random()))
    raise AssertionError("unreachable: the loop returns or raises")


async def _once(
    endpoint: Endpoint,
    auth: BaseAuthStrategy,
    method: Method,
    path: str,
    params: Mapping[str, str | int] | None,
    json: Json | None,
    headers: Mapping[str, str] | None,
) -> httpx.Response:
    # A client in one expression would be collected under the request (it is held weakly).
    github = GitHub(
        auth,
        base_url=endpoint.api_url,
        timeout=httpx.Timeout(endpoint.timeout_seconds, connect=5),
        user_agent=endpoint.user_agent,
        async_transport=endpoint.transport,
        trust_env=False,
        cache_strategy=endpoint.cache,
        http_cache=False,
        auto_retry=False,
    )
    sent = {"X-GitHub-Api-Version": API_VERSION, **(headers or {})}
    try:
        response = await github.arequest(
            method, path.lstrip("/"), params=params, json=json, headers=sent
        )
    except RateLimitExceeded as error:
        raise Limited(_text(method, path, error), _now() + error.retry_after) from error
    except RequestFailed as error:
        raw = error.response.raw_response
        if raw.status_code == 304:
            return raw
        raise _named(method, path, raw) from error
    except RequestError as error:
        raise Unanswered(f"{method} {path}: {type(error.exc).__name__}") from error
    return response.raw_response


def _named(method: str, path: str, response: httpx.Response) -> GitHubError:
    status = response.status_code
    message = _message(response)
    text = f"{method} {path}: {status} {message}".strip()
    if status >= 500:
        return Unanswered(text)
    if status == 429 or (status == 403 and "rate limit" in message.lower()):
        # Secondary limits come without headers often enough; githubkit calls those plain failures.
        return Limited(text, _now() + LIMIT_WITHOUT_HEADERS)
    if status == 403 and "suspended" in message.lower():
        return Suspended(text, status)
    kinds: dict[int, type[Refused]] = {
        401: Unauthorised,
        403: Forbidden,
        404: NotThere,
        410: NotThere,
    }
    return kinds.get(status, Invalid)(text, status)


def _message(response: httpx.Response) -> str:
    """GitHub's own words; a proxy's HTML error page has none worth repeating."""
    if "json" not in response.headers.get("content-type", ""):
        return ""
    body = response.json()
    if not isinstance(body, dict):
        return ""
    details = [
        str(item.get("message") or item.get("code") or "") if isinstance(item, dict) else str(item)
        for item in body.get("errors") or ()
    ]
    return "; ".join(part for part in [str(body.get("message", "")), *details] if part)


def _text(method: str, path: str, error: RequestFailed) -> str:
    raw = error.response.raw_response
    return f"{method} {path}: {raw.status_code} {_message(raw)}".strip()


def _now() -> datetime:
    return datetime.now(UTC)
