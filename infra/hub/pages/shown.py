"""What a page shows, read from the world at one moment: plain values, nothing that changes."""

from dataclasses import dataclass
from datetime import datetime

from infra.hub.git.diffs import FileChange, changed_files, commits_between, merge_base
from infra.hub.git.store import open_store
from infra.hub.pages.text import rendered
from infra.hub.state.accounts import Account
from infra.hub.state.checks import CheckRun
from infra.hub.state.issues import Comment, Issue
from infra.hub.state.pulls import Pull
from infra.hub.state.reactions import Reaction, rollup
from infra.hub.state.repositories import Repository
from infra.hub.state.world import World

FACES = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "hooray": "🎉",
    "confused": "😕",
    "heart": "❤️",
    "rocket": "🚀",
    "eyes": "👀",
}
ROLES = {
    "admin": "may do everything here",
    "maintain": "may merge and approve",
    "write": "may merge and approve",
    "triage": "may label",
    "read": "may read and comment",
}


@dataclass(frozen=True)
class Viewer:
    """Who looks, and what that person may do in this repository."""

    login: str
    role: str | None

    @property
    def may_write(self) -> bool:
        return self.role in ("write", "maintain", "admin")

    @property
    def words(self) -> str:
        return ROLES.get(self.role or "", "a stranger here")


@dataclass(frozen=True)
class Face:
    content: str
    emoji: str
    count: int
    is_mine: bool


@dataclass(frozen=True)
class Post:
    """The issue's own text, or a comment. `raw` is sent back with one box flipped."""

    kind: str
    id: int
    author: str
    is_bot: bool
    at: datetime
    is_edited: bool
    html: str
    raw: str
    faces: tuple[Face, ...]


@dataclass(frozen=True)
class Row:
    number: int
    title: str
    state: str
    author: str
    at: datetime
    comments: int
    labels: tuple[str, ...]
    is_pull: bool


@dataclass(frozen=True)
class Commit:
    sha: str
    subject: str
    body: str
    author: str


@dataclass(frozen=True)
class Line:
    kind: str
    text: str


@dataclass(frozen=True)
class File:
    name: str
    status: str
    additions: int
    deletions: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Check:
    name: str
    state: str
    title: str
    html: str


@dataclass(frozen=True)
class Proposal:
    """The pull request half of a thread."""

    base: str
    head: str
    commits: tuple[Commit, ...]
    files: tuple[File, ...]
    checks: tuple[Check, ...]
    merged_by: str | None
    merge_sha: str | None

    @property
    def additions(self) -> int:
        return sum(file.additions for file in self.files)

    @property
    def deletions(self) -> int:
        return sum(file.deletions for file in self.files)


def viewer(world: World, login: str, repository: Repository | None) -> Viewer:
    account = world.account(login)
    if account is None or repository is None:
        return Viewer(login, None)
    given = world.role(account, repository)
    is_named = account.id in repository.collaborators or account.id in repository.owner.owners
    # Anybody reads what is public; a stranger is somebody nobody has let in.
    return Viewer(login, given if is_named or repository.owner is account else None)


def people(world: World) -> list[str]:
    return [one.login for one in world.accounts.values() if one.kind == "User" and not one.gone]


def rows(repository: Repository, *, pulls: bool) -> list[Row]:
    wanted = [one for one in repository.issues.values() if (one.pull is not None) is pulls]
    return [_row(one) for one in sorted(wanted, key=lambda one: -one.number)]


def _row(issue: Issue) -> Row:
    return Row(
        issue.number,
        issue.title,
        state_of(issue),
        issue.user.login,
        issue.created_at,
        len(issue.comments),
        tuple(label.name for label in issue.labels),
        issue.pull is not None,
    )


def state_of(issue: Issue) -> str:
    pull = issue.pull
    if pull is not None and pull.merged_at is not None:
        return "merged"
    if pull is not None and pull.draft and issue.state == "open":
        return "draft"
    return issue.state


def posts(world: World, issue: Issue, who: Viewer) -> list[Post]:
    page = world.urls.page(issue.repository)
    first = Post(
        "issue",
        issue.id,
        issue.user.login,
        issue.user.kind == "Bot",
        issue.created_at,
        False,
        rendered(issue.body or "", page, may_tick=who.may_write),
        issue.body or "",
        _faces(issue.reactions, who),
    )
    return [first, *(_post(comment, page, who) for comment in issue.comments)]


def _post(comment: Comment, page: str, who: Viewer) -> Post:
    return Post(
        "comment",
        comment.id,
        _login(comment.user),
        comment.user.kind == "Bot",
        comment.created_at,
        comment.updated_at > comment.created_at,
        rendered(comment.body, page, may_tick=who.may_write),
        comment.body,
        _faces(comment.reactions, who),
    )


def _login(account: Account) -> str:
    return "ghost" if account.gone else account.login


def _faces(reactions: list[Reaction], who: Viewer) -> tuple[Face, ...]:
    counts = rollup(reactions)
    mine = {one.content for one in reactions if one.user.login == who.login}
    return tuple(
        Face(content, emoji, counts.get(content, 0), content in mine)
        for content, emoji in FACES.items()
    )


def proposal(world: World, pull: Pull) -> Proposal:
    """Commits and files as git has them; checks as Apps reported them on the head."""
    store = open_store(pull.repository.path)
    base = merge_base(store, pull.base_sha, pull.head_sha) or pull.base_sha
    commits = tuple(
        Commit(str(one.id), *_message(one.message), one.author.name)
        for one in commits_between(store, base, pull.head_sha)
    )
    files = tuple(_file(one) for one in changed_files(store, base, pull.head_sha))
    page = world.urls.page(pull.repository)
    checks = tuple(
        _check(run, page) for run in pull.repository.check_runs() if run.head_sha == pull.head_sha
    )
    by = pull.merged_by.login if pull.merged_by else None
    return Proposal(pull.base_ref, pull.head_ref, commits, files, checks, by, pull.merge_commit_sha)


def _message(message: str) -> tuple[str, str]:
    subject, _, body = message.partition("\n")
    return subject, body.strip()


def _check(run: CheckRun, page: str) -> Check:
    state = run.conclusion or run.status
    return Check(run.name, state, run.title or "", rendered(run.summary or "", page))


def _file(change: FileChange) -> File:
    lines = tuple(_line(text) for text in (change.patch or "").splitlines())
    return File(change.filename, change.status, change.additions, change.deletions, lines)


def _line(text: str) -> Line:
    kinds = {"+": "added", "-": "removed", "@": "hunk"}
    return Line(kinds.get(text[:1], "same"), text)
