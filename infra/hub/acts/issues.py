"""Open, edit, close, label and lock issues; write, edit and delete comments."""

import re
from dataclasses import dataclass

from infra.hub.acts.announce import announce, announce_issue
from infra.hub.render import issues as render
from infra.hub.render.repositories import repository as render_repository
from infra.hub.state.accounts import Account
from infra.hub.state.apps import App
from infra.hub.state.issues import CloseReason, Comment, Issue, Label, Mention
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World

_REFERENCE = re.compile(r"(?<![\w/#])#(\d+)\b|/(?:issues|pull)/(\d+)\b")


def new_issue(
    world: World, repo: Repository, user: Account, title: str, body: str | None, via: App | None
) -> Issue:
    """A numbered issue that nobody has heard of yet; pulls share the numbers."""
    now = world.clock.now()
    issue = Issue(world.next_id(), repo, repo.next_number, user, title, body, now, now, via=via)
    repo.next_number += 1
    repo.issues[issue.number] = issue
    note_mentions(world, issue, user, body or "")
    return issue


def open_issue(
    world: World,
    repo: Repository,
    user: Account,
    title: str,
    body: str | None = None,
    via: App | None = None,
) -> Issue:
    issue = new_issue(world, repo, user, title, body, via)
    announce_issue(world, "opened", issue, user)
    return issue


def note_mentions(world: World, source: Issue, by: Account, text: str) -> None:
    """GitHub shows on an issue's timeline who named it."""
    for match in _REFERENCE.finditer(text):
        named = source.repository.issues.get(int(match[1] or match[2]))
        if named is not None and named is not source:
            named.mentions.append(Mention(source, by, world.clock.now()))


@dataclass(frozen=True)
class IssueEdit:
    """None leaves a field as it is."""

    title: str | None = None
    body: str | None = None


def edit_issue(world: World, issue: Issue, by: Account, edit: IssueEdit) -> None:
    changes: Json = {}
    if edit.title is not None and edit.title != issue.title:
        changes["title"] = {"from": issue.title}
        issue.title = edit.title
    if edit.body is not None and edit.body != issue.body:
        changes["body"] = {"from": issue.body or ""}
        issue.body = edit.body
        note_mentions(world, issue, by, edit.body)
    if changes:
        issue.updated_at = world.clock.now()
        announce_issue(world, "edited", issue, by, {"changes": changes})


def close_issue(
    world: World, issue: Issue, by: Account, reason: CloseReason | None = "completed"
) -> None:
    if issue.state == "closed":
        return
    issue.state, issue.closed_at, issue.closed_by = "closed", world.clock.now(), by
    issue.reason = None if issue.pull else reason
    issue.updated_at = issue.closed_at
    announce_issue(world, "closed", issue, by)


def reopen_issue(world: World, issue: Issue, by: Account) -> None:
    if issue.state == "open":
        return
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    issue.reason = None if issue.pull else "reopened"
    issue.updated_at = world.clock.now()
    announce_issue(world, "reopened", issue, by)


def delete_issue(world: World, issue: Issue, by: Account) -> None:
    repo = issue.repository
    del repo.issues[issue.number]
    repo.deleted_issues.add(issue.number)
    announce_issue(world, "deleted", issue, by)


def transfer_issue(world: World, issue: Issue, to: Repository, by: Account) -> Issue:
    old = issue.repository
    moved = new_issue(world, to, issue.user, issue.title, issue.body, issue.via)
    moved.comments, moved.reactions = issue.comments, issue.reactions
    for each in moved.comments:
        each.issue = moved
    del old.issues[issue.number]
    old.transferred_issues[issue.number] = moved
    changes: Json = {
        "new_issue": render.issue(world, moved),
        "new_repository": render_repository(world, to),
    }
    announce_issue(world, "transferred", issue, by, {"changes": changes})
    return moved


def lock_issue(world: World, issue: Issue, by: Account, *, locked: bool) -> None:
    issue.locked = locked
    announce_issue(world, "locked" if locked else "unlocked", issue, by)


def set_labels(world: World, issue: Issue, by: Account, names: list[str]) -> None:
    """Labels that the repository lacks are made on the spot, as GitHub does."""
    wanted = [_label(world, issue.repository, name) for name in dict.fromkeys(names)]
    before = issue.labels
    issue.labels = wanted
    for label in [x for x in wanted if x not in before]:
        _tell_label(world, "labeled", issue, by, label)
    for label in [x for x in before if x not in wanted]:
        _tell_label(world, "unlabeled", issue, by, label)


def _label(world: World, repo: Repository, name: str) -> Label:
    found = repo.label(name)
    if found is None:
        found = Label(world.next_id(), name, "ededed")
        repo.labels.append(found)
    return found


def _tell_label(world: World, action: str, issue: Issue, by: Account, label: Label) -> None:
    shown = render.label(world, issue.repository, label)
    announce_issue(world, action, issue, by, {"label": shown})


def write_comment(
    world: World, issue: Issue, user: Account, body: str, via: App | None = None
) -> Comment:
    now = world.clock.now()
    comment = Comment(world.next_id(), issue, user, body, now, now, via)
    issue.comments.append(comment)
    issue.updated_at = now
    note_mentions(world, issue, user, body)
    _tell_comment(world, "created", comment, user, {})
    return comment


def edit_comment(world: World, comment: Comment, by: Account, body: str) -> None:
    old, comment.body = comment.body, body
    if old != body:
        comment.updated_at = world.clock.now()
        _tell_comment(world, "edited", comment, by, {"changes": {"body": {"from": old}}})


def delete_comment(world: World, comment: Comment, by: Account) -> None:
    comment.issue.comments.remove(comment)
    _tell_comment(world, "deleted", comment, by, {})


def _tell_comment(world: World, action: str, comment: Comment, by: Account, fields: Json) -> None:
    shown: Json = {
        **fields,
        "issue": render.issue(world, comment.issue),
        "comment": render.comment(world, comment),
    }
    announce(world, "issue_comment", action, comment.issue.repository, by, shown)
