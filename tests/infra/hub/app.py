"""The App's side of a test: its JWT, its tokens, its calls."""

from dataclasses import dataclass, field
from functools import cache

import httpx
import jwt

from infra.hub.acts.apps import new_private_key
from infra.hub.running import Hub
from infra.hub.seed import Seeded

SHOP = "/repos/acme/shop"


@cache
def session_key() -> str:
    """Making one takes longer than a whole test."""
    return new_private_key()


@dataclass
class AppClient:
    hub: Hub
    seeded: Seeded
    token: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"User-Agent": "tests"})

    def jwt(self, **claims: object) -> str:
        now = int(self.hub.world.clock.now().timestamp())
        usual = {"iat": now - 60, "exp": now + 540, "iss": str(self.seeded.app_id)}
        return jwt.encode({**usual, **claims}, self.seeded.private_key, algorithm="RS256")

    async def mint(self, **narrowed: object) -> httpx.Response:
        path = f"/app/installations/{self.seeded.installation_id}/access_tokens"
        return await self.as_app("POST", path, narrowed)

    async def sign_in(self, **narrowed: object) -> "AppClient":
        answer = await self.mint(**narrowed)
        assert answer.status_code == 201, answer.text
        return AppClient(self.hub, self.seeded, answer.json()["token"])

    async def as_app(self, method: str, path: str, sent: object = None) -> httpx.Response:
        return await self.send(method, path, sent, {"Authorization": f"Bearer {self.jwt()}"})

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.send("GET", path, None, headers)

    async def post(self, path: str, sent: object = None) -> httpx.Response:
        return await self.send("POST", path, sent or {}, {})

    async def patch(self, path: str, sent: object) -> httpx.Response:
        return await self.send("PATCH", path, sent, {})

    async def put(self, path: str, sent: object = None) -> httpx.Response:
        return await self.send("PUT", path, sent or {}, {})

    async def delete(self, path: str) -> httpx.Response:
        return await self.send("DELETE", path, None, {})

    async def send(
        self, method: str, path: str, sent: object, headers: dict[str, str]
    ) -> httpx.Response:
        identity = {"Authorization": f"token {self.token}"} if self.token else {}
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            return await client.request(
                method,
                path if path.startswith("http") else self.hub.api_url + path,
                json=sent,
                headers={**self.headers, **identity, **headers},
            )

    @property
    def clone_url(self) -> str:
        web = self.hub.web_url.replace("http://", f"http://x-access-token:{self.token}@")
        return f"{web}/acme/shop.git"


async def as_person(
    hub: Hub, login: str, method: str, path: str, sent: object = None
) -> httpx.Response:
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        return await client.request(
            method, hub.api_url + path, json=sent, headers={"X-Hub-User": login}
        )
