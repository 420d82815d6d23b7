"""The few fields we read of GitHub's objects; everything else is ignored."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """An object of GitHub's: new fields and enum values must never break us."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(Answer):
    id: int
    login: str
    type: str = "User"


class App(Answer):
    id: int
    slug: str
    name: str = ""
    permissions: dict[str, str] = {}
    events: tuple[str, ...] = ()


class InstallationToken(Answer):
    token: str
    expires_at: datetime
    permissions: dict[str, str] = {}


class Repository(Answer):
    id: int
    name: str
    full_name: str
    owner: Account
    private: bool = False
    archived: bool = False
    default_branch: str
    has_issues: bool = True


class Installation(Answer):
    id: int
    account: Account | None = None
    suspended_at: datetime | None = None
    permissions: dict[str, str] = {}


class PullMark(Answer):
    """What an issue says of the pull request it is, if it is one."""

    merged_at: datetime | None = None


class Issue(Answer):
    id: int
    number: int
    title: str
    body: str | None = None
    state: str
    locked: bool = False
    user: Account | None = None
    created_at: datetime
    updated_at: datetime
    pull_request: PullMark | None = None


class Comment(Answer):
    id: int
    body: str | None = None
    user: Account | None = None
    created_at: datetime
    updated_at: datetime
    html_url: str = ""


class Reaction(Answer):
    id: int
    content: str
    user: Account | None = None
    created_at: datetime


class Permission(Answer):
    permission: str
    role_name: str = ""
    user: Account | None = None


class HeadRepository(Answer):
    id: int
    full_name: str


class Tip(Answer):
    """One end of a pull request."""

    ref: str
    sha: str
    repo: HeadRepository | None = None


class Pull(Answer):
    id: int
    number: int
    title: str = ""
    body: str | None = None
    state: str
    draft: bool = False
    merged: bool = False
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None
    html_url: str = ""
    head: Tip
    base: Tip
    user: Account | None = None
    node_id: str = ""


class CheckRun(Answer):
    id: int
    external_id: str | None = None
    name: str
    status: str
    conclusion: str | None = None


class FileContent(Answer):
    type: Literal["file"]
    encoding: str
    content: str
    sha: str


class HookDelivery(Answer):
    """One row of the App's delivery log. `id` asks for a redelivery, `guid` is ours to dedupe."""

    id: int
    guid: str
    delivered_at: datetime
    redelivery: bool = False
    status_code: int
    event: str
    action: str | None = None


class BranchRule(Answer):
    type: str
