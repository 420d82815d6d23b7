"""Apps, where they are installed, and the tokens they mint."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from infra.hub.state.accounts import Account

Level = Literal["read", "write", "admin"]
Permissions = dict[str, Level]
LEVELS: dict[str, int] = {"read": 1, "write": 2, "admin": 3}


@dataclass(eq=False)
class App:
    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    private_key: str
    public_key: str
    client_id: str
    client_secret: str
    permissions: Permissions
    events: list[str]
    created_at: datetime
    hook_url: str | None = None
    hook_secret: str = ""
    hook_form: bool = False  # content type `form` instead of `json`


@dataclass(eq=False)
class Installation:
    id: int
    app: App
    account: Account
    permissions: Permissions
    events: list[str]
    created_at: datetime
    repository_ids: set[int] | None = None  # None: every repository of the account
    suspended_at: datetime | None = None
    suspended_by: Account | None = None
    removed: bool = False

    def covers(self, repository_id: int, owner: Account) -> bool:
        if self.removed or owner is not self.account:
            return False
        return self.repository_ids is None or repository_id in self.repository_ids


@dataclass(eq=False)
class Token:
    value: str
    installation: Installation
    permissions: Permissions
    repository_ids: frozenset[int] | None
    expires_at: datetime
    revoked: bool = False


@dataclass(eq=False)
class Registration:
    """A filled-in manifest form, waiting to be exchanged for the App's secrets."""

    code: str
    app: App
    expires_at: datetime
    used: bool = field(default=False)
