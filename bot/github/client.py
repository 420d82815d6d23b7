"""One repository through one installation: every call we make there goes through here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx
from githubkit import TokenAuthStrategy
from pydantic import TypeAdapter

from bot.github.answers import Answer
from bot.github.calls import Json, Method, call
from bot.github.errors import Limited, Unauthorised
from bot.github.identity import Bot, Identity
from bot.github.pace import Pace
from executor.secrets import redact

T = TypeVar("T", bound=Answer)

PER_PAGE = 100
# A loop over pages has an end, whatever the other side links to.
PAGES = 100


@dataclass(frozen=True)
class Client:
    """Talks as the App to one repository. Owner and name may change; the ids do not."""

    identity: Identity
    pace: Pace
    installation: int
    repository: int
    owner: str
    name: str

    @property
    def root(self) -> str:
        return f"/repos/{self.owner}/{self.name}"

    async def bot(self) -> Bot:
        return await self.identity.bot(self.installation, self.repository)

    async def read(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """GET; retried by itself."""
        await self.pace.before_read(self.installation)
        return await self._call("GET", path, params=params, headers=headers)

    async def write(self, method: Method, path: str, json: Json | None = None) -> httpx.Response:
        """Anything but GET; in this writer's turn, and never repeated by itself.

        The one way out for words: whatever looks like a secret is taken out of them here.
        """
        await self.pace.before_write(self.installation)
        return await self._call(method, path, json=_without_secrets(json))

    async def pages(
        self, kind: type[T], path: str, params: Mapping[str, str | int] | None = None
    ) -> list[T]:
        """Every item of a list, all pages; `Link` says whether there is a next one."""
        many = TypeAdapter(list[kind])  # type: ignore[valid-type]
        items: list[T] = []
        for page in range(1, PAGES + 1):
            asked = {"per_page": PER_PAGE, **(params or {}), "page": page}
            answer = await self.read(path, params=asked)
            items += many.validate_json(answer.content)
            if "next" not in answer.links:
                break
        return items

    async def _call(
        self,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return await self._with_token(False, method, path, params, json, headers)
        except Unauthorised:
            # Revoked or expired early: mint once more, then believe the answer.
            return await self._with_token(True, method, path, params, json, headers)

    async def _with_token(
        self,
        fresh: bool,
        method: Method,
        path: str,
        params: Mapping[str, str | int] | None,
        json: Json | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        identity = self.identity
        token = await identity.token(self.installation, self.repository, "talk", fresh=fresh)
        auth = TokenAuthStrategy(token.token)
        try:
            return await call(
                identity.endpoint, auth, method, path, params=params, json=json, headers=headers
            )
        except Limited as limited:
            await self.pace.limited(self.installation, limited.until)
            raise


def _without_secrets(json: Json | None) -> Json | None:
    return {key: _clean(value) for key, value in json.items()} if json is not None else None


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in value.items()}
    return value
