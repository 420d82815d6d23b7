"""People, organisations and the bots of Apps."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

AccountKind = Literal["User", "Organization", "Bot"]


@dataclass(eq=False)
class Account:
    id: int
    login: str
    kind: AccountKind
    created_at: datetime
    name: str | None = None
    owners: set[int] = field(default_factory=set)  # of an organisation
    gone: bool = False  # a deleted account: whatever it wrote has `user: null`

    @property
    def email(self) -> str:
        return f"{self.id}+{self.login}@users.noreply.github.com"
