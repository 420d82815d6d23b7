"""Everything the hub knows, and how things in it are found."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from infra.hub.state.accounts import Account
from infra.hub.state.apps import App, Installation, Registration, Token
from infra.hub.state.clock import Clock
from infra.hub.state.deliveries import Delivery
from infra.hub.state.repositories import RANK, Repository, Role
from infra.hub.state.switches import Switches

Json = dict[str, object]

# A consumer that keeps ids in 32 bits must fail here as it would on GitHub.
FIRST_ID = 2**31 + 1_000_003


@dataclass(frozen=True)
class Urls:
    web: str
    api: str

    def repository(self, repository: Repository) -> str:
        return f"{self.api}/repos/{repository.full_name}"

    def page(self, repository: Repository) -> str:
        return f"{self.web}/{repository.full_name}"


@dataclass(frozen=True)
class Notice:
    """One thing that happened, before it is decided which Apps hear of it."""

    event: str
    action: str | None
    payload: Json
    repository: Repository | None = None
    installation: Installation | None = None
    app: App | None = None


class Outbox(Protocol):
    def put(self, notice: Notice) -> None: ...

    def redeliver(self, delivery: Delivery) -> None: ...


class _Silence:
    def put(self, notice: Notice) -> None:
        del notice

    def redeliver(self, delivery: Delivery) -> None:
        del delivery


@dataclass(eq=False)
class World:
    """Read and changed only under `lock`: requests and tests live in different threads."""

    data: Path
    urls: Urls
    clock: Clock = field(default_factory=Clock)
    switches: Switches = field(default_factory=Switches)
    lock: threading.RLock = field(default_factory=threading.RLock)
    outbox: Outbox = field(default_factory=_Silence)
    accounts: dict[str, Account] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    registrations: dict[str, Registration] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)  # an old full name -> repository id
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_ID, 7))
    _quiet: bool = False

    def next_id(self) -> int:
        return next(self._ids)

    def account(self, login: str) -> Account | None:
        found = self.accounts.get(login.casefold())
        return None if found is None or found.gone else found

    def app_of(self, bot: Account) -> App | None:
        return next((app for app in self.apps.values() if app.bot is bot), None)

    def repository(self, full_name: str) -> Repository | None:
        wanted = full_name.casefold()
        every = self.repositories.values()
        return next((found for found in every if found.full_name.casefold() == wanted), None)

    def moved_to(self, full_name: str) -> Repository | None:
        return self.repositories.get(self.moved.get(full_name.casefold(), 0))

    def installation_on(self, app: App, repository: Repository) -> Installation | None:
        return next(
            (
                installation
                for installation in self.installations.values()
                if installation.app is app and installation.covers(repository.id, repository.owner)
            ),
            None,
        )

    def role(self, account: Account, repository: Repository) -> Role | None:
        owner = repository.owner
        if owner is account or account.id in owner.owners:
            return "admin"
        given = repository.collaborators.get(account.id)
        if given is None and not repository.private:
            return "read"
        return given

    def has_role(self, account: Account, repository: Repository, role: Role) -> bool:
        return RANK.get(self.role(account, repository) or "", 0) >= RANK[role]

    def announce(self, notice: Notice) -> None:
        if not self._quiet:
            self.outbox.put(notice)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What happens inside is told to nobody: GitHub sometimes loses an event altogether."""
        with self.lock:
            before, self._quiet = self._quiet, True
            try:
                yield
            finally:
                self._quiet = before
