"""Who we are on GitHub: the App's own calls, and tokens minted per repository and purpose."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx
from githubkit import AppAuthStrategy, BaseAuthStrategy, TokenAuthStrategy

from bot.github.answers import Account, App, InstallationToken, Repository
from bot.github.calls import Endpoint, Json, Method, call
from bot.github.errors import Forbidden, NotThere, Suspended, Uninstalled

Purpose = Literal["talk", "read", "push"]

# What each purpose may do; the repository is always exactly one.
PERMISSIONS: Mapping[Purpose, Mapping[str, str]] = {
    "talk": {
        "contents": "write",
        "issues": "write",
        "pull_requests": "write",
        "checks": "write",
        "metadata": "read",
    },
    "read": {"contents": "read", "metadata": "read"},
    "push": {"contents": "write", "metadata": "read"},
}

# A token about to expire would do so in the middle of a push.
SPARE = timedelta(minutes=5)


@dataclass(frozen=True)
class Bot:
    """Our account as people see it. `user_id` is the bot user's id, not the App's."""

    app_id: int
    slug: str
    user_id: int

    @property
    def login(self) -> str:
        return f"{self.slug}[bot]"

    def email(self, web_host: str = "github.com") -> str:
        return f"{self.user_id}+{self.login}@users.noreply.{web_host}"


class Identity:
    """Holds the App's key and the tokens minted with it; one per process."""

    def __init__(self, endpoint: Endpoint, app_id: str, private_key: str) -> None:
        self.endpoint = endpoint
        self._auth: BaseAuthStrategy = AppAuthStrategy(app_id, private_key)
        self._tokens: dict[tuple[int, int, Purpose], InstallationToken] = {}
        self._locks: dict[tuple[int, int, Purpose], asyncio.Lock] = {}
        self._bot: Bot | None = None

    async def as_app(
        self,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Json | None = None,
    ) -> httpx.Response:
        """A call with the App's JWT."""
        return await call(self.endpoint, self._auth, method, path, params=params, json=json)

    async def app(self) -> App:
        return App.model_validate((await self.as_app("GET", "/app")).json())

    async def bot(self, installation: int, repository: int) -> Bot:
        """Our App with its bot user, looked up once; by that user's id we know our own comments.

        The look-up needs an installation's token: a JWT is good for the App's own endpoints only.
        """
        if self._bot is None:
            app = await self.app()
            token = await self.token(installation, repository, "read")
            auth = TokenAuthStrategy(token.token)
            answer = await call(self.endpoint, auth, "GET", f"/users/{app.slug}[bot]")
            account = Account.model_validate(answer.json())
            self._bot = Bot(app.id, app.slug, account.id)
        return self._bot

    async def token(
        self, installation: int, repository: int, purpose: Purpose, *, fresh: bool = False
    ) -> InstallationToken:
        """A token for one repository and one purpose, cached until shortly before it expires.

        Raises:
            Suspended, Uninstalled: the installation is suspended or gone.
        """
        key = (installation, repository, purpose)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            known = self._tokens.get(key)
            if known and not fresh and known.expires_at - datetime.now(UTC) > SPARE:
                return known
            minted = await self._mint(installation, repository, purpose)
            self._tokens[key] = minted
            return minted

    def forget(self, installation: int) -> None:
        """Drop every token of an installation that was suspended, removed or revoked."""
        for key in [key for key in self._tokens if key[0] == installation]:
            del self._tokens[key]

    async def _mint(
        self, installation: int, repository: int, purpose: Purpose
    ) -> InstallationToken:
        body: Json = {
            "repository_ids": [repository],
            "permissions": dict(PERMISSIONS[purpose]),
        }
        path = f"/app/installations/{installation}/access_tokens"
        try:
            answer = await self.as_app("POST", path, json=body)
        except NotThere as error:
            raise Uninstalled(str(error), error.status) from error
        except Forbidden as error:
            raise Suspended(str(error), error.status) from error
        return InstallationToken.model_validate(answer.json())

    async def repository_id(self, installation: int, owner: str, name: str) -> int:
        """A repository's id by its name, where no webhook has told it yet."""
        path = f"/app/installations/{installation}/access_tokens"
        body: Json = {"repositories": [name], "permissions": {"metadata": "read"}}
        answer = await self.as_app("POST", path, json=body)
        token = InstallationToken.model_validate(answer.json())
        auth = TokenAuthStrategy(token.token)
        found = await call(self.endpoint, auth, "GET", f"/repos/{owner}/{name}")
        return Repository.model_validate(found.json()).id

    async def installation_of(self, owner: str, name: str) -> int | None:
        """The installation that covers a repository, or None."""
        try:
            answer = await self.as_app("GET", f"/repos/{owner}/{name}/installation")
        except NotThere:
            return None
        return int(answer.json()["id"])
