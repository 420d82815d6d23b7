"""One connection pool that outlives the clients made over it."""

from types import TracebackType

import httpx


class SharedTransport(httpx.AsyncBaseTransport):
    """githubkit opens a client per block and closes it with its transport; the pool must stay."""

    def __init__(self, *, verify: bool = True) -> None:
        self._pool = httpx.AsyncHTTPTransport(
            verify=verify, trust_env=False, limits=httpx.Limits(max_keepalive_connections=16)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._pool.handle_async_request(request)

    async def __aenter__(self) -> "SharedTransport":
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """A client leaves; the pool stays."""

    async def aclose(self) -> None:
        """A client closes; the pool stays."""

    async def close_pool(self) -> None:
        """The program ends."""
        await self._pool.aclose()
