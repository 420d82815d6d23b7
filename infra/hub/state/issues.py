"""Issues, their comments and labels; a pull request is an issue with a `pull`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from infra.hub.state.accounts import Account
from infra.hub.state.apps import App
from infra.hub.state.reactions import Reaction

if TYPE_CHECKING:
    from infra.hub.state.pulls import Pull
    from infra.hub.state.repositories import Repository

IssueState = Literal["open", "closed"]
CloseReason = Literal["completed", "not_planned", "reopened", "duplicate"]


@dataclass(eq=False)
class Label:
    id: int
    name: str
    color: str
    description: str | None = None
    default: bool = False


@dataclass(eq=False)
class Comment:
    id: int
    issue: Issue
    user: Account
    body: str
    created_at: datetime
    updated_at: datetime
    via: App | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(frozen=True)
class Mention:
    """`source` named this issue, which its timeline shows."""

    source: Issue
    by: Account
    at: datetime


@dataclass(eq=False)
class Issue:
    id: int
    repository: Repository
    number: int
    user: Account
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    via: App | None = None
    state: IssueState = "open"
    reason: CloseReason | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    locked: bool = False
    labels: list[Label] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    pull: Pull | None = None
