"""The few webhooks we act on, mapped at once from GitHub's payload to events of our own."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.github.answers import Account, Answer, Comment, Issue
from planner.request import Person


@dataclass(frozen=True)
class Where:
    """The repository an event is about, as the payload names it."""

    installation: int
    repository: int
    owner: str
    name: str


@dataclass(frozen=True)
class Speaker:
    """Who did it. Bots are told apart by account type, never by the look of their name."""

    person: Person
    is_bot: bool


@dataclass(frozen=True)
class Thread:
    """The issue or pull request, as it stood when the event was made."""

    number: int
    title: str
    body: str
    is_pull: bool
    is_open: bool


@dataclass(frozen=True)
class CommentMade:
    where: Where
    thread: Thread
    speaker: Speaker
    comment: int
    body: str
    at: datetime


@dataclass(frozen=True)
class CommentEdited:
    """`speaker` is who edited, not who wrote: a box ticked in our comment arrives like this."""

    where: Where
    thread: Thread
    speaker: Speaker
    comment: int
    author: int | None
    before: str
    after: str


@dataclass(frozen=True)
class CommentDeleted:
    where: Where
    thread: Thread
    comment: int


@dataclass(frozen=True)
class IssueOpened:
    where: Where
    thread: Thread
    speaker: Speaker
    at: datetime


@dataclass(frozen=True)
class IssueClosed:
    where: Where
    number: int
    speaker: Speaker


@dataclass(frozen=True)
class PullClosed:
    """`merge_sha` is None where it was closed without a merge."""

    where: Where
    number: int
    merge_sha: str | None
    speaker: Speaker


@dataclass(frozen=True)
class PullReopened:
    where: Where
    number: int


@dataclass(frozen=True)
class RepositoryMoved:
    """Renamed, transferred or archived; `is_archived` as of this event."""

    where: Where
    is_archived: bool


@dataclass(frozen=True)
class InstallationChanged:
    installation: int
    account: str
    action: str
    added: tuple[Where, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Unheard:
    """An event we take no action on; new ones appear at any time."""

    event: str
    action: str


Hook = (
    CommentMade
    | CommentEdited
    | CommentDeleted
    | IssueOpened
    | IssueClosed
    | PullClosed
    | PullReopened
    | RepositoryMoved
    | InstallationChanged
    | Unheard
)


class _Repository(Answer):
    id: int
    name: str
    full_name: str
    archived: bool = False


class _Installation(Answer):
    id: int
    account: Account | None = None


class _Changes(Answer):
    body: dict[str, str | None] | None = None


class _Pull(Answer):
    number: int
    merged: bool = False
    merge_commit_sha: str | None = None


class _Payload(Answer):
    action: str = ""
    installation: _Installation | None = None
    repository: _Repository | None = None
    sender: Account
    issue: Issue | None = None
    comment: Comment | None = None
    pull_request: _Pull | None = None
    changes: _Changes | None = None
    repositories: tuple[_Repository, ...] = ()
    repositories_added: tuple[_Repository, ...] = ()
    repositories_removed: tuple[_Repository, ...] = ()


_PAYLOAD = TypeAdapter(_Payload)


def read_hook(event: str, payload: bytes) -> Hook:
    """What happened. Raises pydantic.ValidationError where GitHub broke its own description."""
    if event not in _READERS:
        return Unheard(event, "")
    body = _PAYLOAD.validate_json(payload)
    return _READERS[event](body) or Unheard(event, body.action)


def _issue_comment(body: _Payload) -> Hook | None:
    where, issue, comment = _where(body), body.issue, body.comment
    if where is None or issue is None or comment is None:
        return None
    thread = _thread(issue)
    match body.action:
        case "created":
            return CommentMade(
                where, thread, _speaker(body), comment.id, comment.body or "", comment.created_at
            )
        case "edited":
            changed = body.changes.body if body.changes else None
            before = (changed or {}).get("from") or ""
            author = comment.user.id if comment.user else None
            after = comment.body or ""
            return CommentEdited(where, thread, _speaker(body), comment.id, author, before, after)
        case "deleted":
            return CommentDeleted(where, thread, comment.id)
        case _:
            return None


def _issues(body: _Payload) -> Hook | None:
    where = _where(body)
    if where is None or body.issue is None:
        return None
    match body.action:
        case "opened":
            return IssueOpened(where, _thread(body.issue), _speaker(body), body.issue.created_at)
        case "closed" | "deleted" | "transferred":
            return IssueClosed(where, body.issue.number, _speaker(body))
        case _:
            return None


def _pull_request(body: _Payload) -> Hook | None:
    where, pull = _where(body), body.pull_request
    if where is None or pull is None:
        return None
    match body.action:
        case "closed":
            sha = pull.merge_commit_sha if pull.merged else None
            return PullClosed(where, pull.number, sha, _speaker(body))
        case "reopened":
            return PullReopened(where, pull.number)
        case _:
            return None


def _repository(body: _Payload) -> Hook | None:
    where = _where(body)
    if where is None or body.repository is None:
        return None
    return RepositoryMoved(where, body.repository.archived)


def _installation(body: _Payload) -> Hook | None:
    if body.installation is None:
        return None
    one = body.installation
    account = one.account.login if one.account else ""
    added = (*body.repositories, *body.repositories_added)
    return InstallationChanged(
        one.id,
        account,
        body.action,
        tuple(_place(one.id, repository) for repository in added),
        tuple(repository.id for repository in body.repositories_removed),
    )


_READERS = {
    "issue_comment": _issue_comment,
    "issues": _issues,
    "pull_request": _pull_request,
    "repository": _repository,
    "installation": _installation,
    "installation_repositories": _installation,
}


def _where(body: _Payload) -> Where | None:
    if body.installation is None or body.repository is None:
        return None
    return _place(body.installation.id, body.repository)


def _place(installation: int, repository: _Repository) -> Where:
    owner, _, _ = repository.full_name.partition("/")
    return Where(installation, repository.id, owner, repository.name)


def _speaker(body: _Payload) -> Speaker:
    sender = body.sender
    return Speaker(Person(id=sender.id, login=sender.login), sender.type != "User")


def _thread(issue: Issue) -> Thread:
    return Thread(
        issue.number,
        issue.title,
        issue.body or "",
        issue.pull_request is not None,
        issue.state == "open",
    )
