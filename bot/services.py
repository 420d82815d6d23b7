"""The composition root: everything a handler or a job needs, built once per process."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.config_files import Held
from bot.github.calls import Endpoint
from bot.github.client import Client
from bot.github.identity import Identity
from bot.github.pace import Pace, SlotPace
from bot.github.transport import SharedTransport
from bot.polls import Polls
from bot.queue import Queue
from bot.settings import Settings, require_app
from bot.store import installations
from bot.store.engine import Store, utc_now
from bot.store.ids import InstallationId, RepositoryId
from bot.store.installations import Repository
from bot.store.turns import claim_turn
from executor.git.mirror import Mirror, open_mirror
from executor.sandbox.port import Sandbox
from executor.workspace.port import Workspaces
from executor.workspace.worktree import Worktrees
from llm.clients import close_clients
from llm.default_routes import default_routes, vendor_endpoints
from llm.route_table import parse_routes
from llm.routing import Routes


@dataclass(frozen=True)
class Services:
    """Owned by one process. `owner` names it in leases and in the journal."""

    settings: Settings
    store: Store
    queue: Queue
    identity: Identity
    pace: Pace
    routes: Routes
    sandbox: Sandbox
    transport: SharedTransport
    configs: dict[RepositoryId, Held] = field(default_factory=dict)
    polls: Polls = field(default_factory=Polls)
    checks_alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    stories: set[str] = field(default_factory=set)
    clock: Callable[[], datetime] = utc_now
    owner: str = field(
        default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    )

    def client(self, repository: Repository) -> Client:
        return Client(
            self.identity,
            self.pace,
            repository.installation_id,
            repository.id,
            repository.owner,
            repository.name,
        )

    def clone_url(self, repository: Repository) -> str:
        """Built from our own setting, never taken from a payload."""
        return f"{self.settings.github_web_url}/{repository.full_name}.git"

    def mirror(self, repository: Repository) -> Mirror:
        return open_mirror(self.settings.data_dir / "mirrors", repository.id)

    def workspaces(self, mirror: Mirror) -> Workspaces:
        return Worktrees(self.settings.data_dir / "workspaces" / mirror.path.stem, mirror)

    @property
    def lease_seconds(self) -> float:
        return self.settings.lease_seconds

    @property
    def beat_seconds(self) -> float:
        return self.settings.lease_seconds / 3

    async def close(self) -> None:
        await close_clients()
        await self.queue.close()
        await self.transport.close_pool()
        await self.store.close()


async def build_services(settings: Settings, sandbox: Sandbox) -> Services:
    """Opens the database and the queue; calls nobody.

    Raises:
        SettingsError, RoutesError: a setting is missing or wrong, in one line.
    """
    identity, transport = identity_of(settings)
    store = Store(settings.database_url)
    return Services(
        settings=settings,
        store=store,
        queue=Queue.open(settings.redis_url),
        identity=identity,
        pace=database_pace(store, settings.write_spacing_seconds),
        routes=read_routes(settings),
        sandbox=sandbox,
        transport=transport,
    )


def identity_of(settings: Settings) -> tuple[Identity, SharedTransport]:
    """The App on GitHub, and the connections it speaks through; close them at the end."""
    app = require_app(settings)
    transport = SharedTransport()
    endpoint = Endpoint(
        settings.github_api_url,
        settings.http_timeout_seconds,
        settings.retry_base_seconds,
        transport,
    )
    return Identity(endpoint, str(app.app_id), app.private_key.get_secret_value()), transport


def read_routes(settings: Settings) -> Routes:
    """The operator's routes, or those that follow from the keys present."""
    keys = (
        _plain(settings.openai_api_key),
        settings.openai_base_url,
        _plain(settings.anthropic_api_key),
        settings.anthropic_base_url,
    )
    if not settings.routes:
        return default_routes(*keys)
    return parse_routes(settings.routes, settings.route_keys, vendor_endpoints(*keys))


def database_pace(store: Store, spacing_seconds: float) -> Pace:
    """Turns and silences as all processes see them."""

    async def silence(installation: int, until: datetime) -> None:
        await installations.limit(store, InstallationId(installation), until)

    async def silent_until(installation: int) -> datetime | None:
        row = await installations.get(store, InstallationId(installation))
        return row.limited_until if row else None

    return SlotPace(
        spacing_seconds,
        lambda installation, spacing: claim_turn(store, installation, spacing),
        silence,
        silent_until,
    )


def _plain(secret: object) -> str | None:
    reveal = getattr(secret, "get_secret_value", None)
    return reveal() if reveal else None
